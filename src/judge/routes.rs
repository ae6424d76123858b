//! Finding the route of a request.

use std::collections::HashMap;
use std::sync::Arc;

use http::Method;

use super::bare_paths::BarePaths;
use super::head::Head;
use super::refusal::{Fault, Refusal};
use crate::config::backend::{is_ambiguous_path, other_spellings};
use crate::config::same_server::bare_host;
use crate::config::served_paths::{all_bare, bare_path};
use crate::config::{HostPattern, PathPattern, Route};

/// The longest path, in bytes. File systems do not accept longer ones.
const MAX_PATH: usize = 4096;

/// The routes, arranged for lookup: its cost grows with the lengths of host and path, not with the
/// number of routes.
pub(super) struct Routes {
    hosts: HashMap<String, Paths>,
    /// By the end of a host name, such as `.example.com`.
    suffixes: HashMap<String, Paths>,
    any: Paths,
}

/// The routes of one host, or of one upstream.
#[derive(Default)]
pub(super) struct Paths {
    exact: HashMap<String, Vec<Arc<Route>>>,
    prefixes: HashMap<String, Vec<Arc<Route>>>,
    /// The lengths of all prefixes, longest first.
    prefix_lengths: Vec<usize>,
    bare: BarePaths,
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
            paths.add(route, route.path.clone());
        }
        let groups = all.hosts.values_mut().chain(all.suffixes.values_mut());
        groups.chain([&mut all.any]).for_each(Paths::finish);
        all
    }

    /// The route of a request.
    pub(super) fn of(&self, head: Head<'_>) -> Result<&Arc<Route>, Refusal> {
        let mut parts = head.target.split(|byte| *byte == b'?');
        let path = parts.next().unwrap_or_default();
        // The query may be in any encoding: no route looks at it.
        let path = std::str::from_utf8(path).map_err(|_| Fault::RequestMalformed)?;
        self.find(head.host.unwrap_or_default(), path, head.method)
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
            .find(|route| route.accepted_methods().any(|accepted| accepted == method))
            .ok_or_else(|| Refusal::Method(allowed(routes)))
    }

    fn at(&self, host: &str, path: &str) -> Result<Option<&[Arc<Route>]>, Fault> {
        if path.len() > MAX_PATH {
            return Err(Fault::TargetTooLong);
        }
        let host = bare_host(host);
        let Some(found) = written(self.of_host(&host), path) else {
            return Ok(None);
        };
        // An exact path was written out by the operator; after a prefix, anything may follow.
        if found.by_prefix.is_some() {
            let of_host: Vec<&Paths> = self.of_host(&host).collect();
            if is_ambiguous_path(path) || is_read_as_another(&of_host, path, found) {
                return Err(Fault::TargetAmbiguous);
            }
            for other in other_spellings(path) {
                let is_elsewhere = written(of_host.iter().copied(), &other)
                    .is_some_and(|other| !std::ptr::eq(other.routes, found.routes));
                if is_elsewhere || is_read_as_another(&of_host, &other, found) {
                    return Err(Fault::TargetAmbiguous);
                }
            }
        }
        Ok(Some(found.routes))
    }

    /// The routes that apply to a host, the most specific first.
    fn of_host(&self, host: &str) -> impl Iterator<Item = &Paths> {
        let exact = self.hosts.get(host);
        let suffixes = host
            .char_indices()
            .filter(|(_, character)| *character == '.')
            .filter_map(|(at, _)| self.suffixes.get(host.get(at..)?));
        exact.into_iter().chain(suffixes).chain([&self.any])
    }
}

/// The routes of a path in this spelling.
pub(super) fn written<'r>(
    mut of_host: impl Iterator<Item = &'r Paths>,
    path: &str,
) -> Option<Found<'r>> {
    of_host.find_map(|paths| paths.at(path))
}

/// Whether a backend could read a path as one that has a more specific route than the one found.
pub(super) fn is_read_as_another(of_host: &[&Paths], path: &str, found: Found<'_>) -> bool {
    let path = bare_path(path);
    for paths in of_host {
        let own = found
            .by_prefix
            .filter(|_| std::ptr::eq(*paths, found.among));
        let forms = own.into_iter().flat_map(all_bare);
        let begins = forms.filter(|form| path.starts_with(form));
        let beyond = begins.map(|form| form.len()).max().unwrap_or_default();
        if paths.bare.takes(&path, beyond) || paths.bare.completes(&path, beyond) {
            return true;
        }
        if own.is_some() {
            break;
        }
    }
    false
}

/// The routes of one path, which differ by method.
#[derive(Clone, Copy)]
pub(super) struct Found<'r> {
    pub(super) routes: &'r [Arc<Route>],
    /// The prefix that matched.
    by_prefix: Option<&'r str>,
    /// The host's paths that they belong to.
    among: &'r Paths,
}

impl Paths {
    /// Adds a route with this path.
    pub(super) fn add(&mut self, route: &Arc<Route>, path: PathPattern) {
        let (group, path) = match path {
            PathPattern::Exact(path) => (&mut self.exact, path),
            PathPattern::Prefix(path) => (&mut self.prefixes, path),
        };
        group.entry(path).or_default().push(Arc::clone(route));
    }

    /// Prepares the lookup, after all routes were added.
    pub(super) fn finish(&mut self) {
        self.prefix_lengths = self.prefixes.keys().map(String::len).collect();
        self.prefix_lengths.sort_unstable_by(|a, b| b.cmp(a));
        self.prefix_lengths.dedup();
        let prefixes = self.prefixes.keys();
        let (folders, starts): (Vec<_>, Vec<_>) = prefixes.partition(|path| path.ends_with('/'));
        self.bare = BarePaths::new(
            self.exact.keys().map(String::as_str),
            folders.into_iter().map(String::as_str),
            starts.into_iter().map(String::as_str),
        );
    }

    fn at(&self, path: &str) -> Option<Found<'_>> {
        if let Some(routes) = self.exact.get(path) {
            return Some(Found {
                routes,
                by_prefix: None,
                among: self,
            });
        }
        let mut lengths = self.prefix_lengths.iter();
        let entry = |length: &usize| self.prefixes.get_key_value(path.get(..*length)?);
        let (prefix, routes) = lengths.find_map(entry)?;
        Some(Found {
            routes,
            by_prefix: Some(prefix),
            among: self,
        })
    }
}

fn allowed(routes: &[Arc<Route>]) -> String {
    let mut methods: Vec<&str> = routes
        .iter()
        .flat_map(|route| route.accepted_methods())
        .map(Method::as_str)
        .collect();
    methods.sort_unstable();
    methods.dedup();
    methods.join(", ")
}
