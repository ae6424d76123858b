//! An answer of HTTP/1.1, read as far as somebody wants to see it.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// The most bytes of an answer that are read.
const MAX_ANSWER: usize = 1 << 20;

/// The most headers of an answer.
const MAX_HEADERS: usize = 128;

/// An answer.
pub(super) struct HttpAnswer {
    pub(super) status: u16,
    /// `X-Request-Id`.
    pub(super) request_id: Option<String>,
    pub(super) body: Vec<u8>,
}

/// The header of an answer.
struct AnswerHead {
    status: u16,
    request_id: Option<String>,
    end: usize,
    length: Option<usize>,
    is_chunked: bool,
}

impl HttpAnswer {
    /// Reads up to the end of the answer, or of the connection.
    pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let mut bytes = Vec::new();
        let mut buffer = vec![0; 8 << 10];
        let mut head: Option<AnswerHead> = None;
        loop {
            if head.is_none() {
                head = AnswerHead::parse(&mut bytes)?;
            }
            if let Some(head) = &head
                && head.is_whole(&bytes)
            {
                break;
            }
            let read = match stream.read(&mut buffer).await {
                Ok(read) => read,
                // Of TLS, a connection that was closed without saying so.
                Err(_) if head.is_some() => 0,
                Err(error) => return Err(error),
            };
            if read == 0 || bytes.len() > MAX_ANSWER {
                break;
            }
            bytes.extend_from_slice(buffer.get(..read).unwrap_or_default());
        }
        let head = head.ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the connection ended without an answer",
            )
        })?;
        let body = bytes.get(head.end..).unwrap_or_default();
        let body = match head.length {
            Some(length) => body.get(..length).unwrap_or(body),
            None => body,
        };
        Ok(Self {
            status: head.status,
            request_id: head.request_id,
            body: match head.is_chunked {
                true => without_chunks(body),
                false => body.to_vec(),
            },
        })
    }
}

impl AnswerHead {
    /// The header, once it is whole. Interim answers in front of it are taken off.
    fn parse(bytes: &mut Vec<u8>) -> io::Result<Option<Self>> {
        loop {
            let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
            let mut answer = httparse::Response::new(&mut headers);
            let parsed = answer.parse(bytes);
            let parsed = parsed.map_err(|error| {
                io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("not an answer of HTTP/1: {error}"),
                )
            })?;
            let httparse::Status::Complete(end) = parsed else {
                return Ok(None);
            };
            let status = answer.code.unwrap_or_default();
            let value = |name: &str| {
                let mut headers = answer.headers.iter();
                let found = headers.find(|header| header.name.eq_ignore_ascii_case(name));
                found.map(|header| String::from_utf8_lossy(header.value).into_owned())
            };
            if (100..200).contains(&status) {
                bytes.drain(..end);
                continue;
            }
            let has_body = !matches!(status, 204 | 304);
            let coding = value("transfer-encoding").unwrap_or_default();
            return Ok(Some(Self {
                status,
                request_id: value("x-request-id"),
                end,
                length: match has_body {
                    true => value("content-length").and_then(|text| text.trim().parse().ok()),
                    false => Some(0),
                },
                is_chunked: coding.to_ascii_lowercase().contains("chunked"),
            }));
        }
    }

    fn is_whole(&self, bytes: &[u8]) -> bool {
        let body = bytes.get(self.end..).unwrap_or_default();
        match self.length {
            _ if self.is_chunked => body.ends_with(b"\r\n0\r\n\r\n") || body == b"0\r\n\r\n",
            Some(length) => body.len() >= length,
            None => false,
        }
    }
}

/// The contents of the chunks, as far as they came.
fn without_chunks(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = std::str::from_utf8(rest.get(..end).unwrap_or_default());
        let size = size
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default();
        let Ok(size) = usize::from_str_radix(size.trim(), 16) else {
            break;
        };
        let start = end.saturating_add(2);
        let until = start.saturating_add(size);
        let chunk = rest.get(start..until).or_else(|| rest.get(start..));
        body.extend_from_slice(chunk.unwrap_or_default());
        rest = rest.get(until.saturating_add(2)..).unwrap_or_default();
        if size == 0 {
            break;
        }
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(answer: &str) -> io::Result<HttpAnswer> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async { HttpAnswer::read(&mut answer.as_bytes()).await })
    }

    #[test]
    fn an_answer_ends_where_its_header_says() {
        for (answer, status, body) in [
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokmore",
                200,
                "ok",
            ),
            ("HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 Bad\r\n\r\nuntil the end",
                400,
                "until the end",
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n1;x=y\r\n!\r\n0\r\n\r\n",
                200,
                "ok!",
            ),
        ] {
            let read = read(answer).unwrap();
            assert_eq!(
                (read.status, read.body.as_slice()),
                (status, body.as_bytes())
            );
        }
        let named =
            read("HTTP/1.1 200 OK\r\nX-Request-Id: 7\r\nContent-Length: 0\r\n\r\n").unwrap();
        assert_eq!(named.request_id.as_deref(), Some("7"));
        assert!(
            read("").is_err()
                && read("HTTP/1.1 200 OK\r\n").is_err()
                && read("no\r\n\r\n").is_err()
        );
    }
}
