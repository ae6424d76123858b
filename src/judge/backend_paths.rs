//! What routes lead to at their backends, where that is not told by host and path as they came.
//!
//! The lookup of routes makes sure that no backend reads a path as that of another route. Once a path
//! is rewritten, or the client's Host is not passed on, two routes can meet at the backend
//! nonetheless: whoever holds the key of one could call what the other protects.

use std::collections::HashMap;
use std::sync::Arc;

use super::refusal::Fault;
use super::routes::{Paths, is_read_as_another, written};
use crate::config::backend::{is_ambiguous_path, other_spellings};
use crate::config::{PathPattern, Route, SentHost};

/// The paths of routes at their backends, by upstream.
pub(super) struct BackendPaths(HashMap<String, Paths>);

impl BackendPaths {
    pub(super) fn new(routes: &[Arc<Route>]) -> Self {
        let mut upstreams: HashMap<String, Paths> = HashMap::new();
        for route in routes.iter().filter(|route| leads_elsewhere(route)) {
            upstreams.entry(route.upstream.name.clone()).or_default();
        }
        for route in routes {
            if let Some(paths) = upstreams.get_mut(&route.upstream.name) {
                paths.add(route, route.backend_path());
            }
        }
        upstreams.values_mut().for_each(Paths::finish);
        Self(upstreams)
    }

    /// Refuses a target that the route's backend could read as the path of another route.
    pub(super) fn check(&self, route: &Arc<Route>, target: &[u8]) -> Result<(), Fault> {
        // The operator wrote out where an exact path leads.
        let (Some(paths), PathPattern::Prefix(_)) = (self.0.get(&route.upstream.name), &route.path)
        else {
            return Ok(());
        };
        let target = route.backend_target(target);
        let path = target.split(|byte| *byte == b'?').next();
        let path = path.and_then(|path| std::str::from_utf8(path).ok());
        let path = path.ok_or(Fault::RequestMalformed)?;
        let leads_to_it = |path: &str| {
            let found = written([paths].into_iter(), path);
            found.is_some_and(|found| {
                found.routes.iter().any(|found| Arc::ptr_eq(found, route))
                    && !is_read_as_another(&[paths], path, found)
            })
        };
        if is_ambiguous_path(path)
            || !leads_to_it(path)
            || !other_spellings(path).iter().all(|path| leads_to_it(path))
        {
            return Err(Fault::TargetAmbiguous);
        }
        Ok(())
    }
}

/// Whether the backend of a route cannot tell it from others by host and path as they came.
fn leads_elsewhere(route: &Route) -> bool {
    route.upstream_path.is_some() || route.upstream.host != SentHost::Client
}
