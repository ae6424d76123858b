//! A callback as the client sends it.

use super::http1::Response;
use super::{Client, Proxy};

/// A callback as the client sends it.
#[derive(Clone, Debug)]
pub(crate) struct Callback {
    pub(crate) method: String,
    pub(crate) target: String,
    /// Without `Host` and the body's length.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Callback {
    pub(crate) fn post(target: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            method: "POST".to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers
            .push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Replaces the value of an existing header; `None` removes the header.
    pub(crate) fn with(mut self, name: &str, value: Option<&str>) -> Self {
        let place = self.headers.iter().position(|(n, _)| n == name).unwrap();
        match value {
            Some(value) => self.headers[place].1 = value.as_bytes().to_vec(),
            None => drop(self.headers.remove(place)),
        }
        self
    }

    /// The value of an existing header.
    pub(crate) fn value(&self, name: &str) -> &str {
        let header = self.headers.iter().find(|(n, _)| n == name).unwrap();
        std::str::from_utf8(&header.1).unwrap()
    }

    /// The request line and headers, followed by these lines that frame the body.
    pub(crate) fn head(&self, framing: &str) -> Vec<u8> {
        let mut bytes = format!(
            "{} {} HTTP/1.1\r\nHost: pay.example\r\n",
            self.method, self.target
        )
        .into_bytes();
        for (name, value) in &self.headers {
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(framing.as_bytes());
        bytes.extend_from_slice(b"\r\n");
        bytes
    }

    /// The request with a `Content-Length`.
    pub(crate) fn with_length(&self) -> Vec<u8> {
        let mut bytes = self.head(&format!("Content-Length: {}\r\n", self.body.len()));
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// The request with a chunked body, in chunks of this size.
    pub(crate) fn chunked(&self, size: usize) -> Vec<u8> {
        let mut bytes = self.head("Transfer-Encoding: chunked\r\n");
        for chunk in self.body.chunks(size) {
            bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"0\r\n\r\n");
        bytes
    }

    /// Sends the callback on a new connection.
    pub(crate) fn send(&self, proxy: &Proxy) -> Response {
        let mut client = Client::connect(proxy.address);
        client.send(&self.with_length());
        client.response()
    }
}
