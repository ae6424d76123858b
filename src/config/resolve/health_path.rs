//! The path of a listener's own health check.

use std::sync::Arc;

use http::Method;

use crate::config::model::{PathPattern, Route};
use crate::config::reader::{Table, describe, quote};

/// Reads `health`; `Some(None)` if the listener has none.
pub(super) fn read(table: &Table<'_>) -> Option<Option<String>> {
    table.optional("health", |value| {
        let text = value.text()?;
        let path = text.text;
        let bad = path
            .chars()
            .find(|c| !c.is_ascii_graphic() || "?#".contains(*c));
        let (why, help) = match bad {
            _ if !path.starts_with('/') => (
                "a path must start with `/`".to_owned(),
                "write \"/healthz\"",
            ),
            Some(bad) => (
                format!(
                    "the path of a health check must not contain {}",
                    describe(bad)
                ),
                "write it as the load balancer sends it, without the query",
            ),
            None => return Some(path.to_owned()),
        };
        text.error("invalid path", why).help(help).report()
    })
}

/// What the listener answers at the path of a health check.
const PROBE_METHODS: [Method; 3] = [Method::GET, Method::HEAD, Method::OPTIONS];

/// Reports health checks at paths of routes: callbacks there would get a health check's answer, or
/// probes would become callbacks. Below a prefix that takes none of their methods, neither happens.
pub(super) fn check(listeners: &[Table<'_>], routes: &[Arc<Route>]) {
    for table in listeners {
        let text = table.get("health").and_then(|value| value.text());
        let Some(text) = text else { continue };
        let Some((why, help)) = routes.iter().find_map(|route| taken(route, text.text)) else {
            continue;
        };
        let _: Option<()> = text.error("path of a route", why).help(help).report();
    }
}

/// Why a route takes the path, and what to do.
fn taken(route: &Route, path: &str) -> Option<(String, String)> {
    let name = quote(&route.name);
    match &route.path {
        PathPattern::Exact(own) if own == path => Some((
            format!("the route {name} matches this path"),
            "choose a path that no route is for. To let a route answer GET, set its `get_answer`; \
             the `[admin]` listener has /healthz and /readyz, too"
                .to_owned(),
        )),
        PathPattern::Prefix(prefix) if path.starts_with(prefix.as_str()) => {
            let of_handshakes = route.policy.scheme.rules().handshake_methods();
            if let Some(method) = of_handshakes
                .into_iter()
                .find(|own| PROBE_METHODS.contains(own))
            {
                return Some((
                    format!(
                        "handshakes of the route {name} by {method} at this path would get the answer \
                         of a health check"
                    ),
                    "choose a path that the route does not match".to_owned(),
                ));
            }
            let mut methods = route.methods.iter();
            let method = methods.find(|method| PROBE_METHODS.contains(method))?;
            Some((
                format!(
                    "callbacks of the route {name} by {method} at this path would get the answer of \
                     a health check"
                ),
                format!(
                    "choose a path that the route does not match, or remove \"{method}\" from its \
                     `methods`"
                ),
            ))
        }
        _ => None,
    }
}
