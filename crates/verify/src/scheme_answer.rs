//! What a scheme answers to a provider.

use http::{HeaderName, HeaderValue};

/// An answer made by the rules of a scheme, and not by a backend.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemeAnswer {
    /// The status: 2xx.
    pub status: u16,
    /// The Content-Type; `None` if the status has no body.
    pub content_type: Option<&'static str>,
    /// Further headers.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Vec<u8>,
}
