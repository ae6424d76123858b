//! Warns about settings that work but give up some of a route's protection, so that operators do so
//! on purpose.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use crate::config::diagnostic::{Diagnostic, Place, WarningName};
use crate::config::model::{Endpoint, Retry, Route, UpstreamServer, UpstreamTarget};
use crate::config::reader::{Table, quote};
use crate::config::units::format_duration;
use crate::verify::scheme::IdentityPart;
use crate::verify::{Key, OnAmbiguity, Scheme};

/// Providers resend a callback for a day or so, and so can an attacker who captured one.
const SHORT_MEMORY: Duration = Duration::from_secs(24 * 60 * 60);

/// Warns about what one route gives up.
pub(super) fn warn(table: &Table<'_>, route: &Route) {
    let warnings = [
        any_age(table, route),
        short_memory(table, route),
        sent_twice(table, route),
        clear_text(table, route),
        unnamed_values(table, route),
    ];
    for warning in warnings.into_iter().flatten() {
        table.problems().report(warning);
    }
}

fn any_age(table: &Table<'_>, route: &Route) -> Option<Diagnostic> {
    let scheme = &route.policy.scheme;
    if route.policy.max_age.is_some() || !scheme.signs_time() {
        return None;
    }
    let (key, help) = if !table.has("max_age") {
        (
            "scheme",
            "add `max_age`, here or in the scheme: how long the provider retries, such as \"1h\"",
        )
    } else if scheme.max_age.is_none() {
        (
            "max_age",
            "write how long the provider retries, such as \"1h\"",
        )
    } else {
        (
            "max_age",
            "write how long the provider retries, such as \"1h\", or remove `max_age`",
        )
    };
    let why = "callbacks have a signed timestamp, but any age is accepted: whoever captured one can \
         replay it for ever";
    Some(Diagnostic::warning(WarningName::NoAgeLimit, table.key_place(key), why).help(help))
}

fn short_memory(table: &Table<'_>, route: &Route) -> Option<Diagnostic> {
    let once = route.once.as_ref()?;
    if once.keep >= SHORT_MEMORY {
        return None;
    }
    let is_limited = route.policy.max_age.is_some() && route.policy.scheme.signs_time();
    let is_field = |part: &IdentityPart| matches!(part, IdentityPart::Field(_));
    let keep = format_duration(once.keep);
    let why = if !is_limited {
        format!(
            "these callbacks have no time limit: whoever captured one can replay it {keep} later, \
             and the backend gets it"
        )
    } else if once.identity.iter().any(is_field) {
        format!(
            "if the provider resends a callback more than {keep} later, signed anew, the backend \
             gets it again"
        )
    } else {
        // What is signed anew has another identity, however long this one is remembered.
        return None;
    };
    let key = if table.has("once") { "once" } else { "scheme" };
    let warning = Diagnostic::warning(WarningName::ForgottenSoon, table.key_place(key), why);
    Some(warning.help(
        "raise `keep`, in the route's `once` or the scheme, to \"7days\" or more: a callback \
         takes little space",
    ))
}

fn unnamed_values(table: &Table<'_>, route: &Route) -> Option<Diagnostic> {
    let scheme = &route.policy.scheme;
    let is_refused = route.policy.requirements.ambiguous == OnAmbiguity::Refuse;
    if is_refused || scheme.ambiguous_join || !scheme.rules().joins_listed_values() {
        return None;
    }
    let why = "the callback lists which values are signed, and their names are not between them: whoever has \
         one in which a value contains the separator can move parts of it to other fields";
    let warning = Diagnostic::warning(WarningName::UnnamedValues, table.key_place("scheme"), why);
    Some(warning.help(
        "add `ambiguous = \"refuse\"`; otherwise such a callback is only marked, with \
         X-Verified-Ambiguous",
    ))
}

fn sent_twice(table: &Table<'_>, route: &Route) -> Option<Diagnostic> {
    let Retry { error, timeout, .. } = route.retry;
    if route.once.is_none() || !(error || timeout) {
        return None;
    }
    let why = "a server that fails may already have acted on the callback, and `once` does not keep it \
          from the next server";
    let warning = Diagnostic::warning(
        WarningName::RetryAfterSending,
        table.key_place("retry"),
        why,
    );
    Some(
        warning
            .help("write `retry = [\"connect\"]`, unless the servers recognise repeats themselves"),
    )
}

fn clear_text(table: &Table<'_>, route: &Route) -> Option<Diagnostic> {
    let UpstreamTarget::Servers(servers) = &route.upstream.target else {
        return None;
    };
    let mut exposed = servers.iter().filter(|server| is_read_on_the_way(server));
    let server = route.decrypt.as_ref().and_then(|_| exposed.next())?;
    let why = format!(
        "decrypted values go to {} without TLS: anybody on the network path can read them",
        quote(&server.name)
    );
    let warning = Diagnostic::warning(
        WarningName::ClearTextToServer,
        table.key_place("decrypt"),
        why,
    );
    Some(warning.help("write \"https://...\" for the server, or decrypt on the backend's machine"))
}

