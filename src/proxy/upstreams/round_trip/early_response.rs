//! Early responses: a server that answers while the request is still being written.
//!
//! pingora's sessions write a request to its end before they read. The response of a server that
//! answers early and then stops reading (413, say) would be unread until the write timeout.

use std::fmt::Debug;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf as _, BytesMut};
use pingora::protocols::l4::virt::{VirtualSockOpt, VirtualSocket};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// How long a server that has answered may take to continue reading before the rest of the request
/// is abandoned. A server that reads gets all of it: its answer may mean that it accepted the
/// callback.
const STALLED: Duration = Duration::from_secs(1);

/// The most that is read of responses while a request is written, in bytes.
const AHEAD: usize = 4096;

/// Why a request is not written to its end.
#[derive(Debug, thiserror::Error)]
#[error("the server answered and stopped reading")]
struct Answered;

/// A stream to a server that reads the response early while a write is blocked.
#[derive(Debug)]
pub(super) struct EarlyResponse<S> {
    stream: S,
    /// Read early, and not yet passed on.
    ahead: BytesMut,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> EarlyResponse<S> {
    pub(in crate::proxy) fn new(stream: S) -> Self {
        Self {
            stream,
            ahead: BytesMut::new(),
            stalled: None,
        }
    }

    /// Ready once there is a final response; fails if there will be none.
    fn poll_answer(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !has_final_answer(&self.ahead) {
            if self.ahead.len() >= AHEAD {
                return Poll::Pending;
            }
            let mut space = [0; 512];
            let mut into = ReadBuf::new(&mut space);
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut into))?;
            if into.filled().is_empty() {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            self.ahead.extend_from_slice(into.filled());
        }
        Poll::Ready(Ok(()))
    }

    /// The result of a write; while the write is blocked, reads the response.
    fn or_answered<T>(
        &mut self,
        written: Poll<io::Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        ready!(self.poll_answer(context))?;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(STALLED)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::Error::other(Answered)))
    }
}

/// Whether there is more than interim responses (1xx), after which writing continues.
fn has_final_answer(mut response: &[u8]) -> bool {
    const VERSION: usize = "HTTP/1.1 ".len();
    const END: &[u8] = b"\r\n\r\n";
    while let Some(class) = response.get(VERSION) {
        if *class != b'1' {
            return true;
        }
        let mut windows = response.windows(END.len());
        let Some(end) = windows.position(|window| window == END) else {
            return false;
        };
        response = response
            .get(end.saturating_add(END.len())..)
            .unwrap_or_default();
    }
    false
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for EarlyResponse<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.ahead.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, into);
        }
        let now = self.ahead.len().min(into.remaining());
        into.put_slice(self.ahead.get(..now).unwrap_or_default());
        self.ahead.advance(now);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for EarlyResponse<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.or_answered(written, context)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.or_answered(flushed, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S> VirtualSocket for EarlyResponse<S>
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
    use super::has_final_answer;

    #[test]
    fn interim_answers_are_not_final() {
        for (response, is_final) in [
            ("", false),
            ("HTTP/1.1 ", false),
            ("HTTP/1.1 4", true),
            ("HTTP/1.1 100 Continue\r\n", false),
            ("HTTP/1.1 100 Continue\r\n\r\n", false),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 1", false),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200", true),
            (
                "HTTP/1.1 103 Early Hints\r\nLink: </413>\r\n\r\nHTTP/1.1 413 Too Large\r\n",
                true,
            ),
            ("neither nor", true),
        ] {
            assert_eq!(
                has_final_answer(response.as_bytes()),
                is_final,
                "{response}"
            );
        }
    }
}
