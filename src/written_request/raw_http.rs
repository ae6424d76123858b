//! A request as HTTP/1 writes it.

use http::{HeaderMap, HeaderValue, Method, header};

use super::chunked_body;
use super::read_request::ReadRequest;
use super::unread_request::{RequestTextFault, UnreadRequest};
use super::whole_request::WrittenRequest;
use super::written_headers::{read_lines, split_line};
use super::written_url::WrittenUrl;

/// Reads a request of HTTP/1. Its lines may end with CRLF, or with a bare LF, as in a file that somebody wrote. What
/// follows the header is the body, byte for byte.
///
/// # Errors
/// What is wrong, and on which line.
pub fn read_http(text: &[u8]) -> Result<ReadRequest, UnreadRequest> {
    // Editors leave an empty line in front; RFC 9112, section 2.2, has servers take one, too.
    let (mut text, mut number) = (text, 1_usize);
    while let (b"", rest) = split_line(text) {
        if rest.is_empty() {
            return Err(RequestTextFault::Empty.into());
        }
        text = rest;
        number = number.saturating_add(1);
    }
    let (line, rest) = split_line(text);
    let line = request_line(line).map_err(|fault| UnreadRequest::at(number, fault))?;
    let mut headers = HeaderMap::new();
    let recorded = read_lines(rest, number.saturating_add(1), &mut headers)?;
    let mut notes = Vec::new();
    let body = chunked_body::body(&headers, recorded, &mut notes)?;
    line.lay_host(&mut headers);
    Ok(ReadRequest {
        request: WrittenRequest {
            method: line.method,
            target: line.target,
            headers,
            body,
        },
        https: line.https,
        at: None,
        notes,
    })
}

/// A request line.
pub(super) struct WrittenLine {
    pub(super) method: Method,
    pub(super) target: Vec<u8>,
    pub(super) https: Option<bool>,
    /// The host of a target that is a whole URL.
    host: Option<String>,
}

impl WrittenLine {
    /// The host of a target that is a URL counts more than the header (RFC 9112, section 3.2.2).
    pub(super) fn lay_host(&self, headers: &mut HeaderMap) {
        let host = self.host.as_deref().map(HeaderValue::from_str);
        if let Some(Ok(host)) = host {
            headers.insert(header::HOST, host);
        }
    }
}

/// `METHOD TARGET HTTP/1.1`. The version may be missing.
pub(super) fn request_line(line: &[u8]) -> Result<WrittenLine, RequestTextFault> {
    let mut words = line.split(|byte| *byte == b' ');
    let (method, target) = (words.next(), words.next());
    let (Some(method), Some(target)) = (method, target) else {
        return Err(RequestTextFault::RequestLine);
    };
    if method.starts_with(b"HTTP/") {
        return Err(RequestTextFault::Answer);
    }
    let is_version = |word: &[u8]| word.starts_with(b"HTTP/");
    let version = words.next();
    if version.is_some_and(|word| !is_version(word)) || words.next().is_some() {
        return Err(RequestTextFault::RequestLine);
    }
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let is_name = |byte: &u8| byte.is_ascii_uppercase() || b"-_".contains(byte);
    let known = Method::from_bytes(method).ok();
    let known = known.filter(|_| method.iter().all(is_name));
    let method = known.ok_or_else(|| match version {
        Some(_) => RequestTextFault::Method(shown(method)),
        None => RequestTextFault::RequestLine,
    })?;
    if target.starts_with(b"/") {
        return Ok(WrittenLine {
            method,
            target: target.to_vec(),
            https: None,
            host: None,
        });
    }
    let url = std::str::from_utf8(target).ok();
    let url = url.and_then(|url| WrittenUrl::read(url, false));
    let url = url.ok_or_else(|| RequestTextFault::Target(shown(target)))?;
    Ok(WrittenLine {
        method,
        target: url.target.into_bytes(),
        https: Some(url.https),
        host: Some(url.host),
    })
}
