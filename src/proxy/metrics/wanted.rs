//! Which series a configuration has.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::config::Route;

/// Which series a configuration has.
pub(super) struct Wanted<'c> {
    routes: HashMap<&'c str, WantedOfRoute<'c>>,
}

struct WantedOfRoute<'c> {
    scheme: &'c str,
    upstream: &'c str,
    keys: HashSet<&'c str>,
    choice: &'static str,
}

impl<'c> Wanted<'c> {
    /// Those of some routes.
    pub(super) fn new(routes: impl Iterator<Item = &'c Arc<Route>>) -> Self {
        let of_route = |route: &'c Route| WantedOfRoute {
            scheme: &route.policy.scheme.name,
            upstream: &route.upstream.name,
            keys: route.policy.keys.all().map(|key| key.id()).collect(),
            choice: route.policy.keys.choice(),
        };
        Self {
            routes: routes
                .map(|route| (&*route.name, of_route(route)))
                .collect(),
        }
    }

    /// Whether there is a series with these labels. An empty label means none.
    pub(super) fn has<'l>(&self, label: impl Fn(&str) -> Option<&'l str>) -> bool {
        let label = |name| label(name).filter(|value| !value.is_empty());
        let fits = |route: &WantedOfRoute<'_>| {
            label("scheme").is_none_or(|scheme| scheme == route.scheme)
                && label("upstream").is_none_or(|upstream| upstream == route.upstream)
                && label("choice").is_none_or(|choice| choice == route.choice)
                && label("key").is_none_or(|key| route.keys.contains(key))
        };
        match label("route") {
            Some(route) => self.routes.get(route).is_some_and(fits),
            None => self.routes.values().any(fits),
        }
    }
}
