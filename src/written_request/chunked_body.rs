//! A body as HTTP/1 has it: in chunks, or as long as the header says.

use bytes::Bytes;
use http::{HeaderMap, header};

use super::read_request::ReadNote;
use super::unread_request::{RequestTextFault, UnreadRequest};
use super::written_headers::split_line;

/// The body of a request with this header, of which these bytes were recorded.
pub(super) fn body(
    headers: &HeaderMap,
    recorded: &[u8],
    notes: &mut Vec<ReadNote>,
) -> Result<Bytes, UnreadRequest> {
    if is_chunked(headers) && !recorded.is_empty() {
        // Many tools record the decoded body beside the header that came.
        return if size(split_line(recorded).0).is_some() {
            notes.push(ReadNote::Chunked);
            let (body, behind) = decoded(recorded)?;
            if behind > 0 {
                notes.push(ReadNote::BehindChunks(behind));
            }
            Ok(body.into())
        } else {
            notes.push(ReadNote::AlreadyDecoded);
            Ok(Bytes::copy_from_slice(recorded))
        };
    }
    let found = recorded.len();
    let mut body = recorded;
    match content_length(headers) {
        Some(said) if said < found => {
            notes.push(ReadNote::Longer(said, found));
            body = recorded.get(..said).unwrap_or(recorded);
        }
        Some(said) if said > found => notes.push(ReadNote::Shorter(said, found)),
        _ => {}
    }
    Ok(Bytes::copy_from_slice(body))
}

pub(super) fn content_length(headers: &HeaderMap) -> Option<usize> {
    let value = headers.get(header::CONTENT_LENGTH)?.to_str().ok()?;
    value.parse().ok()
}

fn is_chunked(headers: &HeaderMap) -> bool {
    let value = headers.get(header::TRANSFER_ENCODING);
    let value = value.and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.to_ascii_lowercase().contains("chunked"))
}

/// What the chunks hold, and how many bytes follow the last one and its trailers.
fn decoded(mut text: &[u8]) -> Result<(Vec<u8>, usize), UnreadRequest> {
    let mut body = Vec::new();
    for number in 1_usize.. {
        let malformed = || UnreadRequest::from(RequestTextFault::Chunk(number));
        let (line, rest) = split_line(text);
        let size = size(line).ok_or_else(malformed)?;
        let (chunk, rest) = rest.split_at_checked(size).ok_or_else(malformed)?;
        if size == 0 {
            text = rest;
            break;
        }
        body.extend_from_slice(chunk);
        let (end, rest) = split_line(rest);
        if !end.is_empty() {
            return Err(malformed());
        }
        text = rest;
    }
    // Trailers end with an empty line.
    while !text.is_empty() {
        let (line, rest) = split_line(text);
        text = rest;
        if line.is_empty() {
            break;
        }
    }
    Ok((body, text.len()))
}

/// A chunk's size. What is behind a semicolon are its extensions.
fn size(line: &[u8]) -> Option<usize> {
    let digits = line.split(|byte| *byte == b';').next()?.trim_ascii();
    let digits = std::str::from_utf8(digits).ok()?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex
        .then(|| usize::from_str_radix(digits, 16).ok())
        .flatten()
}
