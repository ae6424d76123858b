//! The request to a backend, which only a verified callback has.

use bytes::Bytes;
use pingora::http::RequestHeader;

use super::client::Client;
use super::headers::{self, HeaderFault, OurNames};
use crate::config::Route;
use crate::decrypt::Clear;
use crate::verify::Verified;

/// A request to a backend. Its one constructor takes the proof of verification, and nothing but
/// this opens an upstream connection.
#[derive(Clone)]
pub(super) struct UpstreamRequest {
    pub(super) header: Box<RequestHeader>,
    pub(super) body: Bytes,
}

impl UpstreamRequest {
    pub(super) fn new(
        verified: &Verified<'_>,
        route: &Route,
        names: &OurNames,
        received: &RequestHeader,
        client: &Client<'_>,
        body: Bytes,
        clear: Option<&Clear>,
    ) -> Result<Self, HeaderFault> {
        let body = match clear.and_then(Clear::body) {
            Some(edited) => edited.clone(),
            None => body,
        };
        let length = body.len();
        let header = headers::build(verified, route, names, received, client, length, clear)?;
        Ok(Self { header, body })
    }
}
