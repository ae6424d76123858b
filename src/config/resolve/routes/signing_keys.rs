//! Keys under which handshakes are answered with an HMAC: no other scheme may take callbacks under them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::model::Route;
use crate::config::reader::{Table, quote};
use crate::verify::Means;

/// Reports routes whose callbacks somebody could have signed by asking another route for the answer to a
/// handshake: what its scheme signs is told apart from its own callbacks alone.
pub(super) fn check(tables: &[Table<'_>], routes: &[Option<Arc<Route>>]) {
    let routes = || {
        let both = tables.iter().zip(routes);
        both.filter_map(|(table, route)| Some((table, route.as_ref()?)))
    };
    let mut signing: HashMap<[u8; 32], (Place, &Arc<Route>)> = HashMap::new();
    for (table, route) in routes() {
        if route.policy.scheme.rules().signs_for_others() {
            for key in route.policy.keys.all() {
                let place = table.key_place("keys");
                signing.entry(key.fingerprint()).or_insert((place, route));
            }
        }
    }
    if signing.is_empty() {
        return;
    }
    for (table, route) in routes() {
        let scheme = &route.policy.scheme;
        let mut algorithms = scheme.algorithms().into_iter();
        if !algorithms.any(|one| matches!(one.means(), Means::Mac | Means::Digest)) {
            continue;
        }
        let mut keys = route.policy.keys.all();
        let shared = keys.find_map(|key| Some((key, signing.get(&key.fingerprint())?)));
        if let Some((key, (place, other))) = shared
            && other.policy.scheme.definition() != scheme.definition()
        {
            let why = format!(
                "the route {} answers handshakes with HMACs under the key {}: whoever asks could get the \
                 signature of a callback of this route",
                quote(&other.name),
                quote(key.id())
            );
            let error = Diagnostic::error("one key for two schemes", table.key_place("keys"), why);
            let error = error.and(*place, "that route uses the key here");
            table
                .problems()
                .report(error.help("use a key of its own for each scheme"));
        }
    }
}
