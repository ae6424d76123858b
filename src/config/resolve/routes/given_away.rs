//! Settings that work, and give away something that the route would otherwise have: said once, so that it
//! is given away on purpose.

use std::time::Duration;

use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::model::{Endpoint, Retry, Route, Server, UpstreamTarget};
use crate::config::reader::{Table, quote};
use crate::config::units::format_duration;
use crate::verify::scheme::{Form, Part};

/// Providers send a callback again for a day or so, and so can whoever has captured one.
const SHORT_MEMORY: Duration = Duration::from_secs(24 * 60 * 60);

/// Warns of what one route gives away.
pub(super) fn warn(table: &Table<'_>, route: &Route) {
    let warnings = [
        any_age(table, route),
        short_memory(table, route),
        sent_twice(table, route),
        clear_text(table, route),
    ];
    for warning in warnings.into_iter().flatten() {
        table.problems().report(warning);
    }
}

fn any_age(table: &Table<'_>, route: &Route) -> Option<Diagnostic> {
    let is_off = route.policy.max_age.is_none() && table.has("max_age");
    if !is_off || route.policy.scheme.timestamp.is_none() {
        return None;
    }
    let why = "callbacks are signed with their time, and any age passes: whoever captured one can send it again for ever";
    let warning = Diagnostic::warning("no limit of age", table.key_place("max_age"), why);
    Some(warning.help("write how long the provider tries, such as \"1h\", or remove `max_age`"))
}

fn short_memory(table: &Table<'_>, route: &Route) -> Option<Diagnostic> {
    let once = route.once.as_ref()?;
    if route.policy.max_age.is_some() || once.keep >= SHORT_MEMORY || !table.has("once") {
        return None;
    }
    let why = format!(
        "no time limits these callbacks, so that whoever captured one can send it again {} later, and the backend gets it",
        format_duration(once.keep)
    );
    let warning = Diagnostic::warning("forgotten soon", table.key_place("once"), why);
    Some(warning.help("raise `keep`: \"7days\" or more, for a callback takes little room"))
}

fn sent_twice(table: &Table<'_>, route: &Route) -> Option<Diagnostic> {
    let Retry { error, timeout, .. } = route.retry;
    if route.once.is_none() || !(error || timeout) {
        return None;
    }
    let why = "a server that fails may have acted on the callback before, and `once` does not keep it from the next one";
    let warning = Diagnostic::warning(
        "two servers for one callback",
        table.key_place("retry"),
        why,
    );
    Some(warning.help("write `retry = [\"connect\"]`, unless the servers themselves act once"))
}

fn clear_text(table: &Table<'_>, route: &Route) -> Option<Diagnostic> {
    let UpstreamTarget::Servers(servers) = &route.upstream.target else {
        return None;
    };
    let mut exposed = servers.iter().filter(|server| is_read_on_the_way(server));
    let server = route.decrypt.as_ref().and_then(|_| exposed.next())?;
    let why = format!(
        "what is decrypted goes to {} without TLS: whoever is on the way can read it",
        quote(&server.name)
    );
    let warning = Diagnostic::warning("clear text on the way", table.key_place("decrypt"), why);
    Some(warning.help("write \"https://...\" for the server, or decrypt where the backend is"))
}

fn is_read_on_the_way(server: &Server) -> bool {
    server.tls.is_none()
        && match &server.endpoint {
            Endpoint::Unix(_) => false,
            Endpoint::Inet { addresses, .. } => addresses
                .iter()
                .any(|address| !address.ip().to_canonical().is_loopback()),
        }
}

/// The routes that came before, as far as callbacks of one may pass on another.
#[derive(Default)]
pub(super) struct Siblings {
    routes: Vec<Sibling>,
}

struct Sibling {
    name: String,
    place: Place,
    scheme: String,
    keys: Vec<String>,
    namespace: String,
}

impl Siblings {
    /// Warns of a route on which a callback passes anew that another one remembers.
    pub(super) fn check(&mut self, table: &Table<'_>, route: &Route) {
        let scheme = &route.policy.scheme;
        let Some(once) = route
            .once
            .as_ref()
            .filter(|_| !signs_target(&scheme.content.form))
        else {
            return;
        };
        let mut keys: Vec<String> = route
            .policy
            .keys
            .all()
            .map(|key| key.id().to_owned())
            .collect();
        keys.sort_unstable();
        keys.dedup();
        let place = table.key_place("once");
        let is_other = |other: &&Sibling| {
            other.scheme == scheme.name
                && other.namespace != once.namespace
                && other.keys.iter().any(|key| keys.binary_search(key).is_ok())
        };
        if let Some(other) = self.routes.iter().find(is_other) {
            let why = format!(
                "a callback of the route {} passes here as well, for scheme and key are the same: whoever captured it can have it taken twice",
                quote(&other.name)
            );
            table.problems().report(
                Diagnostic::warning("one callback for two routes", place, why)
                    .and(other.place, "the other route is here")
                    .help("give both `once = { namespace = \"...\" }` with the same name, or keys of their own"),
            );
        }
        self.routes.push(Sibling {
            name: route.name.clone(),
            place: table.key_place("name"),
            scheme: scheme.name.clone(),
            keys,
            namespace: once.namespace.clone(),
        });
    }
}

/// Whether a callback is signed for the address that it was sent to.
fn signs_target(form: &Form) -> bool {
    match form {
        Form::SortedFields(_) => false,
        Form::JsonObject(object) => object
            .members
            .iter()
            .any(|member| member.value == Part::Target),
        Form::Concat(parts) => parts.contains(&Part::Target),
    }
}
