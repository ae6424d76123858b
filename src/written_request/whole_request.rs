//! A whole request.

use bytes::Bytes;
use http::{HeaderMap, Method};

/// A whole request, as its client sent it.
#[derive(Clone, Debug)]
pub struct WrittenRequest {
    /// Its method.
    pub method: Method,
    /// Its path and query.
    pub target: Vec<u8>,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}
