//! Routes with different keys that lead to the same path of a backend.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::config::diagnostic::{Diagnostic, Place, WarningName};
use crate::config::model::{HostPattern, PathPattern, Route, SentHost};
use crate::config::reader::{Table, quote};
use crate::config::same_server::{ServerIdentity, can_be_equal, sent_hosts};
use crate::config::served_paths::{all_bare, folder_of_index, without_format};
use crate::config::served_scripts::{names_script, uncompleted};

/// Earlier routes, by what their backends get.
#[derive(Debug, Default)]
pub(super) struct Meetings {
    earlier: Vec<Earlier>,
    /// Exact paths, by all that a backend could read them as.
    exact: HashMap<String, Vec<usize>>,
    /// The same, by their own bare forms only.
    bare: HashMap<String, Vec<usize>>,
    /// Exact paths, by what a server could complete to them.
    uncompleted: HashMap<String, Vec<usize>>,
    /// Prefixes, by themselves and by what they are below.
    prefixes: HashMap<String, Vec<usize>>,
    /// The same, by what a server could complete to it.
    uncompleted_prefixes: HashMap<String, Vec<usize>>,
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
                    look_up(&self.uncompleted, &bare);
                    look_up(&self.uncompleted_prefixes, &bare);
                    add(&mut self.bare, &bare);
                    for shorter in uncompleted(&bare) {
                        look_up(&self.bare, &shorter);
                        look_up(&self.prefixes, &shorter);
                        add(&mut self.uncompleted, &shorter);
                    }
                }
            }
            PathPattern::Prefix(path) => {
                for bare in all_bare(&path) {
                    look_up(&self.prefixes, &bare);
                    look_up(&self.uncompleted_prefixes, &bare);
                    for above in upwards(&bare) {
                        look_up(&self.bare, above);
                        look_up(&self.uncompleted, above);
                        add(&mut self.prefixes, above);
                        for shorter in uncompleted(above) {
                            look_up(&self.bare, &shorter);
                            look_up(&self.prefixes, &shorter);
                            add(&mut self.uncompleted_prefixes, &shorter);
                        }
                    }
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
        // What is cheap comes first: many hosts can have the same paths.
        self.keys != other.keys
            && one
                .methods
                .iter()
                .any(|method| two.methods.contains(method))
            && can_be_equal(&sent_hosts(one), &sent_hosts(two))
            && !is_told_apart_before(one, two)
            && is_same_server(one, two)
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

/// Whether the lookup of routes decides between the two, whose paths meet, as their backend would.
fn is_told_apart_before(one: &Route, other: &Route) -> bool {
    use PathPattern::{Exact, Prefix};
    let is_as_it_came = |route: &Route| route.upstream_path.is_none();
    let passes_host = |route: &Route| route.upstream.host == SentHost::Client;
    let is_looked_up = is_as_it_came(one)
        && is_as_it_came(other)
        && (one.host == other.host || passes_host(one) && passes_host(other));
    match (&one.backend_path(), &other.backend_path()) {
        (one, other) if one == other => is_looked_up,
        (Exact(_), Exact(_)) => false,
        // Of two prefixes, the longer one counts.
        (Prefix(_), Prefix(_)) => !is_same_place(one, other),
        (Exact(_), Prefix(_)) => is_looked_up && !reaches(other, one),
        (Prefix(_), Exact(_)) => is_looked_up && !reaches(one, other),
    }
}

/// Whether callbacks of a route with a prefix can reach what one with an exact path does, however
/// careful the lookup is: what the prefix itself begins with is not looked at again.
fn reaches(prefix: &Route, exact: &Route) -> bool {
    // Paths of a host's own routes are looked at for those of all hosts, too.
    is_host_within(&prefix.host, &exact.host) && is_same_place(prefix, exact)
}

fn is_host_within(one: &HostPattern, other: &HostPattern) -> bool {
    use HostPattern::{Any, Exact, Suffix};
    match (one, other) {
        (Exact(_), _) | (_, Any) => true,
        (Suffix(one), Suffix(other)) => one.ends_with(&**other),
        (Any, _) | (Suffix(_), Exact(_)) => false,
    }
}

/// Whether a backend could read the one's path, as far as it is written out, as the other's.
fn is_same_place(one: &Route, other: &Route) -> bool {
    let (one, other) = (one.backend_path(), other.backend_path());
    let bare = |path: &PathPattern| -> BTreeSet<String> {
        let (PathPattern::Exact(path) | PathPattern::Prefix(path)) = path;
        all_bare(path).collect()
    };
    let (ones, others) = (bare(&one), bare(&other));
    let completes = |long: &BTreeSet<String>, short: &BTreeSet<String>| {
        let mut shorter = long.iter().flat_map(|path| uncompleted(path));
        shorter.any(|path| short.contains(&path))
    };
    // Whoever writes a path with and without a slash means two, but not of a script.
    let mut equal = ones.intersection(&others);
    equal.any(|path| !is_path_and_folder(&one, &other) || names_script(path))
        || completes(&ones, &others)
        || completes(&others, &ones)
}

fn is_path_and_folder(one: &PathPattern, other: &PathPattern) -> bool {
    use PathPattern::{Exact, Prefix};
    match (one, other) {
        (Exact(_), Prefix(prefix)) | (Prefix(prefix), Exact(_)) => prefix.ends_with('/'),
        _ => false,
    }
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
