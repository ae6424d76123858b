//! What whoever has captured a callback can try without a key: move bytes from one value into
//! another, shorten lists, continue a digest. Nothing of it passes as it were genuine: it is refused,
//! or marked as ambiguous, which `-t` has had the scheme say.

mod changed_fields;
mod extended_digests;
mod moved_values;
mod other_items;
mod shortened_lists;

use countersign_verify::http::{HeaderMap, HeaderName, HeaderValue};
use countersign_verify::language::RouteValues;
use countersign_verify::{Callback, KeySet, Scheme, VerifyPolicy, verify};

use crate::provider_cases::{SignedRequest, definitions, scheme_text};

/// What is said of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Refused,
    /// The backend is told that its fields could be others.
    Marked,
    Accepted,
}

/// The scheme of a request, as its file has it.
fn scheme(request: &SignedRequest) -> Option<Scheme> {
    let text = scheme_text(&request.slug)?;
    let mut schemes = definitions::schemes(&text).into_iter();
    let is_it = |scheme: &Scheme| {
        request
            .scheme
            .as_ref()
            .is_none_or(|name| *name == scheme.name)
    };
    schemes.find(is_it)
}

/// What a route asks of the requests.
fn policy(request: &SignedRequest, scheme: Scheme) -> VerifyPolicy {
    let keys = request.keys(scheme.rules());
    let route = RouteValues {
        public_url: request.public_url.clone(),
        values: request.values.iter().cloned().collect(),
    };
    let policy = VerifyPolicy::new(scheme, KeySet::Any(keys)).with_max_age(None);
    policy.with_route_values(route)
}

fn answer(policy: &VerifyPolicy, request: &SignedRequest) -> Answer {
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let name = HeaderName::try_from(name).unwrap();
        let Ok(value) = HeaderValue::try_from(value) else {
            return Answer::Refused;
        };
        headers.append(name, value);
    }
    let target = request.target.as_bytes();
    let callback = Callback::new(&request.method, target, &headers, &request.body);
    match verify(policy, callback, request.verify_at.unwrap_or_default()) {
        Err(_) => Answer::Refused,
        Ok(verified) if verified.ambiguous().is_some() => Answer::Marked,
        Ok(_) => Answer::Accepted,
    }
}
