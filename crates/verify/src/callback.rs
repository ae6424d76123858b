//! The input of a verification.

use http::HeaderMap;

/// One complete inbound request.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Callback<'a> {
    /// The method, as received.
    pub method: &'a str,
    /// The request target as the provider called it: path and query, without scheme or host,
    /// percent-encoding untouched. If a front proxy rewrote it, this is the original.
    pub target: &'a [u8],
    /// All headers, as received.
    pub headers: &'a HeaderMap,
    /// The complete body, without any transfer coding.
    pub body: &'a [u8],
}

impl<'a> Callback<'a> {
    /// A request, with the parts in their order on the wire.
    #[must_use]
    pub const fn new(
        method: &'a str,
        target: &'a [u8],
        headers: &'a HeaderMap,
        body: &'a [u8],
    ) -> Self {
        Self {
            method,
            target,
            headers,
            body,
        }
    }
}
