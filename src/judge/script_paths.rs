//! The paths of routes as seen by a backend that completes the names of scripts, whatever is behind
//! them in a path.

use std::collections::HashSet;
use std::ops::Range;

use super::covered_paths::{CoveredPaths, segment_ends};
use crate::config::served_scripts::{added_endings, uncompleted, uncompleted_start, without_part};

#[derive(Default)]
pub(super) struct ScriptPaths {
    /// Routes' paths as they are without an ending that a server adds.
    uncompleted: CoveredPaths,
    /// Where the segments of routes' paths end.
    ends: HashSet<String>,
    /// The length of the longest of them.
    longest: usize,
}

impl ScriptPaths {
    pub(super) fn new(routes: &CoveredPaths) -> Self {
        let mut whole: HashSet<String> = routes.whole().flat_map(uncompleted).collect();
        let mut prefixes = HashSet::new();
        for prefix in routes.prefixes() {
            whole.extend(uncompleted_start(prefix).map(str::to_owned));
            for ending in added_endings(prefix) {
                let shorter = without_part(prefix, &ending);
                match ending.end == prefix.len() {
                    true => whole.insert(shorter),
                    false => prefixes.insert(shorter),
                };
            }
        }
        let all = || routes.whole().chain(routes.prefixes());
        let ends = all().flat_map(|path| {
            let ends = segment_ends(path, path.len());
            ends.filter_map(|end| path.get(..end)).map(str::to_owned)
        });
        Self {
            uncompleted: CoveredPaths::new(whole, prefixes),
            ends: ends.collect(),
            longest: all().map(str::len).max().unwrap_or_default(),
        }
    }

    /// Whether a bare path leads to the script that one of the routes leads to, and is what the route
    /// covers but for the script's ending: either the path or the route does without it. `beyond`
    /// bytes of the path are from a route of its own.
    pub(super) fn takes(&self, routes: &CoveredPaths, path: &str, beyond: usize) -> bool {
        // Whatever is before the ending is that of a route, or the rest need not be looked at: the
        // cost is bounded by the routes' paths, not by this one.
        let is_known = |start: usize| path.get(..start).is_some_and(|end| self.ends.contains(end));
        self.uncompleted.takes(path, beyond)
            || added_endings(path)
                .take_while(|ending| ending.start <= self.longest)
                .filter(|ending| is_known(ending.start))
                .any(|ending| routes.takes(&without_part(path, &ending), without(beyond, &ending)))
    }
}

/// How much of the first bytes of a path is left without a part of it.
fn without(bytes: usize, part: &Range<usize>) -> usize {
    match bytes >= part.end {
        true => bytes.saturating_sub(part.len()),
        false => bytes.min(part.start),
    }
}
