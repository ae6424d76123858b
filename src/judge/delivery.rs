//! The request to a backend, which only a verified callback gets.

use std::fmt;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Method};

use super::client::Client;
use super::headers;
use super::names::OurNames;
use super::refusal::Refusal;
use super::steps::Steps;
use super::verdict::Verdict;
use crate::config::Route;
use crate::decrypt::Clear;

/// A request to a backend. It owns its data, so that sending it needs neither the client's
/// connection nor the verdict. Its only constructor takes the proof of verification, and a
/// callback's request to a backend is made from nothing else.
#[derive(Clone)]
pub struct Delivery {
    method: Method,
    target: Bytes,
    lines: HeaderBuilder,
    body: Bytes,
    route: Arc<Route>,
    request_id: String,
}

/// What to tell the backend about a callback that may not be new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeated {
    /// A backend has already accepted it.
    Yes,
    /// It is unknown whether it is new.
    Unknown,
}

/// A header line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderLine {
    /// The name in the spelling to send; valid.
    pub name: Bytes,
    /// The value.
    pub value: HeaderValue,
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

impl Delivery {
    /// Builds the backend's request from a verified callback: with clear text in place of decrypted
    /// values, and marked if it may be a repeat.
    pub(super) fn new<S: Steps>(
        verdict: &Verdict<'_>,
        client: Client<'_>,
        names: &OurNames,
        clear: Option<&Clear>,
        repeated: Option<Repeated>,
        steps: &mut S,
    ) -> Result<Self, Refusal> {
        let received = verdict.received();
        let head = received.head();
        let body = clear.and_then(Clear::body).unwrap_or(received.body());
        let lines = headers::build(verdict, client, names, body.len(), clear, repeated)?;
        let delivery = Self {
            method: head.method.clone(),
            target: Bytes::copy_from_slice(head.target),
            lines,
            body: body.clone(),
            route: Arc::clone(received.route()),
            request_id: head.request_id.to_owned(),
        };
        steps.prepared(&delivery);
        Ok(delivery)
    }

    /// The method, as received.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path and query, as received.
    #[must_use]
    pub fn target(&self) -> &[u8] {
        &self.target
    }

    /// The header lines.
    #[must_use]
    pub fn lines(&self) -> &[HeaderLine] {
        &self.lines.0
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
}

/// Collects the lines of a header.
#[derive(Clone, Debug, Default)]
pub(super) struct HeaderBuilder(Vec<HeaderLine>);

/// A value that no header can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value is not valid in a header")]
pub(super) struct BadValue;

impl HeaderBuilder {
    pub(super) fn with_capacity(lines: usize) -> Self {
        Self(Vec::with_capacity(lines))
    }

    /// Adds a line. The name must be valid.
    pub(super) fn add(&mut self, name: Bytes, value: &str) -> Result<(), BadValue> {
        let value = HeaderValue::from_str(value).map_err(|_| BadValue)?;
        self.0.push(HeaderLine { name, value });
        Ok(())
    }

    /// Adds the lines that `copy` yields: as they were received, with valid names. All names share
    /// one allocation.
    pub(super) fn add_received(&mut self, copy: impl FnOnce(&mut dyn FnMut(&[u8], &HeaderValue))) {
        let mut names = BytesMut::with_capacity(512);
        let mut kept = Vec::with_capacity(self.0.capacity());
        copy(&mut |name, value| {
            names.extend_from_slice(name);
            kept.push((name.len(), value.clone()));
        });
        let mut names = names.freeze();
        let lines = kept.into_iter().map(|(length, value)| HeaderLine {
            name: names.split_to(length),
            value,
        });
        self.0.extend(lines);
    }

    /// Removes the lines whose names match a predicate.
    pub(super) fn remove(&mut self, is_it: impl Fn(&str) -> bool) {
        let named = |line: &HeaderLine| std::str::from_utf8(&line.name).is_ok_and(&is_it);
        self.0.retain(|line| !named(line));
    }
}
