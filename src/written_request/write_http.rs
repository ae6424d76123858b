//! A request as HTTP/1.1 has it on the wire.

use http::header::{CONTENT_LENGTH, HOST};

use super::WrittenRequest;

impl WrittenRequest {
    /// The bytes of the request. Its `Host` comes first, and it says how long its body is.
    #[must_use]
    pub fn to_http(&self) -> Vec<u8> {
        let mut head = format!("{} ", self.method).into_bytes();
        head.extend_from_slice(&self.target);
        head.extend_from_slice(b" HTTP/1.1\r\n");
        let mut write = |name: &str, value: &[u8]| {
            head.extend_from_slice(name.as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        };
        for host in self.headers.get_all(HOST) {
            write("Host", host.as_bytes());
        }
        for (name, value) in self.own_headers() {
            write(&spelled(name.as_str()), value.as_bytes());
        }
        if !self.body.is_empty() || self.method != http::Method::GET {
            write("Content-Length", self.body.len().to_string().as_bytes());
        }
        head.extend_from_slice(b"\r\n");
        head.extend_from_slice(&self.body);
        head
    }

    /// The headers without those that every way of writing a request has a place for.
    pub(super) fn own_headers(
        &self,
    ) -> impl Iterator<Item = (&http::HeaderName, &http::HeaderValue)> {
        let headers = self.headers.iter();
        headers.filter(|(name, _)| **name != HOST && **name != CONTENT_LENGTH)
    }
}

/// A header's name as most programs write it: `Content-Type`.
pub(super) fn spelled(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect::<Vec<_>>().join("-")
}
