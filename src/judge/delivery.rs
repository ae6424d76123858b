//! The request to a backend, which only a verified callback gets.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::Method;

use super::head::Head;
use super::header_lines::{HeaderBuilder, HeaderLine};
use super::headers::{self, Repeated};
use super::refusal::Refusal;
use super::site::Site;
use super::steps::Steps;
use super::verdict::Verdict;
use crate::config::Route;
use crate::decrypt::Clear;
use crate::verify::SchemeAnswer;

/// A request to a backend. It owns its data, so that sending it needs neither the client's
/// connection nor the verdict. [`Site::prepare`] makes one from the proof of verification; the only other
/// way is [`Site::report`], for a route in report mode, and adds no verified header.
#[derive(Clone)]
pub struct Delivery {
    method: Method,
    target: Bytes,
    lines: HeaderBuilder,
    body: Bytes,
    route: Arc<Route>,
    request_id: String,
    acknowledgement: Option<Box<SchemeAnswer>>,
}

/// Prints neither header nor body, which may contain clear text.
impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("request_id", &self.request_id)
            .field("route", &self.route.name)
            .finish_non_exhaustive()
    }
}

impl Site {
    /// Builds the backend's request from a verified callback: with the clear text of its encrypted
    /// values, and marked if it may be a repeat.
    ///
    /// # Errors
    /// [`Fault::FieldTooLong`](super::Fault::FieldTooLong) if a field is too long for a header.
    pub fn prepare<S: Steps>(
        &self,
        verdict: &Verdict<'_>,
        clear: Option<&Clear>,
        repeated: Option<Repeated>,
        steps: &mut S,
    ) -> Result<Delivery, Refusal> {
        let received = verdict.received();
        let head = received.head();
        let body = clear.and_then(Clear::body).unwrap_or(received.body());
        let client = self.by(head);
        let lines = headers::build(verdict, client, &self.names, body.len(), clear, repeated)?;
        steps.prepared(lines.as_slice());
        let delivery = Delivery::new(received.route(), head, lines, body.clone());
        Ok(Delivery {
            acknowledgement: verdict.acknowledgement().cloned().map(Box::new),
            ..delivery
        })
    }
}

impl Delivery {
    pub(super) fn new(
        route: &Arc<Route>,
        head: Head<'_>,
        lines: HeaderBuilder,
        body: Bytes,
    ) -> Self {
        Self {
            method: head.method.clone(),
            target: Bytes::copy_from_slice(&route.backend_target(head.target)),
            lines,
            body,
            route: Arc::clone(route),
            request_id: head.request_id.to_owned(),
            acknowledgement: None,
        }
    }

    /// The method, as received.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path and query: as received, unless the route has another path for its backend.
    #[must_use]
    pub fn target(&self) -> &[u8] {
        &self.target
    }

    /// The header lines.
    #[must_use]
    pub fn lines(&self) -> &[HeaderLine] {
        self.lines.as_slice()
    }

    /// The body: as received, or with clear text in it.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The matching route.
    #[must_use]
    pub fn route(&self) -> &Arc<Route> {
        &self.route
    }

    /// The id by which logs and the backend identify the request.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// What the provider is answered once a backend took it, in place of the backend's answer.
    #[must_use]
    pub fn into_acknowledgement(self) -> Option<Box<SchemeAnswer>> {
        self.acknowledgement
    }
}
