//! A pair of files: one with a header, one with a body.

use http::{HeaderMap, Method, header};

use super::chunked_body;
use super::raw_http::{WrittenLine, request_line};
use super::read_request::{ReadNote, ReadRequest};
use super::unread_request::{RequestTextFault, UnreadRequest};
use super::whole_request::WrittenRequest;
use super::written_headers::{append_header, read_header, split_line};

/// Reads a header from one text and takes the other as the body, byte for byte. The header may begin with a request
/// line, or hold the fields of HTTP/2 that stand for it (`:method`, `:path`, `:authority`), as browsers copy them.
///
/// # Errors
/// What is wrong with the header, and on which line.
pub fn read_header_and_body(head: &[u8], body: &[u8]) -> Result<ReadRequest, UnreadRequest> {
    let mut read = PartlyRead::default();
    let mut text = head;
    let mut number = 0_usize;
    while !text.is_empty() {
        let (line, rest) = split_line(text);
        text = rest;
        number = number.saturating_add(1);
        let taken = match line {
            b"" if read.is_empty() => continue,
            b"" => break,
            line => read.take(line),
        };
        taken.map_err(|fault| UnreadRequest::at(number, fault))?;
    }
    if read.is_empty() {
        return Err(RequestTextFault::Empty.into());
    }
    read.finish(body)
}

/// What is known of a header on the way through it.
#[derive(Default)]
struct PartlyRead {
    line: Option<WrittenLine>,
    method: Option<Method>,
    target: Option<Vec<u8>>,
    https: Option<bool>,
    headers: HeaderMap,
}

impl PartlyRead {
    fn is_empty(&self) -> bool {
        let has_fields = self.method.is_some() || self.target.is_some();
        self.line.is_none() && !has_fields && self.headers.is_empty()
    }

    fn take(&mut self, line: &[u8]) -> Result<(), RequestTextFault> {
        if line.starts_with(b":") {
            return self.take_field(line);
        }
        let before_colon = line.split(|byte| *byte == b':').next().unwrap_or_default();
        if before_colon.contains(&b' ') || !line.contains(&b':') {
            let found = request_line(line)?;
            if !self.is_empty() {
                let shown = String::from_utf8_lossy(line).into_owned();
                return Err(RequestTextFault::LateRequestLine(shown));
            }
            self.line = Some(found);
            return Ok(());
        }
        let (name, value) = read_header(line)?;
        append_header(&mut self.headers, name, value)
    }

    /// A field of HTTP/2's that begins with a colon.
    fn take_field(&mut self, line: &[u8]) -> Result<(), RequestTextFault> {
        let line = line.strip_prefix(b":").unwrap_or(line);
        let (name, value) = read_header(line)?;
        let wrong = || RequestTextFault::Target(String::from_utf8_lossy(value.as_bytes()).into());
        match name.as_str() {
            "method" => {
                let method = Method::from_bytes(value.as_bytes());
                let shown = || String::from_utf8_lossy(value.as_bytes()).into_owned();
                self.method = Some(method.map_err(|_| RequestTextFault::Method(shown()))?);
            }
            "path" if value.as_bytes().starts_with(b"/") => {
                self.target = Some(value.as_bytes().to_vec());
            }
            "path" => return Err(wrong()),
            "authority" => {
                self.headers.insert(header::HOST, value);
            }
            "scheme" => self.https = Some(value.as_bytes() == b"https"),
            other => return Err(RequestTextFault::HeaderName(format!(":{other}"))),
        }
        Ok(())
    }

    fn finish(mut self, recorded: &[u8]) -> Result<ReadRequest, UnreadRequest> {
        let mut notes = Vec::new();
        let body = chunked_body::body(&self.headers, recorded, &mut notes)?;
        let (mut method, mut target, mut https) = (self.method, self.target, self.https);
        if let Some(line) = self.line {
            line.lay_host(&mut self.headers);
            (method, target) = (Some(line.method), Some(line.target));
            https = line.https;
        }
        if method.is_none() || target.is_none() {
            notes.push(ReadNote::NoRequestLine);
        }
        let assumed = || {
            if body.is_empty() {
                Method::GET
            } else {
                Method::POST
            }
        };
        Ok(ReadRequest {
            request: WrittenRequest {
                method: method.unwrap_or_else(assumed),
                target: target.unwrap_or_else(|| b"/".to_vec()),
                headers: self.headers,
                body,
            },
            https,
            at: None,
            notes,
        })
    }
}