fn is_read_on_the_way(server: &UpstreamServer) -> bool {
    server.tls.is_none()
        && match &server.endpoint {
            Endpoint::Unix(_) => false,
            Endpoint::Inet { addresses, .. } => addresses
                .iter()
                .any(|address| !address.ip().to_canonical().is_loopback()),
        }
}

/// Earlier routes, by each of their keys, to find pairs of routes that accept the same callbacks.
#[derive(Default)]
pub(super) struct Siblings {
    by_key: HashMap<[u8; 32], Vec<Rc<Sibling>>>,
    /// The fingerprints of keys, by address; the keys outlive this value.
    fingerprints: HashMap<*const Key, [u8; 32]>,
}

struct Sibling {
    /// The place of the route among all routes.
    nth: usize,
    name: String,
    /// The place of its name.
    place: Place,
    /// The place of its `once`.
    once: Place,
    /// Whether it accepts the warning.
    accepts: bool,
    scheme: Arc<Scheme>,
    memory: Option<Remembered>,
}

/// Two routes for which this is equal recognise each other's callbacks as repeats.
#[derive(PartialEq, Eq)]
struct Remembered {
    namespace: String,
    identity: Vec<IdentityPart>,
}

impl Sibling {
    fn new(nth: usize, table: &Table<'_>, route: &Route) -> Self {
        Self {
            nth,
            name: route.name.to_string(),
            place: table.key_place("name"),
            once: table.key_place("once"),
            accepts: table
                .problems()
                .is_accepted_in_route(WarningName::OneCallbackForTwoRoutes),
            scheme: Arc::clone(&route.policy.scheme),
            memory: route.once.as_ref().map(|once| Remembered {
                namespace: once.namespace.clone(),
                identity: once.identity.clone(),
            }),
        }
    }

    /// Whether a signature that is valid on one route is valid on the other, if they share a key.
    fn signs_like(&self, other: &Self) -> bool {
        let (one, other) = (&self.scheme, &other.scheme);
        Arc::ptr_eq(one, other) || one.signs_like(other)
    }
}

impl Siblings {
    /// Warns if a callback that this route has accepted passes as new on an earlier one, or the
    /// other way round.
    pub(super) fn check(&mut self, nth: usize, table: &Table<'_>, route: &Route) {
        if route.policy.scheme.signs_target() {
            // A signature covers the address that its callback was sent to.
            return;
        }
        let this = Rc::new(Sibling::new(nth, table, route));
        let keys: BTreeSet<[u8; 32]> = (route.policy.keys.all())
            .map(|key| self.fingerprint(key))
            .collect();
        let is_anew = |other: &&Rc<Sibling>| other.memory != this.memory && other.signs_like(&this);
        let known = keys.iter().filter_map(|key| self.by_key.get(key));
        let others = known.flat_map(|routes| routes.iter().filter(is_anew));
        // An accepted pair must not hide another one.
        if let Some(other) = others.min_by_key(|other| (other.accepts, other.nth)) {
            table.problems().report(passes_anew(other, &this));
        }
        for key in keys {
            let routes = self.by_key.entry(key).or_default();
            let is_known = |other: &Rc<Sibling>| {
                other.memory == this.memory
                    && other.accepts == this.accepts
                    && Arc::ptr_eq(&other.scheme, &this.scheme)
            };
            if !routes.iter().any(is_known) {
                routes.push(Rc::clone(&this));
            }
        }
    }

    /// Two ids can stand for the same key, so keys are compared by fingerprint.
    fn fingerprint(&mut self, key: &Arc<Key>) -> [u8; 32] {
        let fingerprint = self.fingerprints.entry(Arc::as_ptr(key));
        *fingerprint.or_insert_with(|| key.fingerprint())
    }
}

/// The warning about two routes; the second one is being checked.
fn passes_anew(first: &Sibling, second: &Sibling) -> Diagnostic {
    let (warned, other) = if first.memory.is_none() {
        (first, second)
    } else {
        (second, first)
    };
    let cost = if warned.memory.is_none() {
        "and this route does not remember it: whoever captured it can have it accepted again and \
          again"
    } else {
        "and is remembered separately: whoever captured it can have it accepted twice"
    };
    let why = format!(
        "a callback of the route {} also passes here, because both accept the same signatures, \
         {cost}",
        quote(&other.name)
    );
    Diagnostic::warning(WarningName::OneCallbackForTwoRoutes, warned.once, why)
        .and(other.place, "the other route is here")
        .about(first.nth)
        .help(
            "give both `once = { namespace = \"...\" }` with the same name and the same \
             `identity`, or separate keys",
        )
}
