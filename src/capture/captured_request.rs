//! A rejected request, as it is kept.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::record::Caller;
use crate::written_request::{WrittenRequest, append_header};

/// A rejected request, as it is kept.
#[derive(Clone, Debug)]
pub struct CapturedRequest {
    /// Its id in the access log.
    pub id: String,
    /// When it began, in milliseconds since 1970.
    pub time: u64,
    /// Who sent it.
    pub caller: Caller,
    /// The connection's other end, if it has an address.
    pub peer: Option<core::net::SocketAddr>,
    /// Whether it came over TLS.
    pub tls: bool,
    /// The matching route.
    pub route: Arc<str>,
    /// The stable code of why it was rejected.
    pub reason: &'static str,
    /// The header, field or byte at fault.
    pub at: Option<String>,
    /// Its method.
    pub method: Method,
    /// The target as logs show it.
    pub shown_target: Vec<u8>,
    /// The target as it came.
    pub target: Vec<u8>,
    /// Its headers.
    pub head: CapturedHead,
    /// The kept part of its body.
    pub body: Bytes,
    /// The length of the whole body.
    pub body_length: usize,
}

/// The lines of a header, in one piece of memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CapturedHead(Vec<u8>);

impl CapturedHead {
    /// Adds a line.
    pub fn add(&mut self, name: &[u8], value: &[u8]) {
        // Neither a name nor a value has a line feed, nor a name a colon.
        self.0.extend_from_slice(name);
        self.0.push(b':');
        self.0.extend_from_slice(value);
        self.0.push(b'\n');
    }

    /// The names and values.
    pub fn lines(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.0.split(|byte| *byte == b'\n').filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let (name, value) = line.split_at_checked(colon)?;
            Some((name, value.get(1..)?))
        })
    }

    /// How many bytes it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }
}

impl CapturedRequest {
    /// The request itself.
    #[must_use]
    pub fn written(&self) -> WrittenRequest {
        let mut headers = HeaderMap::new();
        for (name, value) in self.head.lines() {
            // They were parsed once.
            if let (Ok(name), Ok(value)) =
                (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
            {
                // They were counted, too: a server takes fewer than this does.
                let _ = append_header(&mut headers, name, value);
            }
        }
        WrittenRequest {
            method: self.method.clone(),
            target: self.target.clone(),
            headers,
            body: self.body.clone(),
        }
    }

    /// Gives back memory that it does not need.
    pub(super) fn shrink(&mut self) {
        self.head.shrink();
        self.target.shrink_to_fit();
        self.shown_target.shrink_to_fit();
    }

    /// The bytes that it takes besides its fixed size.
    pub(super) fn bytes(&self) -> usize {
        let at = self.at.as_ref().map_or(0, String::len);
        let parts = [
            self.id.len(),
            at,
            self.shown_target.len(),
            self.target.len(),
            self.head.len(),
            self.body.len(),
        ];
        // An allocator rounds up, by an eighth at most.
        parts.into_iter().fold(0, |sum: usize, part| {
            sum.saturating_add(part)
                .saturating_add(part / 8)
                .saturating_add(16)
        })
    }
}
