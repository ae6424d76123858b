//! Which route takes a request.

use std::collections::HashMap;
use std::sync::Arc;

use http::Method;

use super::refusal::{Fault, Refusal};
use crate::config::backend::{is_ambiguous_path, other_spellings};
use crate::config::{HostPattern, PathPattern, Route};

/// The routes, arranged for lookup: its cost grows with the lengths of host and path, not with
/// the number of routes.
pub(super) struct Routes {
    hosts: HashMap<String, Paths>,
    /// By what a host name ends with, such as `.example.com`.
    suffixes: HashMap<String, Paths>,
    any: Paths,
}

#[derive(Default)]
struct Paths {
    exact: HashMap<String, Vec<Arc<Route>>>,
    prefixes: HashMap<String, Vec<Arc<Route>>>,
    /// The lengths of all prefixes, longest first.
    prefix_lengths: Vec<usize>,
}

impl Routes {
    pub(super) fn new(routes: &[Arc<Route>]) -> Self {
        let mut all = Self {
            hosts: HashMap::new(),
            suffixes: HashMap::new(),
            any: Paths::default(),
        };
        for route in routes {
            let paths = match &route.host {
                HostPattern::Any => &mut all.any,
                HostPattern::Suffix(suffix) => all.suffixes.entry(suffix.clone()).or_default(),
                HostPattern::Exact(host) => all.hosts.entry(host.clone()).or_default(),
            };
            paths.add(route);
        }
        let groups = all.hosts.values_mut().chain(all.suffixes.values_mut());
        groups.chain([&mut all.any]).for_each(Paths::finish);
        all
    }

    /// The most specific route: by host, then by path, then by method.
    pub(super) fn find(
        &self,
        host: &str,
        path: &str,
        method: &Method,
    ) -> Result<&Arc<Route>, Refusal> {
        let routes = self.at(host, path)?.ok_or(Fault::RouteNotFound)?;
        routes
            .iter()
            .find(|route| route.methods.contains(method))
            .ok_or_else(|| Refusal::Method(allowed(routes)))
    }

    fn at(&self, host: &str, path: &str) -> Result<Option<&[Arc<Route>]>, Fault> {
        let host = bare_host(host);
        let Some(found) = self.written(&host, path) else {
            return Ok(None);
        };
        // The operator wrote an exact path out; behind a prefix, anything may stand.
        if found.by_prefix {
            let elsewhere = |other: String| {
                let other = self.written(&host, &other).map(|other| other.routes);
                !other.is_some_and(|other| std::ptr::eq(other, found.routes))
            };
            if is_ambiguous_path(path) || other_spellings(path).into_iter().any(elsewhere) {
                return Err(Fault::TargetAmbiguous);
            }
        }
        Ok(Some(found.routes))
    }

    /// The routes of a path as it is written.
    fn written(&self, host: &str, path: &str) -> Option<Found<'_>> {
        let exact = self.hosts.get(host);
        let suffixes = host
            .char_indices()
            .filter(|(_, character)| *character == '.')
            .filter_map(|(at, _)| self.suffixes.get(host.get(at..)?));
        let mut all = exact.into_iter().chain(suffixes).chain([&self.any]);
        all.find_map(|paths| paths.at(path))
    }
}

/// The routes of one path, which differ by method.
struct Found<'r> {
    routes: &'r [Arc<Route>],
    by_prefix: bool,
}

impl Paths {
    fn add(&mut self, route: &Arc<Route>) {
        let (group, path) = match &route.path {
            PathPattern::Exact(path) => (&mut self.exact, path),
            PathPattern::Prefix(path) => (&mut self.prefixes, path),
        };
        group
            .entry(path.clone())
            .or_default()
            .push(Arc::clone(route));
    }

    fn finish(&mut self) {
        self.prefix_lengths = self.prefixes.keys().map(String::len).collect();
        self.prefix_lengths.sort_unstable_by(|a, b| b.cmp(a));
        self.prefix_lengths.dedup();
    }

    fn at(&self, path: &str) -> Option<Found<'_>> {
        if let Some(routes) = self.exact.get(path) {
            return Some(Found {
                routes,
                by_prefix: false,
            });
        }
        let mut lengths = self.prefix_lengths.iter();
        let routes = lengths.find_map(|length| self.prefixes.get(path.get(..*length)?))?;
        Some(Found {
            routes,
            by_prefix: true,
        })
    }
}

/// The host name of a Host header: lower-case, without port or the dot of the DNS root.
fn bare_host(host: &str) -> String {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

fn allowed(routes: &[Arc<Route>]) -> String {
    let mut methods: Vec<&str> = routes
        .iter()
        .flat_map(|route| &route.methods)
        .map(Method::as_str)
        .collect();
    methods.sort_unstable();
    methods.dedup();
    methods.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_compared_bare() {
        for (header, host) in [
            ("Pay.Example.com:8080", "pay.example.com"),
            ("pay.example.com.", "pay.example.com"),
            ("[::1]:80", "[::1]"),
            ("[::1]", "[::1]"),
            ("host:", "host"),
            ("", ""),
        ] {
            assert_eq!(bare_host(header), host);
        }
    }
}
