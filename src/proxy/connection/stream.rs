//! A client's byte stream as pingora's sessions accept it, whatever the transport.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use async_trait::async_trait;
use bytes::{Buf as _, BytesMut};
use pingora::protocols::l4::stream::Stream as Socket;
use pingora::protocols::raw_connect::ProxyDigest;
use pingora::protocols::{
    GetProxyDigest, GetSocketDigest, GetTimingDigest, Peek, Shutdown, SocketDigest, Ssl,
    TimingDigest, UniqueID, UniqueIDType,
};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio_rustls::server::TlsStream;

use super::chunk_lines::{BadChunk, ChunkLines};

/// A client's byte stream.
///
/// pingora cannot peek into it, and therefore takes the protocol from its options: detecting HTTP/1
/// or HTTP/2 is up to us.
#[derive(Debug)]
pub(super) struct ClientStream {
    /// Bytes that were read and put back.
    ahead: BytesMut,
    /// While a chunked body is read: the place in it. In a lock, because pingora lends its streams
    /// immutably.
    chunks: Mutex<Option<ChunkLines>>,
    transport: Transport,
}

#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "the stream is boxed as a whole, and nearly all of it is the socket in either case"
)]
enum Transport {
    Plain(Socket),
    Tls(Box<TlsStream<Socket>>),
}

impl From<Socket> for ClientStream {
    fn from(socket: Socket) -> Self {
        Self::over(Transport::Plain(socket))
    }
}

impl From<TlsStream<Socket>> for ClientStream {
    fn from(tls: TlsStream<Socket>) -> Self {
        Self::over(Transport::Tls(Box::new(tls)))
    }
}

impl ClientStream {
    fn over(transport: Transport) -> Self {
        Self {
            ahead: BytesMut::new(),
            chunks: Mutex::new(None),
            transport,
        }
    }

    /// Puts back what was read, so that it is read again.
    pub(super) fn put_back(&mut self, read: BytesMut) {
        self.ahead = read;
    }

    /// Starts checking the lines of a chunked body, of which these bytes were already read. `None`
    /// ends the check for the previous request.
    ///
    /// # Errors
    /// As for [`ChunkLines::look_at`], which later makes reading fail.
    pub(super) fn expect_chunks(&self, body: Option<&[u8]>) -> Result<(), BadChunk> {
        let mut chunks = self.chunks.lock().unwrap_or_else(PoisonError::into_inner);
        *chunks = body.map(|_| ChunkLines::START);
        match (chunks.as_mut(), body) {
            (Some(chunks), Some(body)) => chunks.look_at(body),
            _ => Ok(()),
        }
    }

    fn socket(&self) -> &Socket {
        match &self.transport {
            Transport::Plain(socket) => socket,
            Transport::Tls(tls) => tls.get_ref().0,
        }
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = into.filled().len();
        let result = if this.ahead.is_empty() {
            match &mut this.transport {
                Transport::Plain(socket) => Pin::new(socket).poll_read(context, into),
                Transport::Tls(tls) => Pin::new(tls).poll_read(context, into),
            }
        } else {
            let now = this.ahead.len().min(into.remaining());
            if let Some(bytes) = this.ahead.get(..now) {
                into.put_slice(bytes);
            }
            this.ahead.advance(now);
            Poll::Ready(Ok(()))
        };
        let chunks = this.chunks.get_mut();
        if let Some(chunks) = chunks.unwrap_or_else(PoisonError::into_inner) {
            let fresh = into.filled().get(before..).unwrap_or_default();
            if chunks.look_at(fresh).is_err() {
                return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
            }
        }
        result
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.transport {
            Transport::Plain(socket) => Pin::new(socket).poll_write(context, bytes),
            Transport::Tls(tls) => Pin::new(tls).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Plain(socket) => Pin::new(socket).poll_flush(context),
            Transport::Tls(tls) => Pin::new(tls).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Plain(socket) => Pin::new(socket).poll_shutdown(context),
            Transport::Tls(tls) => Pin::new(tls).poll_shutdown(context),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.transport {
            Transport::Plain(socket) => Pin::new(socket).poll_write_vectored(context, parts),
            Transport::Tls(tls) => Pin::new(tls).poll_write_vectored(context, parts),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.transport {
            Transport::Plain(socket) => socket.is_write_vectored(),
            Transport::Tls(tls) => tls.is_write_vectored(),
        }
    }
}

#[async_trait]
impl Shutdown for ClientStream {
    async fn shutdown(&mut self) {
        // The client may be gone, which is what this detects.
        let _ = AsyncWriteExt::shutdown(self).await;
    }
}

impl UniqueID for ClientStream {
    fn id(&self) -> UniqueIDType {
        self.socket().id()
    }
}

impl Ssl for ClientStream {}

impl Peek for ClientStream {}

impl GetTimingDigest for ClientStream {
    fn get_timing_digest(&self) -> Vec<Option<TimingDigest>> {
        self.socket().get_timing_digest()
    }
}

impl GetProxyDigest for ClientStream {
    fn get_proxy_digest(&self) -> Option<Arc<ProxyDigest>> {
        self.socket().get_proxy_digest()
    }
}

impl GetSocketDigest for ClientStream {
    fn get_socket_digest(&self) -> Option<Arc<SocketDigest>> {
        self.socket().get_socket_digest()
    }
}
