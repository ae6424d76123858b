//! The lines of a written header.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::unread_request::{RequestTextFault, UnreadRequest};

/// The most lines of a header. Servers take a few hundred; a header map panics on more than 32,768, to which what is
/// tried with the request may add some.
const MAX_HEADER_LINES: usize = 10_000;

/// Appends a line, if there are not too many.
///
/// # Errors
/// If there are.
pub fn append_header(
    headers: &mut HeaderMap,
    name: HeaderName,
    value: HeaderValue,
) -> Result<(), RequestTextFault> {
    let too_many = RequestTextFault::ManyHeaders(MAX_HEADER_LINES);
    if headers.len() >= MAX_HEADER_LINES {
        return Err(too_many);
    }
    headers
        .try_append(name, value)
        .map(drop)
        .map_err(|_| too_many)
}

/// Cuts a text behind its first line. The line is without its end, which is CRLF or a bare LF.
pub(super) fn split_line(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| *byte == b'\n');
    let (line, rest) = match end {
        Some(at) => (
            text.get(..at).unwrap_or_default(),
            text.get(at.saturating_add(1)..).unwrap_or_default(),
        ),
        None => (text, &[][..]),
    };
    (line.strip_suffix(b"\r").unwrap_or(line), rest)
}

/// Reads header lines up to an empty line or the end, from line `number` on. Returns what is behind.
pub(super) fn read_lines<'t>(
    mut text: &'t [u8],
    mut number: usize,
    headers: &mut HeaderMap,
) -> Result<&'t [u8], UnreadRequest> {
    while !text.is_empty() {
        let (line, rest) = split_line(text);
        text = rest;
        if line.is_empty() {
            break;
        }
        let (name, value) = read_header(line).map_err(|fault| UnreadRequest::at(number, fault))?;
        append_header(headers, name, value).map_err(|fault| UnreadRequest::at(number, fault))?;
        number = number.saturating_add(1);
    }
    Ok(text)
}

/// A line `Name: value`, without white space around the value.
pub(super) fn read_header(line: &[u8]) -> Result<(HeaderName, HeaderValue), RequestTextFault> {
    if line.first().is_some_and(u8::is_ascii_whitespace) {
        return Err(RequestTextFault::Folded);
    }
    let colon = line.iter().position(|byte| *byte == b':');
    let colon = colon.ok_or(RequestTextFault::HeaderLine)?;
    let (name, value) = line.split_at_checked(colon).unwrap_or((line, &[]));
    header(name, value.strip_prefix(b":").unwrap_or(value))
}

/// A header of this name and value, without white space around the value.
pub(super) fn header(
    name: &[u8],
    value: &[u8],
) -> Result<(HeaderName, HeaderValue), RequestTextFault> {
    let shown = || String::from_utf8_lossy(name).into_owned();
    let known = HeaderName::from_bytes(name);
    let known = known.map_err(|_| RequestTextFault::HeaderName(shown()))?;
    let value = HeaderValue::from_bytes(value.trim_ascii());
    let value = value.map_err(|_| RequestTextFault::HeaderValue(shown()))?;
    Ok((known, value))
}

/// Sets a header unless it is there.
pub(super) fn set_default(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let (false, Ok(value)) = (headers.contains_key(&name), HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}
