//! A request's header, as received.

use http::{HeaderMap, HeaderValue, Method};

use super::peer::Peer;

/// A request's header, as received, independent of the parser.
#[derive(Clone, Copy)]
pub struct Head<'a> {
    /// The method.
    pub method: &'a Method,
    /// The path and query, as bytes: `http::Uri` cannot hold every target that is accepted.
    pub target: &'a [u8],
    /// The Host header, or HTTP/2's `:authority`; `None` if it is missing or not text.
    pub host: Option<&'a str>,
    /// The headers, by name.
    pub headers: &'a HeaderMap,
    /// The same headers, line by line, in their original spelling.
    pub lines: &'a dyn HeaderLines,
    /// Who sent it.
    pub peer: Peer,
    /// The id by which logs and the backend identify it.
    pub request_id: &'a str,
}

/// The lines of a request's header as in HTTP/1, with each name in its original spelling.
pub trait HeaderLines: Sync {
    /// Passes each line to `take`, in order.
    fn each(&self, take: &mut dyn FnMut(&[u8], &HeaderValue));
}

/// For names whose spelling is not known.
impl HeaderLines for HeaderMap {
    fn each(&self, take: &mut dyn FnMut(&[u8], &HeaderValue)) {
        for (name, value) in self {
            take(name.as_str().as_bytes(), value);
        }
    }
}
