//! TLS to servers.
//!
//! pingora's own connector would bring a second crypto library, panic on a certificate of the
//! system that it cannot read, and build its settings anew for each connection.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::config::ServerTls;

/// Speaks TLS on a connection; the server has then proved to be who it should be.
pub(super) async fn secure<S>(stream: S, tls: &ServerTls) -> io::Result<TlsStream<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let connector = TlsConnector::from(Arc::clone(&tls.config.0));
    connector.connect(tls.name.clone(), stream).await
}
