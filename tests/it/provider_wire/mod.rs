//! What providers signed, over the wire: each of their requests reaches the backend through a route
//! of a few lines that names a scheme of the catalogue, and none that was tampered with does. Files of schemes
//! that do not ship are included as they are.

mod own_chain;
mod provider_proxy;
pub(crate) mod provider_routes;
mod signed_here;
#[path = "../../../crates/verify/tests/provider_cases/signed_request.rs"]
pub(crate) mod signed_request;

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, digest};
use provider_proxy::ProviderProxy;
use provider_routes::{claims, folder, path};
use signed_request::SignedRequest;

/// Providers whose callbacks no scheme can say: their values are encrypted, not signed.
const WITHOUT_SCHEME: [&str; 3] = ["oppwa", "paytm", "yeepay"];

/// The header of a request that the proxy replaces by its own, though a provider signs it.
const REPLACED: &str = "x-request-id";

/// Genuine requests that are no callbacks: the proxy cannot answer them, and refuses them by their name.
const CONFIRMATIONS: [&str; 2] = ["aws-sns-confirmation", "vendor-aws-sns-2-confirmation"];

/// How many bytes of each body are changed.
const CHANGED_BYTES: usize = 8;

/// The files of requests that must be accepted.
const GENUINE: [&str; 2] = ["valid.jsonl", "vendors.jsonl"];

/// The files of those that must be refused.
const TAMPERED: [&str; 2] = ["tampered.jsonl", "vendors_tampered.jsonl"];

/// The requests in files that some scheme is for.
fn requests(files: [&str; 2]) -> Vec<SignedRequest> {
    let files = files.iter();
    let requests = files.flat_map(|file| SignedRequest::read_all(&folder().join(file)));
    let mut requests: Vec<_> = requests.collect();
    requests.retain(|request| !WITHOUT_SCHEME.contains(&request.slug.as_str()));
    requests
}

/// Proxies that together take all requests that must be accepted.
fn proxies() -> Vec<ProviderProxy> {
    let mut groups: Vec<(BTreeSet<String>, Vec<SignedRequest>)> = Vec::new();
    for request in requests(GENUINE) {
        let claims = claims(&request);
        let free = { groups.iter_mut() }.find(|(taken, _)| taken.is_disjoint(&claims));
        match free {
            Some((taken, group)) => {
                taken.extend(claims);
                group.push(request);
            }
            None => groups.push((claims, vec![request])),
        }
    }
    let groups = groups.into_iter().map(|(_, group)| group);
    groups.map(ProviderProxy::start).collect()
}

#[test]
fn what_providers_signed_reaches_the_backend_as_it_came() {
    let mut count = 0;
    for proxy in proxies() {
        for request in &proxy.requests {
            count += 1;
            let answer = proxy.send(request, request);
            let line = proxy.access_line();
            if is_confirmation(request) {
                assert!(line.contains("handshake_unsupported"), "{line}");
                continue;
            }
            assert_eq!(answer.status, 200, "{}: {line}", request.id);
            let received = proxy.origin.last();
            assert_eq!(received.method, request.method, "{}", request.id);
            assert_eq!(received.target, request.target, "{}", request.id);
            assert_eq!(received.body, request.body, "{}", request.id);
            let headers = request.headers.iter();
            for (name, _) in headers.filter(|(name, _)| !name.eq_ignore_ascii_case(REPLACED)) {
                let of = |headers: &[(String, String)]| -> Vec<String> {
                    let headers = headers.iter();
                    let values = headers.filter(|(other, _)| other.eq_ignore_ascii_case(name));
                    values.map(|(_, value)| value.clone()).collect()
                };
                let (sent, got) = (of(&request.headers), of(&received.headers));
                assert_eq!(got, sent, "{}: {name}", request.id);
            }
            let verified = proxy.verified(request, request);
            let verified = verified.unwrap_or_else(|why| panic!("{}: {why}", request.id));
            if let Some(signed) = &request.signed_content {
                assert!(is_told(&verified.content, signed), "{}", request.id);
            }
            let header = |name: &str| received.header(&format!("X-Verified-{name}"));
            assert_eq!(header("Route"), Some(request.id.as_str()));
            assert_eq!(header("Scheme"), Some(verified.scheme.as_str()));
            assert_eq!(header("Key"), Some(verified.key.as_str()));
            assert_eq!(header("Timestamp"), verified.timestamp.as_deref());
            let ambiguous = verified.is_ambiguous.then_some("true");
            assert_eq!(header("Ambiguous"), ambiguous, "{}", request.id);
        }
        let callbacks = { proxy.requests.iter() }.filter(|request| !is_confirmation(request));
        assert_eq!(proxy.origin.count(), callbacks.count());
    }
    assert!(count >= 131, "{count}");
}

