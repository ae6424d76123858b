//! The path of a listener's own health check.

use std::sync::Arc;

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

/// Reports health checks at paths of routes: callbacks there would get a health check's answer, or
/// probes would become callbacks.
pub(super) fn check(listeners: &[Table<'_>], routes: &[Arc<Route>]) {
    for table in listeners {
        let text = table.get("health").and_then(|value| value.text());
        let Some(text) = text else { continue };
        let takes = |route: &&Arc<Route>| match &route.path {
            PathPattern::Exact(path) => path == text.text,
            PathPattern::Prefix(prefix) => text.text.starts_with(prefix.as_str()),
        };
        if let Some(route) = routes.iter().find(takes) {
            let _: Option<()> = text
                .error(
                    "path of a route",
                    format!("the route {} matches this path", quote(&route.name)),
                )
                .help(
                    "choose a path that no route matches. To let a route answer GET, set its \
                     `get_answer`; the `[admin]` listener has /healthz and /readyz, too",
                )
                .report();
        }
    }
}
