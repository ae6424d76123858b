//! Reads the header of an HTTP/1 request before pingora parses it.

use std::mem::MaybeUninit;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};

use bytes::{Buf as _, BytesMut};
use pingora::protocols::Stream;
use pingora::protocols::http::ServerSession;
use tokio::io::{AsyncRead as _, AsyncReadExt as _, ReadBuf};
use tokio::task::unconstrained;
use tokio::time::Instant;

use super::chunk_lines::BadChunk;
use super::sent_target;
use super::stream::ClientStream;
use crate::config::ClientTimeouts;
use crate::judge::Fault;
use crate::proxy::request::{Pace, Unreadable, framing, request_head};

/// The longest header of an HTTP/1 request, and of HTTP/2. It does not count against the buffer.
pub(in crate::proxy) const MAX_HEADER: usize = 64 << 10;

/// How much of a header is read at once; nearly all are complete then.
pub(super) const HEADER_READ: usize = 4 << 10;

/// Waits for the first bytes; `None` if the client closed the connection. The buffer is only
/// allocated when there are bytes, so that an idle connection holds none.
pub(super) async fn first_bytes(stream: &mut Stream) -> Option<BytesMut> {
    std::future::poll_fn(|context| {
        let mut space = [const { MaybeUninit::uninit() }; HEADER_READ];
        let mut read = ReadBuf::uninit(&mut space);
        let result = ready!(Pin::new(&mut *stream).poll_read(context, &mut read));
        let first = BytesMut::from(read.filled());
        Some(first)
            .filter(|first| result.is_ok() && !first.is_empty())
            .into()
    })
    .await
}

/// The result of reading a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::proxy) enum HeaderRead {
    /// The client closed the connection first.
    Nothing,
    /// A header.
    Header,
    /// A header, followed by a malformed chunk.
    BadChunk,
}

/// Reads until the end of a header, including whatever arrives with it: at the rate that `timeouts`
/// requires, and until the deadline, if there is one that started earlier.
pub(in crate::proxy) async fn read_header(
    stream: &mut Stream,
    read: &mut BytesMut,
    timeouts: &ClientTimeouts,
    deadline: Option<Instant>,
) -> Result<HeaderRead, Fault> {
    let mut searched: usize = 0;
    // Most headers arrive in one piece, and need no clock.
    let mut pace: Option<Pace> = None;
    loop {
        // Leading empty lines do not end the header.
        read.advance(read.iter().take_while(|byte| is_line_end(byte)).count());
        let unsearched = read.get(searched..).unwrap_or_default();
        let end = unsearched
            .windows(3)
            .position(|end| matches!(end, b"\n\r\n" | [_, b'\n', b'\n']));
        // Whatever arrives after it does not count.
        let length = end.map_or(read.len(), |end| searched.saturating_add(end));
        if length > MAX_HEADER {
            return Err(Fault::HeaderTooLarge);
        }
        if end.is_some() {
            framing::check_request_line(read)?;
            let (header, body) = read.split_at_checked(length).unwrap_or_default();
            let body = body.get("\n\r\n".len()..).unwrap_or_default();
            return expect_body(stream, header, body);
        }
        searched = read.len().saturating_sub(2);
        read.reserve(HEADER_READ);
        let pace = pace.get_or_insert_with(|| {
            let now = Instant::now();
            let end = deadline.or_else(|| now.checked_add(timeouts.header));
            Pace::new(now, end.unwrap_or(now), timeouts)
        });
        let more = pace.wait(pin!(stream.read_buf(read))).await;
        match more.ok_or(Fault::HeaderTimeout)? {
            Ok(0) | Err(_) => return Ok(HeaderRead::Nothing),
            Ok(bytes) => pace.received(bytes, Instant::now()),
        }
    }
}

/// Lets pingora parse a header of which the end was found.
///
/// # Errors
/// What the log can say of a header that pingora refuses.
pub(super) fn parse(
    session: &mut ServerSession,
    mut header: BytesMut,
) -> Result<(), Box<Unreadable>> {
    let mut space = [const { MaybeUninit::uninit() }; HEADER_READ];
    let mut kept = ReadBuf::uninit(&mut space);
    // pingora keeps nothing of what it refuses. This is on the stack, and costs no memory.
    let start = header.get(..HEADER_READ).unwrap_or(&header);
    kept.put_slice(start);
    let unreadable = || Unreadable::new(Fault::RequestMalformed, kept.filled());
    let sent_target = sent_target::take(&mut header);
    session.set_pipelined_prefix(header);
    // The whole header is there, so there is nothing to wait for: if pingora waits, it has found
    // the end elsewhere.
    let read = {
        let read = pin!(unconstrained(session.read_request()));
        read.poll(&mut Context::from_waker(Waker::noop()))
    };
    if !matches!(read, Poll::Ready(Ok(true))) {
        return Err(unreadable());
    }
    if let Some(target) = sent_target {
        request_head::set_target(session.req_header_mut(), target);
    }
    Ok(())
}

/// Checks the beginning of the body after a header, if the body is chunked.
fn expect_body(stream: &Stream, header: &[u8], body: &[u8]) -> Result<HeaderRead, Fault> {
    let stream = (**stream).as_any().downcast_ref::<ClientStream>();
    let chunked = Some(body).filter(|_| framing::may_be_chunked(header));
    match stream.ok_or(Fault::Internal)?.expect_chunks(chunked) {
        Ok(()) => Ok(HeaderRead::Header),
        Err(BadChunk) => Ok(HeaderRead::BadChunk),
    }
}

fn is_line_end(byte: &u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// What was read after a request, without the line ends that some clients send after a body.
pub(super) fn without_line_ends(mut early: BytesMut) -> Option<BytesMut> {
    let start = early.iter().position(|byte| !is_line_end(byte))?;
    Some(early.split_off(start))
}
