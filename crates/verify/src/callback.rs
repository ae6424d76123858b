//! The input of a verification.

use http::HeaderMap;

/// One inbound request, whole.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Callback<'a> {
    /// The method, as received.
    pub method: &'a str,
    /// The request target as the provider called it: path and query, no scheme or host,
    /// percent-encoding untouched. Where a front proxy rewrote it, what the provider called.
    pub target: &'a [u8],
    /// All headers, as received.
    pub headers: &'a HeaderMap,
    /// The whole body, after any transfer coding has been removed.
    pub body: &'a [u8],
}

impl<'a> Callback<'a> {
    /// A request, in the order in which it stands on the wire.
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
