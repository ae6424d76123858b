//! TLS to servers.
//!
//! pingora's own connector would add a second crypto library, panic on a system certificate that it
//! cannot read, and rebuild its settings for each connection.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::config::ServerTls;

/// Performs the TLS handshake on a connection, which authenticates the server.
pub(super) async fn secure<S>(stream: S, tls: &ServerTls) -> io::Result<TlsStream<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let connector = TlsConnector::from(Arc::clone(&tls.config.0));
    connector.connect(tls.name.clone(), stream).await
}
