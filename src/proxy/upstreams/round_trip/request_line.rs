//! Request lines that pingora cannot hold, because the target's query has characters that a URI
//! must not have: `"`, `<` and `>`. The client sent them, and the backend gets them.

use std::fmt::Debug;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use http::Method;
use pingora::protocols::Stream;
use pingora::protocols::l4::stream::Stream as Socket;
use pingora::protocols::l4::virt::{VirtualSockOpt, VirtualSocket, VirtualSocketStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The target in the header that pingora writes.
pub(super) const PLACEHOLDER: &[u8] = b"/";

/// The beginning of a request: method, target, and a space behind each.
#[derive(Clone)]
pub(in crate::proxy) struct RequestLine {
    start: Bytes,
    /// The length of what pingora writes in its place.
    replaced: usize,
}

impl RequestLine {
    /// `None` for a target that would end the line, or is read differently by others.
    pub(super) fn new(method: &Method, target: &[u8]) -> Option<Self> {
        let is_odd = |byte: &u8| matches!(byte, 0..=0x20 | b'#' | 0x7f);
        if !target.starts_with(b"/") || target.iter().any(is_odd) {
            return None;
        }
        let method = method.as_str().as_bytes();
        let start = |target| [method, b" ", target, b" "].concat();
        Some(Self {
            replaced: start(PLACEHOLDER).len(),
            start: start(target).into(),
        })
    }

    /// A connection on which the next request begins with this instead of the placeholder.
    pub(super) fn on(self, stream: Stream) -> Stream {
        let replacing: Box<dyn VirtualSocket> = Box::new(Replacing { stream, line: self });
        Box::new(Socket::from(VirtualSocketStream::new(replacing)))
    }
}

/// A stream whose first bytes are replaced as they are written.
#[derive(Debug)]
struct Replacing<S> {
    stream: S,
    line: RequestLine,
}

/// Does not print the target, which may have a signature.
impl Debug for RequestLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RequestLine").finish_non_exhaustive()
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Replacing<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Self { stream, line } = &mut *self;
        while !line.start.is_empty() {
            let written = ready!(Pin::new(&mut *stream).poll_write(context, &line.start))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            line.start.advance(written);
        }
        if line.replaced > 0 {
            let dropped = line.replaced.min(bytes.len());
            line.replaced = line.replaced.saturating_sub(dropped);
            return Poll::Ready(Ok(dropped));
        }
        Pin::new(stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Replacing<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl<S> VirtualSocket for Replacing<S>
where
    S: AsyncRead + AsyncWrite + Debug + Unpin + Send + Sync,
{
    /// All options that matter were set when it was connected.
    fn set_socket_option(&self, _: VirtualSockOpt) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    #[test]
    fn a_target_cannot_end_its_line() {
        let line = |target: &str| RequestLine::new(&Method::POST, target.as_bytes());
        for target in ["/a?\"<>", "/a?\u{e9}"] {
            assert!(line(target).is_some(), "{target}");
        }
        for target in [
            "/a b",
            "/a\r\nb",
            "/a\nb",
            "/a?\tb",
            "/a#b",
            "/\u{7f}",
            "",
            "*",
            "http://a/",
        ] {
            assert!(line(target).is_none(), "{target:?}");
        }
    }

    #[tokio::test]
    async fn only_the_first_bytes_are_replaced_in_whatever_pieces_they_are_written() {
        let request = b"POST / HTTP/1.1\r\nHost: a\r\n\r\nPOST / HTTP/1.1";
        for size in 1..request.len() {
            let mut replacing = Replacing {
                stream: ByteByByte(Vec::new()),
                line: RequestLine::new(&Method::POST, b"/a?\"").unwrap(),
            };
            for piece in request.chunks(size) {
                replacing.write_all(piece).await.unwrap();
            }
            let expected = b"POST /a?\" HTTP/1.1\r\nHost: a\r\n\r\nPOST / HTTP/1.1";
            assert_eq!(replacing.stream.0, expected, "{size}");
        }
    }

    /// A sink that takes a byte at a time.
    #[derive(Debug)]
    struct ByteByByte(Vec<u8>);

    impl AsyncWrite for ByteByByte {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            let taken = bytes.len().min(1);
            self.0.extend_from_slice(&bytes[..taken]);
            Poll::Ready(Ok(taken))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }
}
