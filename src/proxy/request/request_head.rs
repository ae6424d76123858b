//! The request that pingora parsed, in the form that the judge takes.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use pingora::http::{IntoCaseHeaderName as _, RequestHeader};

use crate::judge::{Head, HeaderLines, Peer};

/// A request's header.
pub(in crate::proxy) fn of<'a>(
    request: &'a RequestHeader,
    peer: Peer,
    request_id: &'a str,
) -> Head<'a> {
    Head {
        method: &request.method,
        target: target(request),
        host: host(request),
        headers: &request.headers,
        lines: request,
        peer,
        request_id,
    }
}

/// A target that pingora's own field cannot hold.
#[derive(Clone)]
struct SentTarget(Bytes);

/// The path and query, as bytes: what the client sent, which pingora may not be able to hold.
pub(in crate::proxy) fn target(request: &RequestHeader) -> &[u8] {
    match request.extensions.get() {
        Some(SentTarget(target)) => target,
        None => request.raw_path(),
    }
}

/// Sets the target to exactly these bytes.
pub(in crate::proxy) fn set_target(request: &mut RequestHeader, target: Bytes) {
    let set = request.set_raw_path(&target);
    if set.is_ok() && request.raw_path() == target {
        request.extensions_mut().remove::<SentTarget>();
    } else {
        request.extensions_mut().insert(SentTarget(target));
    }
}

/// The Host header, or HTTP/2's `:authority`.
pub(in crate::proxy) fn host(request: &RequestHeader) -> Option<&str> {
    match request.headers.get(header::HOST) {
        Some(host) => host.to_str().ok(),
        None => request.uri.authority().map(|authority| authority.as_str()),
    }
}

/// The same as a value that needs no copy, if a header has it.
pub(super) fn host_value(request: &RequestHeader) -> Option<HeaderValue> {
    match request.headers.get(header::HOST) {
        Some(host) => Some(host.clone()),
        None => HeaderValue::from_str(request.uri.authority()?.as_str()).ok(),
    }
}

impl HeaderLines for RequestHeader {
    fn each(&self, take: &mut dyn FnMut(&[u8], &HeaderValue)) {
        if self.has_case() {
            for (name, value) in self.case_header_iter() {
                take(name.as_slice(), value);
            }
            return;
        }
        for (name, value) in &self.headers {
            if name != header::COOKIE {
                take(name.into_case_header_name().as_slice(), value);
            }
        }
        if let Some(cookie) = one_cookie(&self.headers) {
            take(b"cookie", &cookie);
        }
    }
}

/// HTTP/2 splits a cookie header into several; HTTP/1.1 needs a single one (RFC 9113, section
/// 8.2.3).
fn one_cookie(headers: &HeaderMap) -> Option<HeaderValue> {
    let crumbs: Vec<&[u8]> = headers
        .get_all(header::COOKIE)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    if crumbs.is_empty() {
        return None;
    }
    // Valid header values, joined by valid bytes.
    HeaderValue::from_bytes(&crumbs.join(&b"; "[..])).ok()
}
