//! What a trusted front proxy reports about a request's origin.

use std::borrow::Cow;
use std::fmt::Write as _;

use http::{HeaderMap, HeaderName};

use super::head::Head;
use super::real_address;
use super::refusal::Fault;
use crate::config::backend::fold_header;
use crate::config::{Networks, Route, SignedTarget};

/// The client of the request.
#[derive(Clone, Copy)]
pub(super) struct Client<'a> {
    head: Head<'a>,
    trusted: bool,
}

impl<'a> Client<'a> {
    pub(super) fn new(head: Head<'a>, trusted_proxies: &Networks) -> Self {
        Self {
            head,
            trusted: head.peer.is_believed(trusted_proxies),
        }
    }

    /// Whether the peer is a proxy whose headers are trusted.
    pub(super) fn is_trusted(&self) -> bool {
        self.trusted
    }

    /// The target that the provider called and signed.
    pub(super) fn signed_target(&self, route: &Route) -> Result<Cow<'a, [u8]>, Fault> {
        let received = self.head.target;
        match &route.signed_target {
            SignedTarget::AsReceived => Ok(received.into()),
            SignedTarget::Prefixed(prefix) => Ok([prefix.as_bytes(), received].concat().into()),
            SignedTarget::FromHeader(_) if !self.trusted => Err(Fault::OriginalTargetUntrusted),
            SignedTarget::FromHeader(name) => original_target(self.head.headers, name),
        }
    }

    /// The addresses that a trusted proxy reports, followed by the peer's own. An entry that no
    /// backend should have to parse becomes `unknown`, as proxies write for a client that they do
    /// not name.
    pub(super) fn forwarded_for(&self) -> String {
        let mut all = String::new();
        let believed = self.trusted.then_some(self.head.headers);
        for entry in believed
            .into_iter()
            .flat_map(|headers| headers.get_all("x-forwarded-for"))
            .flat_map(|line| real_address::entries(line.as_bytes()))
        {
            let plain = entry.iter().all(|byte| matches!(byte, b' '..=b'~'));
            let entry = std::str::from_utf8(entry).ok().filter(|_| plain);
            all.push_str(entry.unwrap_or("unknown"));
            all.push_str(", ");
        }
        // Writing to memory cannot fail.
        let _ = write!(all, "{}", self.head.peer.client());
        all
    }

    /// `http` or `https`, as the provider called.
    pub(super) fn forwarded_proto(&self) -> String {
        let own = if self.head.peer.tls { "https" } else { "http" };
        self.reported("x-forwarded-proto")
            .unwrap_or_else(|| own.to_owned())
    }

    /// The host that the provider called.
    pub(super) fn forwarded_host(&self) -> Option<String> {
        self.reported("x-forwarded-host")
            .or_else(|| self.head.host.map(str::to_owned))
    }

    /// A header of a trusted proxy. Several lines are joined into one list.
    fn reported(&self, name: &str) -> Option<String> {
        if !self.trusted {
            return None;
        }
        let values: Vec<&str> = self
            .head
            .headers
            .get_all(name)
            .iter()
            .filter_map(|v| v.to_str().ok())
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    }
}

fn original_target<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Cow<'a, [u8]>, Fault> {
    // A backend may read a second spelling, which a front proxy may have passed on from the client.
    let own = fold_header(name.as_str());
    let is_other = |other: &HeaderName| other != name && fold_header(other.as_str()) == own;
    if headers.keys().any(is_other) {
        return Err(Fault::OriginalTargetRepeated);
    }
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) if !value.is_empty() => Ok(value.as_bytes().into()),
        (_, Some(_)) => Err(Fault::OriginalTargetRepeated),
        _ => Err(Fault::OriginalTargetMissing),
    }
}
