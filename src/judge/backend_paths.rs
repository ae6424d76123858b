//! What routes lead to at their backends, where that is not told by host and path as they came.
//!
//! The lookup of routes makes sure that no backend reads a path as that of another route. Once a path
//! is rewritten, or the client's Host is not passed on, two routes can meet at the backend
//! nonetheless: whoever holds the key of one could call what the other protects.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::refusal::Fault;
use super::routes::{Paths, is_read_as_another, written};
use crate::config::backend::{is_ambiguous_path, other_spellings};
use crate::config::same_server::{ServerIdentity, can_be_equal, sent_hosts};
use crate::config::served_paths::{all_bare, bare_path};
use crate::config::{HostPattern, PathPattern, Route, SentHost};

/// What the servers of each upstream are asked for, by upstream.
pub(super) struct BackendPaths(HashMap<String, BackendRoutes>);

/// The paths of all routes that lead to the servers of one upstream.
#[derive(Default)]
struct BackendRoutes {
    paths: Paths,
    /// Exact paths, in their bare forms.
    exact: HashMap<String, Vec<Arc<Route>>>,
}

impl BackendPaths {
    pub(super) fn new(routes: &[Arc<Route>]) -> Self {
        let mut of_upstreams: BTreeMap<&str, Vec<&Arc<Route>>> = BTreeMap::new();
        for route in routes {
            let of_upstream = of_upstreams.entry(&route.upstream.name).or_default();
            of_upstream.push(route);
        }
        let mut of_servers: HashMap<ServerIdentity, Vec<&str>> = HashMap::new();
        for (name, of_upstream) in &of_upstreams {
            let upstream = of_upstream.first().map(|route| &route.upstream);
            for server in upstream
                .into_iter()
                .flat_map(|one| ServerIdentity::all_of(one))
            {
                of_servers.entry(server).or_default().push(name);
            }
        }
        let asked = of_upstreams.iter().filter_map(|(name, own)| {
            let upstream = &own.first()?.upstream;
            let same = ServerIdentity::all_of(upstream).filter_map(|one| of_servers.get(&one));
            let others: BTreeSet<&str> =
                same.flatten().copied().filter(|one| one != name).collect();
            let others = others.iter().filter_map(|other| of_upstreams.get(other));
            let routes = backend_routes(own, others.flatten().copied())?;
            Some(((*name).to_owned(), routes))
        });
        Self(asked.collect())
    }

    /// Refuses a target that the route's backend could read as the path of another route.
    pub(super) fn check(&self, route: &Arc<Route>, target: &[u8]) -> Result<(), Fault> {
        // The operator wrote out where an exact path leads.
        let (Some(asked), PathPattern::Prefix(_)) = (self.0.get(&route.upstream.name), &route.path)
        else {
            return Ok(());
        };
        let target = route.backend_target(target);
        let path = target.split(|byte| *byte == b'?').next();
        let path = path.and_then(|path| std::str::from_utf8(path).ok());
        let path = path.ok_or(Fault::RequestMalformed)?;
        if is_ambiguous_path(path)
            || !asked.is_only_of(route, path)
            || !other_spellings(path)
                .iter()
                .all(|path| asked.is_only_of(route, path))
        {
            return Err(Fault::TargetAmbiguous);
        }
        Ok(())
    }
}

/// `None` where host and path as they came tell all routes apart.
fn backend_routes<'r>(
    own: &[&'r Arc<Route>],
    others: impl Iterator<Item = &'r Arc<Route>>,
) -> Option<BackendRoutes> {
    // One upstream's routes are compared whatever their hosts are.
    let hosts: HashSet<HostPattern> = own.iter().flat_map(|route| sent_hosts(route)).collect();
    let hosts: Vec<HostPattern> = hosts.into_iter().collect();
    let others = others.filter(|other| can_be_equal(&hosts, &sent_hosts(other)));
    let all: Vec<&Arc<Route>> = own.iter().copied().chain(others).collect();
    if !all.iter().any(|route| leads_elsewhere(route)) {
        return None;
    }
    let mut asked = BackendRoutes::default();
    for route in all {
        let path = route.backend_path();
        if let PathPattern::Exact(path) = &path {
            for bare in all_bare(path) {
                asked.exact.entry(bare).or_default().push(Arc::clone(route));
            }
        }
        asked.paths.add(route, path);
    }
    asked.paths.finish();
    Some(asked)
}

impl BackendRoutes {
    /// Whether a path in this spelling is the route's, which has a prefix, and no other's.
    fn is_only_of(&self, route: &Arc<Route>, path: &str) -> bool {
        let found = written([&self.paths].into_iter(), path);
        let is_found = found.is_some_and(|found| {
            found.routes.iter().any(|found| Arc::ptr_eq(found, route))
                && !is_read_as_another(&[&self.paths], path, found)
        });
        // The lookup spares what a prefix and an exact path differ by, a slash, because whoever
        // writes both side by side means two. Of one that is moved there, nobody said so.
        let alike = self.exact.get(&bare_path(path));
        is_found
            && alike
                .into_iter()
                .flatten()
                .all(|other| is_beside(route, other))
    }
}

/// Whether two routes were written for the same host, and lead to the paths that they were written
/// for.
fn is_beside(one: &Route, other: &Route) -> bool {
    one.host == other.host && one.upstream_path.is_none() && other.upstream_path.is_none()
}

/// Whether the backend of a route cannot tell it from others by host and path as they came.
fn leads_elsewhere(route: &Route) -> bool {
    route.upstream_path.is_some() || route.upstream.host != SentHost::Client
}
