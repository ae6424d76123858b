//! Secrets under which handshakes are answered: no other scheme may take callbacks under them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::model::Route;
use crate::config::reader::{Table, quote};
use crate::verify::Key;

/// A key whose secret is in answers to whoever asks.
#[derive(Clone, Copy)]
struct AnsweringKey<'r> {
    route: &'r Route,
    key: &'r Key,
    place: Place,
}

/// Reports routes whose callbacks somebody could have signed by asking another route for the answer to a
/// handshake: what its scheme signs is told apart from its own callbacks alone. Secrets are compared as
/// they were given and as filters decode them.
pub(super) fn check(tables: &[Table<'_>], routes: &[Option<Arc<Route>>]) {
    let routes = || {
        let both = tables.iter().zip(routes);
        both.filter_map(|(table, route)| Some((table, route.as_deref()?)))
    };
    let mut answering: HashMap<[u8; 32], Vec<AnsweringKey<'_>>> = HashMap::new();
    for (table, route) in routes() {
        let place = table.key_place("keys");
        for key in route.policy.keys.all() {
            for print in route.policy.answering_secrets(key) {
                let of_print = answering.entry(print).or_default();
                of_print.push(AnsweringKey { route, key, place });
            }
        }
    }
    if answering.is_empty() {
        return;
    }
    for (table, route) in routes() {
        let is_other = |one: &&AnsweringKey<'_>| {
            let scheme = &one.route.policy.scheme;
            scheme.definition() != route.policy.scheme.definition()
        };
        let mut keys = route.policy.keys.all();
        let shared = keys.find_map(|key| {
            let prints = route.policy.verifying_secrets(key);
            let known = prints.iter().filter_map(|print| answering.get(print));
            Some((key, *known.flatten().find(is_other)?))
        });
        if let Some((key, other)) = shared {
            let of = match key.id() == other.key.id() {
                true => format!("a secret of the key {}", quote(key.id())),
                false => format!(
                    "a secret of the key {}, which is one of {}, too",
                    quote(other.key.id()),
                    quote(key.id())
                ),
            };
            let why = format!(
                "the route {} answers handshakes with HMACs or digests under {of}: whoever asks could get \
                 the signature of a callback of this route",
                quote(&other.route.name),
            );
            let error = Diagnostic::error("one key for two schemes", table.key_place("keys"), why);
            let error = error.and(other.place, "that route uses the key here");
            table
                .problems()
                .report(error.help("use a key of its own for each scheme"));
        }
    }
}
