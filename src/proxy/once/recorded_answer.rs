//! Recording a backend's answer while it is relayed.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, header};

use crate::once::StoredAnswer;

/// The headers that are needed to read a body; no others are stored.
const KEPT: &[HeaderName] = &[
    header::CONTENT_TYPE,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
];
/// The longest header value that is stored, in bytes.
const LONGEST: usize = 256;

/// A backend's answer, as far as it has arrived, while it is small enough.
pub(in crate::proxy) struct Capture {
    status: u16,
    headers: Vec<(String, Vec<u8>)>,
    body: Option<BytesMut>,
    limit: usize,
}

impl Capture {
    pub(in crate::proxy) fn new(status: u16, headers: &HeaderMap, limit: usize) -> Self {
        let kept = KEPT.iter().filter_map(|name| {
            let value = headers.get(name)?.as_bytes();
            (value.len() <= LONGEST).then(|| (name.as_str().to_owned(), value.to_vec()))
        });
        Self {
            status,
            headers: kept.collect(),
            body: Some(BytesMut::new()),
            limit,
        }
    }

    /// Adds a part of the body. Returns `false` once the answer is no longer recorded: it is too
    /// large, or it drips.
    pub(in crate::proxy) fn take(&mut self, part: &[u8], is_slow: bool) -> bool {
        let limit = self.limit;
        let fits = |body: &BytesMut| body.len().saturating_add(part.len()) <= limit;
        self.body = self.body.take().filter(|body| !is_slow && fits(body));
        if let Some(body) = &mut self.body {
            body.extend_from_slice(part);
        }
        self.body.is_some()
    }

    /// The complete answer.
    pub(in crate::proxy) fn encode(self) -> Bytes {
        StoredAnswer {
            status: self.status,
            headers: self.headers,
            body: self.body.map(BytesMut::freeze),
        }
        .encode()
    }
}