fn is_confirmation(request: &SignedRequest) -> bool {
    CONFIRMATIONS.contains(&request.id.as_str())
}

/// Whether a content is told as it is, or, because it holds a secret, by its digest.
fn is_told(told: &[u8], content: &[u8]) -> bool {
    told == content || told == digest(&SHA256, content).as_ref()
}

#[test]
fn nothing_that_was_tampered_with_reaches_the_backend() {
    let tampered = requests(TAMPERED);
    let mut count = 0;
    for proxy in proxies() {
        for request in &proxy.requests {
            let twins = tampered.iter();
            for twin in twins.filter(|twin| twin.twin_of.as_ref() == Some(&request.id)) {
                count += 1;
                let answer = proxy.send(request, twin);
                let line = proxy.access_line();
                // No route is at a path that was changed.
                let has_route = path(twin) == path(request);
                let expected = if has_route {
                    proxy.refusal(request)
                } else {
                    404
                };
                assert_eq!(answer.status, expected, "{}: {line}", twin.id);
            }
        }
        assert_eq!(proxy.origin.count(), 0);
    }
    assert_eq!(count, tampered.len());
}

/// Some bytes of each body and header, and one of the query. Which of them are signed, the library
/// tells, whose own test changes every byte.
#[test]
fn a_changed_byte_is_refused_unless_nobody_signed_it() {
    let (mut refused, mut accepted) = (0, 0);
    for proxy in proxies() {
        for request in &proxy.requests {
            if is_confirmation(request) {
                continue;
            }
            let content = proxy.verified(request, request).unwrap().content;
            for changed in changes(request) {
                let answer = proxy.send(request, &changed);
                let line = proxy.access_line();
                let expected = match proxy.verified(request, &changed) {
                    Ok(verified) => {
                        assert_eq!(verified.content, content, "{}", request.id);
                        accepted += 1;
                        200
                    }
                    Err(_) => {
                        refused += 1;
                        proxy.refusal(request)
                    }
                };
                assert_eq!(answer.status, expected, "{changed:?}: {line}");
            }
        }
    }
    assert!(refused > 5 * accepted, "{refused} {accepted}");
}

/// Copies of the request with one byte changed.
fn changes(request: &SignedRequest) -> Vec<SignedRequest> {
    let step = request.body.len().div_ceil(CHANGED_BYTES).max(1);
    let last = request.body.len().saturating_sub(1);
    let bytes = (0..request.body.len()).step_by(step).chain([last]);
    let bytes = bytes.filter(|at| *at < request.body.len());
    let bodies = bytes.map(|at| {
        let mut changed = request.clone();
        changed.body[at] ^= 1;
        changed
    });
    // Those that say where the request goes to, and how long it is, are not read by schemes alone.
    let of_http = ["host", "content-length"];
    let headers = request.headers.iter().enumerate();
    let headers = headers.filter(|(_, (name, _))| !of_http.contains(&name.to_lowercase().as_str()));
    let headers = headers.filter_map(|(nth, (_, value))| {
        let mut changed = request.clone();
        changed.headers[nth].1 = flipped(value, value.len() / 2)?;
        Some(changed)
    });
    let query = request.target.contains('?').then(|| {
        let mut changed = request.clone();
        changed.target = flipped(&request.target, request.target.len() - 1)?;
        Some(changed)
    });
    bodies.chain(headers).chain(query.flatten()).collect()
}

fn flipped(text: &str, at: usize) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    *bytes.get_mut(at)? ^= 1;
    let text = String::from_utf8(bytes).ok()?;
    text.bytes()
        .all(|byte| (b' '..0x7f).contains(&byte))
        .then_some(text)
}
