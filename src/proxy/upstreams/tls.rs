//! TLS to servers, as a stream that pingora's sessions take.
//!
//! pingora's own connector would bring a second crypto library, panic on a certificate of the
//! system that it cannot read, and build its settings anew for each connection.

use std::fmt::Debug;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pingora::protocols::l4::stream::Stream as Socket;
use pingora::protocols::l4::virt::{VirtualSockOpt, VirtualSocket, VirtualSocketStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::config::ServerTls;

/// Speaks TLS on a connection; the server has then proved to be who it should be.
pub(super) async fn secure<S>(stream: S, tls: &ServerTls) -> io::Result<Socket>
where
    S: AsyncRead + AsyncWrite + Debug + Unpin + Send + Sync + 'static,
{
    let connector = TlsConnector::from(Arc::clone(&tls.config.0));
    let stream = connector.connect(tls.name.clone(), stream).await?;
    Ok(VirtualSocketStream::new(Box::new(Secured(stream))).into())
}

#[derive(Debug)]
struct Secured<S>(TlsStream<S>);

impl<S> VirtualSocket for Secured<S>
where
    S: AsyncRead + AsyncWrite + Debug + Unpin + Send + Sync,
{
    /// All that matter were set before the handshake.
    fn set_socket_option(&self, _: VirtualSockOpt) -> io::Result<()> {
        Ok(())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Secured<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Secured<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
