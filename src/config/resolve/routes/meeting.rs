//! Routes with different keys that lead to the same path of a backend.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::config::diagnostic::{Diagnostic, Place, WarningName};
use crate::config::model::{PathPattern, Route, SentHost};
use crate::config::reader::{Table, quote};
use crate::config::same_server::{ServerIdentity, can_be_equal, sent_hosts};
use crate::config::served_paths::{all_bare, bare_path, folder_of_index, without_format};

/// Earlier routes, by what their backends get.
#[derive(Debug, Default)]
pub(super) struct Meetings {
    earlier: Vec<Earlier>,
    /// Exact paths, by all that a backend could read them as.
    exact: HashMap<String, Vec<usize>>,
    /// The same, by their own bare forms only.
    bare: HashMap<String, Vec<usize>>,
    /// Prefixes, by themselves and by what they are below.
    prefixes: HashMap<String, Vec<usize>>,
}

#[derive(Debug)]
struct Earlier {
    /// The place of the route among all routes.
    nth: usize,
    route: Arc<Route>,
    place: Place,
    /// The fingerprints of its keys.
    keys: BTreeSet<[u8; 32]>,
    /// Whether it accepts the warning.
    accepts: bool,
}

impl Meetings {
    /// Warns if this route and an earlier one with other keys lead to the same path.
    pub(super) fn check(&mut self, nth: usize, table: &Table<'_>, route: &Arc<Route>) {
        let this = Earlier::new(nth, table, route);
        let mut met: BTreeSet<usize> = BTreeSet::new();
        let mut look_up = |known: &HashMap<String, Vec<usize>>, path: &str| {
            met.extend(known.get(path).into_iter().flatten());
        };
        let own = self.earlier.len();
        let add = |known: &mut HashMap<String, Vec<usize>>, path: &str| {
            let known = known.entry(path.to_owned()).or_default();
            let mut others = known.iter().filter_map(|at| self.earlier.get(*at));
            if !others.any(|other| other.stands_for(&this)) {
                known.push(own);
            }
        };
        match route.backend_path() {
            PathPattern::Exact(path) => {
                for reading in readings(&path) {
                    look_up(&self.exact, &reading);
                    add(&mut self.exact, &reading);
                }
                // Everything is below the root.
                for bare in all_bare(&path).filter(|bare| !bare.is_empty()) {
                    look_up(&self.prefixes, &bare);
                    add(&mut self.bare, &bare);
                }
            }
            PathPattern::Prefix(path) => {
                let bare = bare_path(&path);
                look_up(&self.prefixes, &bare);
                for above in upwards(&bare) {
                    look_up(&self.bare, above);
                    add(&mut self.prefixes, above);
                }
            }
        }
        let others: Vec<&Earlier> = (met.into_iter())
            .filter_map(|at| self.earlier.get(at))
            .collect();
        let first = |accepts: bool| {
            let mut others = others.iter().filter(|other| other.accepts == accepts);
            others.find(|other| this.meets(other))
        };
        // An accepted pair must not hide another one.
        if let Some(other) = first(false).or_else(|| first(true)) {
            table.problems().report(same_path(other, &this));
        }
        self.earlier.push(this);
    }
}

impl Earlier {
    fn new(nth: usize, table: &Table<'_>, route: &Arc<Route>) -> Self {
        let key = ["upstream_path", "path"]
            .into_iter()
            .find(|key| table.has(key));
        let keys = route.policy.keys.all().map(|key| key.fingerprint());
        Self {
            nth,
            route: Arc::clone(route),
            place: table.key_place(key.unwrap_or("path_prefix")),
            keys: keys.collect(),
            accepts: table
                .problems()
                .is_accepted_in_route(WarningName::OnePathForTwoRoutes),
        }
    }

    /// Whether whatever meets the other one meets this, too, so that one of the two is enough.
    fn stands_for(&self, other: &Self) -> bool {
        let (one, two) = (&self.route, &other.route);
        self.accepts == other.accepts
            && Arc::ptr_eq(&one.upstream, &two.upstream)
            && one.host == two.host
            && one.path == two.path
            && one.upstream_path == two.upstream_path
            && one.methods == two.methods
            && self.keys == other.keys
            && one.backend_path() == two.backend_path()
    }

    /// Whether the two, whose paths meet, are one to their backend, but have different keys.
    fn meets(&self, other: &Self) -> bool {
        let (one, two) = (&self.route, &other.route);
        !is_told_apart_before(one, two)
            && self.keys != other.keys
            && one
                .methods
                .iter()
                .any(|method| two.methods.contains(method))
            && is_same_server(one, two)
            && can_be_equal(&sent_hosts(one), &sent_hosts(two))
    }
}

/// All bare paths that a backend could read an exact one as.
fn readings(path: &str) -> BTreeSet<String> {
    let mut all: BTreeSet<String> = all_bare(path).collect();
    for shorten in [folder_of_index, without_format] {
        let shorter = all.iter().filter_map(|path| shorten(path));
        let shorter: Vec<String> = shorter.map(str::to_owned).collect();
        all.extend(shorter);
    }
    all
}

/// A bare path, and those above it.
fn upwards(bare: &str) -> impl Iterator<Item = &str> {
    let above = bare.match_indices('/').filter_map(|(at, _)| bare.get(..at));
    above.filter(|above| !above.is_empty()).chain([bare])
}

/// Whether the lookup of routes decides between the two as their backend would.
fn is_told_apart_before(one: &Route, other: &Route) -> bool {
    let is_as_it_came = |route: &Route| route.upstream_path.is_none();
    let passes_host = |route: &Route| route.upstream.host == SentHost::Client;
    let is_prefix = |route: &Route| matches!(route.path, PathPattern::Prefix(_));
    if is_as_it_came(one) && is_as_it_came(other) {
        return one.host == other.host || passes_host(one) && passes_host(other);
    }
    // Of two prefixes, the longer one counts.
    is_prefix(one) && is_prefix(other) && one.backend_path() != other.backend_path()
}

fn is_same_server(one: &Route, other: &Route) -> bool {
    let servers: HashSet<_> = ServerIdentity::all_of(&one.upstream).collect();
    ServerIdentity::all_of(&other.upstream).any(|server| servers.contains(&server))
}

/// The warning about two routes; the second one is being checked.
fn same_path(first: &Earlier, second: &Earlier) -> Diagnostic {
    let why = format!(
        "the backend gets callbacks of the route {} at the same path, or reads it as the same, but it \
         has other keys: whoever can sign for one of the two can call what the other protects",
        quote(&first.route.name)
    );
    Diagnostic::warning(WarningName::OnePathForTwoRoutes, second.place, why)
        .and(first.place, "the other route is here")
        .about(first.nth)
        .help(
            "let them lead to two paths (`upstream_path`) or servers, or have the backend look at \
             the verified header that names the route",
        )
}
