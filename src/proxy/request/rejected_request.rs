//! A rejected request is kept for whoever wants to know why, if its route captures them.

use bytes::Bytes;
use http::header;
use pingora::protocols::http::ServerSession;

use super::exchange::Exchange;
use super::request_head;
use super::trace::Trace;
use crate::capture::{CapturedHead, CapturedRequest, EntryLimits};
use crate::config::Route;
use crate::judge::{Fault, HeaderLines as _, Refusal};

/// Shown in place of what is not kept.
const MASK: &[u8] = b"[...]";

/// Headers by which clients say who they are to others.
const CREDENTIALS: &[header::HeaderName] = &[
    header::AUTHORIZATION,
    header::PROXY_AUTHORIZATION,
    header::COOKIE,
];

impl Exchange<'_> {
    /// Keeps a request that was rejected, and read whole.
    pub(super) fn keep_rejected(
        &self,
        session: &ServerSession,
        (route, refusal): (&Route, &Refusal),
        body: &Bytes,
        trace: &Trace,
    ) {
        let Some(captures) = &self.generation.captures else {
            return;
        };
        let Some(limits) = captures
            .limits(&route.name)
            .filter(|_| is_rejection(refusal))
        else {
            return;
        };
        if let Some(request) = self.captured(session, (route, refusal), (body, limits), trace) {
            captures.add(request);
        }
    }

    /// What is kept of it; `None` if its header is too long.
    fn captured(
        &self,
        session: &ServerSession,
        (route, refusal): (&Route, &Refusal),
        (body, limits): (&Bytes, EntryLimits),
        trace: &Trace,
    ) -> Option<CapturedRequest> {
        let request = session.req_header();
        let target = request_head::target(request);
        let shown = self.generation.site.shown_target(Some(route), target);
        let mut length = target.len().saturating_add(shown.len());
        let mut head = CapturedHead::default();
        if !request.headers.contains_key(header::HOST)
            && let Some(host) = request_head::host(request)
        {
            head.add(b"host", host.as_bytes());
        }
        request.each(&mut |name, value| {
            length = length
                .saturating_add(name.len())
                .saturating_add(value.len());
            if length > limits.head {
                return;
            }
            let is_kept = std::str::from_utf8(name).is_ok_and(|name| is_kept(route, name));
            head.add(name, if is_kept { value.as_bytes() } else { MASK });
        });
        if length > limits.head {
            return None;
        }
        let kept = body.get(..limits.body).unwrap_or(body);
        let at = match refusal {
            Refusal::Callback(rejection, _) => rejection.at.as_ref().map(ToString::to_string),
            Refusal::At(_, at) => Some(at.clone()),
            _ => None,
        };
        let began = trace.began().duration_since(std::time::UNIX_EPOCH);
        Some(CapturedRequest {
            id: trace.request_id.clone(),
            time: u64::try_from(began.unwrap_or_default().as_millis()).unwrap_or(u64::MAX),
            caller: trace.caller(),
            peer: trace.peer.address,
            tls: trace.peer.tls,
            route: std::sync::Arc::clone(&route.name),
            reason: refusal.code(),
            at: at.map(|at| at.chars().take(LONGEST).collect()),
            method: request.method.clone(),
            shown_target: shown.into_owned(),
            target: target.to_vec(),
            head,
            // A copy: a part of the body would keep all of it.
            body: Bytes::copy_from_slice(kept),
            body_length: body.len(),
        })
    }
}

/// The longest `at`, in characters.
const LONGEST: usize = 200;

/// Whether it is about the callback, rather than about the state of the proxy, a store or a backend.
fn is_rejection(refusal: &Refusal) -> bool {
    match refusal {
        Refusal::Callback(..) => true,
        Refusal::Fault(fault) | Refusal::At(fault, _) => matches!(
            fault,
            Fault::OriginalTargetUntrusted
                | Fault::OriginalTargetMissing
                | Fault::OriginalTargetRepeated
                | Fault::IdentityUnusable
        ),
        _ => false,
    }
}

/// Whether a header's value is kept: credentials only if the scheme reads them.
fn is_kept(route: &Route, name: &str) -> bool {
    let is_it = |other: &header::HeaderName| other.as_str().eq_ignore_ascii_case(name);
    !CREDENTIALS.iter().any(is_it) || route.reads(name)
}
