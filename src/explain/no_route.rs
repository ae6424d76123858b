//! Why no route takes a request.

use super::diagnosis::Diagnosis;
use super::explanation::ExplainedOutcome;
use super::finding::{Finding, FindingCode};
use crate::config::{HostPattern, PathPattern, Route};
use crate::judge::{Fault, Head, Refusal, Site};

pub(super) fn explain(
    site: &Site,
    head: Head<'_>,
    refusal: &Refusal,
) -> (ExplainedOutcome, Finding) {
    let fault = refusal.fault().unwrap_or(Fault::Internal);
    let finding = match refusal {
        Refusal::Method(methods) => {
            Finding::of(Diagnosis::RouteMethod).with(format!("it takes {methods}"))
        }
        _ if fault == Fault::RouteNotFound => not_found(site, head),
        _ => Finding {
            code: FindingCode::Fault(fault),
            first: fault.meaning().to_owned(),
            more: Vec::new(),
            changes: Vec::new(),
            advice: "See docs/reasons.md.".to_owned(),
        },
    };
    (ExplainedOutcome::NoRoute(fault.code()), finding)
}

/// A host or a path that is near to one of a route's.
fn not_found(site: &Site, head: Head<'_>) -> Finding {
    let path = head
        .target
        .split(|byte| *byte == b'?')
        .next()
        .unwrap_or_default();
    let path = String::from_utf8_lossy(path).into_owned();
    let routes = &site.config().routes;
    let by_host = routes.iter().find(|route| {
        let host = host_of(route);
        let found = host.and_then(|host| site.route_of(host, &path, head.method).ok());
        found.is_some()
    });
    if let Some(route) = by_host {
        let asked = head.host.unwrap_or("none");
        let host = host_of(route).unwrap_or_default();
        return Finding::of(Diagnosis::RouteHost).with(format!(
            "the request is for the host `{asked}`, and route `{}` takes `{host}`",
            route.name
        ));
    }
    let near = routes
        .iter()
        .min_by_key(|route| strsim::levenshtein(path_of(route), &path));
    let finding = Finding::of(Diagnosis::RoutePath);
    match near {
        Some(route) => finding.with(format!(
            "the request is for `{path}`, and route `{}` takes `{}`",
            route.name,
            path_of(route)
        )),
        None => finding,
    }
}

/// A host that the route takes.
fn host_of(route: &Route) -> Option<&str> {
    match &route.host {
        HostPattern::Any => None,
        HostPattern::Suffix(_) => None,
        HostPattern::Exact(host) => Some(host),
    }
}

fn path_of(route: &Route) -> &str {
    match &route.path {
        PathPattern::Exact(path) | PathPattern::Prefix(path) => path,
    }
}
