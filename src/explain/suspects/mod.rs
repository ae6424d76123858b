//! The usual suspects: what happens to callbacks on their way, and to keys in configurations. Each is tried by verifying a
//! request that differs in it; none is a rule of its own.

mod form_writing;
mod json_differences;
mod json_writing;
mod other_bodies;
mod other_keys;
mod other_schemes;
mod other_signatures;
mod other_targets;
mod other_urls;

use http::HeaderValue;
use http::header::{CONTENT_TYPE, HOST};

use super::diagnosis::Diagnosis;
use super::trial::Trial;
use super::variation::{Suspect, Suspects};
use crate::written_request::WrittenRequest;
pub(super) use json_differences::differences;
pub(super) use other_keys::KnownKey;

/// What else is known than the request and its route.
#[derive(Default)]
pub(super) struct Surroundings {
    /// All keys of the configuration.
    pub(super) keys: Vec<KnownKey>,
    /// The paths of its routes.
    pub(super) paths: Vec<String>,
}

/// All that may have happened, the likeliest first.
pub(super) fn usual<'t>(trial: &'t Trial, around: &'t Surroundings) -> Suspects<'t> {
    let all = dimensions(trial, around).into_iter().flatten();
    Box::new(all)
}

/// The same by what is changed: two of different dimensions can have happened at once.
pub(super) fn dimensions<'t>(trial: &'t Trial, around: &'t Surroundings) -> Vec<Suspects<'t>> {
    let (policy, request) = (&trial.policy, &trial.request);
    let scheme = &*policy.scheme;
    let of_target = scheme.reads_target() || scheme.rules().may_use_public_url();
    let targets = only(of_target, || {
        other_targets::targets(&request.target, &request.headers, &around.paths)
    });
    let of_host = scheme.rules().reads_host() || scheme.headers().any(|name| *name == HOST);
    let hosts = only(of_host, || other_urls::other_hosts(&request.headers));
    let url = policy.route.public_url.as_deref();
    let methods = only(
        of_target || !scheme.definition().components.is_empty(),
        || other_targets::methods(&request.method),
    );
    vec![
        other_keys::secrets(&policy.keys),
        other_keys::known(&around.keys, &policy.keys),
        other_signatures::signatures(scheme, request),
        other_schemes::encodings(scheme),
        other_schemes::algorithms(scheme),
        other_schemes::units(scheme),
        other_urls::public_urls(url, &request.headers, &request.target),
        targets,
        hosts,
        methods,
        other_signatures::content_types(request),
        Box::new(other_bodies::bodies(&request.body).map(|one| labelled(one, request))),
        other_schemes::secret_forms(scheme),
    ]
}

/// Changes to the scheme itself: for a search, by whoever writes one.
pub(super) fn schemes(trial: &Trial) -> Suspects<'_> {
    let scheme = &*trial.policy.scheme;
    Box::new(other_schemes::contents(scheme).chain(other_schemes::selections(scheme)))
}

/// A body in another format, with the Content-Type of it.
fn labelled(mut one: Suspect, request: &WrittenRequest) -> Suspect {
    if one.diagnosis == Diagnosis::BodyOtherFormat {
        let is_json = one
            .variation
            .body
            .as_ref()
            .is_some_and(|body| body.starts_with(b"{"));
        let label = match is_json {
            true => "application/json",
            false => "application/x-www-form-urlencoded",
        };
        let mut headers = request.headers.clone();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(label));
        one.variation.headers = Some(headers);
    }
    one
}

fn only<'t>(applies: bool, suspects: impl FnOnce() -> Suspects<'t>) -> Suspects<'t> {
    match applies {
        true => suspects(),
        false => Box::new(std::iter::empty::<Suspect>()),
    }
}
