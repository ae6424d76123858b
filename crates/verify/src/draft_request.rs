//! A request that is being written.

use http::HeaderMap;

use crate::callback::Callback;

/// A request that is not signed yet. What a scheme reads and it does not have (the time, a nonce, what names
/// the key) is added when it is signed.
#[derive(Clone, Debug)]
pub struct DraftRequest {
    /// The method.
    pub method: String,
    /// Path and query, percent-encoded.
    pub target: Vec<u8>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl DraftRequest {
    /// As a receiver gets it.
    #[must_use]
    pub fn callback(&self) -> Callback<'_> {
        Callback::new(&self.method, &self.target, &self.headers, &self.body)
    }
}
