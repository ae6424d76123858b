//! An entry of a HAR file: what the network pages of browsers and many proxies save.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Method, header};
use serde_json::Value;

use super::chunked_body::content_length;
use super::percent_text::push_encoded;
use super::read_request::{ReadNote, ReadRequest};
use super::unread_request::{RequestTextFault, UnreadRequest};
use super::whole_request::WrittenRequest;
use super::written_headers::{self, set_default};
use super::written_url::WrittenUrl;

/// The most entries that a message lists.
const LISTED: usize = 20;

/// Reads the request of a HAR file's entry, counted from 1. A file with one entry needs no number.
///
/// # Errors
/// What is wrong with the file or its entry.
pub fn read_har(text: &[u8], entry: Option<usize>) -> Result<ReadRequest, UnreadRequest> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let file: Value = serde_json::from_slice(text).map_err(|error| {
        UnreadRequest::at(error.line(), RequestTextFault::Har(error.to_string()))
    })?;
    let entries = file.pointer("/log/entries").and_then(Value::as_array);
    let entries =
        entries.ok_or_else(|| RequestTextFault::Har("it has no list `log.entries`".to_owned()))?;
    let count = entries.len();
    let number = match (entry, count) {
        (_, 0) => return Err(RequestTextFault::NoEntry.into()),
        (Some(number), _) => number,
        (None, 1) => 1,
        (None, _) => {
            let list = listed(entries);
            return Err(RequestTextFault::WhichEntry { count, list }.into());
        }
    };
    let found = number.checked_sub(1).and_then(|at| entries.get(at));
    let found = found.ok_or(RequestTextFault::EntryNumber {
        count,
        wanted: number,
    })?;
    Ok(HarEntry { number, of: found }.read()?)
}

fn listed(entries: &[Value]) -> String {
    let text = |entry: &Value, at: &str| {
        let found = entry.pointer(at).and_then(Value::as_str);
        found.unwrap_or("?").escape_debug().to_string()
    };
    let lines = entries.iter().zip(1_usize..).take(LISTED);
    let lines = lines.map(|(entry, number)| {
        let (method, url) = (text(entry, "/request/method"), text(entry, "/request/url"));
        let url = url.split('?').next().unwrap_or_default().to_owned();
        format!("  {number}  {method} {url}")
    });
    let mut lines: Vec<String> = lines.collect();
    if entries.len() > LISTED {
        lines.push("  …".to_owned());
    }
    lines.join("\n")
}

struct HarEntry<'h> {
    number: usize,
    of: &'h Value,
}

impl<'h> HarEntry<'h> {
    fn read(&self) -> Result<ReadRequest, RequestTextFault> {
        let method = self.text("/request/method", "request.method")?;
        let method = Method::from_bytes(method.as_bytes())
            .map_err(|_| RequestTextFault::Method(method.to_owned()))?;
        let url = self.text("/request/url", "request.url")?;
        let url = WrittenUrl::read(url, false).ok_or_else(|| RequestTextFault::Url(url.into()))?;
        let mut headers = self.headers()?;
        set_default(&mut headers, header::HOST, &url.host);
        let mut notes = Vec::new();
        let body = self.body(&mut headers, &mut notes)?;
        self.compare_length(&headers, body.len(), &mut notes);
        Ok(ReadRequest {
            request: WrittenRequest {
                method,
                target: url.target.into_bytes(),
                headers,
                body,
            },
            https: Some(url.https),
            at: self.at(),
            notes,
        })
    }

    /// When it was sent.
    fn at(&self) -> Option<i64> {
        let started = self.of.get("startedDateTime")?.as_str()?;
        let started = chrono::DateTime::parse_from_rfc3339(started).ok()?;
        Some(started.timestamp())
    }

    fn wrong(&self, part: &'static str) -> RequestTextFault {
        RequestTextFault::EntryPart(self.number, part)
    }

    fn text(&self, at: &str, part: &'static str) -> Result<&'h str, RequestTextFault> {
        let found = self.of.pointer(at).and_then(Value::as_str);
        found.ok_or_else(|| self.wrong(part))
    }

    /// Without the fields of HTTP/2 that are in method and URL, too.
    fn headers(&self) -> Result<HeaderMap, RequestTextFault> {
        let found = self
            .of
            .pointer("/request/headers")
            .and_then(Value::as_array);
        let found = found.ok_or_else(|| self.wrong("request.headers"))?;
        let mut headers = HeaderMap::new();
        for line in found {
            let part = |name: &str| line.get(name).and_then(Value::as_str);
            let (Some(name), Some(value)) = (part("name"), part("value")) else {
                return Err(self.wrong("request.headers"));
            };
            if name.starts_with(':') {
                continue;
            }
            let (name, value) = written_headers::header(name.as_bytes(), value.as_bytes())?;
            written_headers::append_header(&mut headers, name, value)?;
        }
        Ok(headers)
    }

    fn body(
        &self,
        headers: &mut HeaderMap,
        notes: &mut Vec<ReadNote>,
    ) -> Result<Bytes, RequestTextFault> {
        let Some(data) = self
            .of
            .pointer("/request/postData")
            .filter(|data| !data.is_null())
        else {
            return Ok(Bytes::new());
        };
        let text = |name: &str| data.get(name).and_then(Value::as_str);
        if let Some(media_type) = text("mimeType").filter(|named| !named.is_empty()) {
            set_default(headers, header::CONTENT_TYPE, media_type);
        }
        let params = data.get("params").and_then(Value::as_array);
        let params = params.filter(|params| !params.is_empty());
        match (text("text"), params) {
            (Some(""), Some(params)) | (None, Some(params)) => {
                notes.push(ReadNote::RebuiltForm);
                self.form(params)
            }
            (Some(body), _) if is_base64(text("encoding").or_else(|| text("_encoding"))) => {
                let decoded = STANDARD.decode(body.trim_ascii());
                let decoded = decoded.map_err(|_| RequestTextFault::EntryBase64(self.number))?;
                Ok(decoded.into())
            }
            (Some(body), _) => Ok(Bytes::copy_from_slice(body.as_bytes())),
            (None, None) => Ok(Bytes::new()),
        }
    }

    fn form(&self, params: &[Value]) -> Result<Bytes, RequestTextFault> {
        let mut body = Vec::new();
        for param in params {
            let part = |name: &str| param.get(name).and_then(Value::as_str);
            let name = part("name").ok_or_else(|| self.wrong("request.postData.params"))?;
            if !body.is_empty() {
                body.push(b'&');
            }
            push_encoded(name.as_bytes(), &mut body);
            body.push(b'=');
            push_encoded(part("value").unwrap_or_default().as_bytes(), &mut body);
        }
        Ok(body.into())
    }

    fn compare_length(&self, headers: &HeaderMap, found: usize, notes: &mut Vec<ReadNote>) {
        let said = self.of.pointer("/request/bodySize").and_then(Value::as_u64);
        let said = said.and_then(|said| usize::try_from(said).ok());
        let said = content_length(headers).or(said.filter(|said| *said > 0));
        if let Some(said) = said.filter(|said| *said != found) {
            notes.push(ReadNote::HarLength(said, found));
        }
    }
}

fn is_base64(encoding: Option<&str>) -> bool {
    encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64"))
}
