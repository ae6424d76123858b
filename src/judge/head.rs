//! A request's header, as it came.

use http::{HeaderMap, HeaderValue, Method};

use super::peer::Peer;

/// A request's header, as it came, whatever read it.
#[derive(Clone, Copy)]
pub struct Head<'a> {
    /// The method.
    pub method: &'a Method,
    /// Path and query, as bytes: `http::Uri` cannot hold every target that is accepted.
    pub target: &'a [u8],
    /// The Host header, or HTTP/2's `:authority`; `None` if there is none, or it is no text.
    pub host: Option<&'a str>,
    /// The headers by their names.
    pub headers: &'a HeaderMap,
    /// The same, line by line and as they were spelled.
    pub lines: &'a dyn HeaderLines,
    /// Who sent it.
    pub peer: Peer,
    /// The id under which logs and backend find it.
    pub request_id: &'a str,
}

/// The lines of a request's header as HTTP/1 has them, each name as it was spelled.
pub trait HeaderLines: Sync {
    /// Gives each line to `take`, in their order.
    fn each(&self, take: &mut dyn FnMut(&[u8], &HeaderValue));
}

/// Of names whose spelling is not known.
impl HeaderLines for HeaderMap {
    fn each(&self, take: &mut dyn FnMut(&[u8], &HeaderValue)) {
        for (name, value) in self {
            take(name.as_str().as_bytes(), value);
        }
    }
}
