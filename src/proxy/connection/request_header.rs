//! Reading the header of an HTTP/1 request, before pingora parses it.

use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::ready;

use bytes::{Buf as _, BytesMut};
use pingora::protocols::Stream;
use tokio::io::{AsyncRead as _, AsyncReadExt as _, ReadBuf};
use tokio::time::Instant;

use super::chunk_lines::BadChunk;
use super::stream::ClientStream;
use crate::config::ClientTimeouts;
use crate::judge::Fault;
use crate::proxy::request::{Pace, framing};

/// The longest header of an HTTP/1 request, as of HTTP/2's. It counts against no budget.
pub(in crate::proxy) const MAX_HEADER: usize = 64 << 10;

/// How much of a header is read at a time; nearly every one is whole then.
pub(super) const HEADER_READ: usize = 4 << 10;

/// The first bytes that come; `None` if the client ended. The space for them is only there while
/// there are some, so that a connection that waits holds none.
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

/// What came of reading a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::proxy) enum HeaderRead {
    /// The client ended first.
    Nothing,
    /// A header.
    Header,
    /// A header, and behind it a chunk that is malformed.
    BadChunk,
}

/// Reads until the end of a header is there, with whatever comes along: as fast as `timeouts` want it,
/// and until the deadline, if there is one that began earlier.
pub(in crate::proxy) async fn read_header(
    stream: &mut Stream,
    read: &mut BytesMut,
    timeouts: &ClientTimeouts,
    deadline: Option<Instant>,
) -> Result<HeaderRead, Fault> {
    let mut searched: usize = 0;
    // Most headers come in one piece, and need no clock.
    let mut pace: Option<Pace> = None;
    loop {
        // Empty lines in front are no end.
        read.advance(read.iter().take_while(|byte| is_line_end(byte)).count());
        let unsearched = read.get(searched..).unwrap_or_default();
        let end = unsearched
            .windows(3)
            .position(|end| matches!(end, b"\n\r\n" | [_, b'\n', b'\n']));
        // What comes along behind it counts for nothing.
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
        let more = pace.wait(stream.read_buf(read)).await;
        match more.ok_or(Fault::HeaderTimeout)? {
            Ok(0) | Err(_) => return Ok(HeaderRead::Nothing),
            Ok(bytes) => pace.received(bytes, Instant::now()),
        }
    }
}

/// Has the body behind a header looked at, should it be chunked.
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

/// What was read behind a request, less the line ends that some clients send after a body.
pub(super) fn without_line_ends(mut early: BytesMut) -> Option<BytesMut> {
    let start = early.iter().position(|byte| !is_line_end(byte))?;
    Some(early.split_off(start))
}
