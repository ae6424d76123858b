//! The paths of routes as seen by a backend that ignores much of them.

use std::collections::HashSet;

use super::covered_paths::{CoveredPaths, segment_ends};
use super::script_paths::ScriptPaths;
use crate::config::served_paths::{
    all_bare, folder_of_index, folder_of_index_like, without_endings, without_format,
};

/// The paths as seen by a backend that ignores letter case and a trailing slash, and completes names.
#[derive(Default)]
pub(super) struct BarePaths {
    written: CoveredPaths,
    /// Exact routes, with and without their formats.
    exact: HashSet<String>,
    scripts: ScriptPaths,
    /// The folders of routes that may be asked for by that name.
    folders: HashSet<String>,
}

impl BarePaths {
    /// `folders` are prefixes that end with a slash, `starts` the others.
    pub(super) fn new<'p>(
        exact: impl Iterator<Item = &'p str>,
        folders: impl Iterator<Item = &'p str>,
        starts: impl Iterator<Item = &'p str>,
    ) -> Self {
        let mut exact: HashSet<_> = exact.flat_map(all_bare).collect();
        let prefixes: HashSet<_> = starts.flat_map(all_bare).collect();
        let mut whole: HashSet<_> = folders.flat_map(all_bare).collect();
        whole.extend(exact.iter().cloned());
        let of_start = |start: &String| folder_of_index_like(start).map(str::to_owned);
        let of_whole = |path: &String| folder_of_index(path).map(str::to_owned);
        let folders = prefixes.iter().filter_map(of_start);
        let folders = folders.chain(whole.iter().filter_map(of_whole)).collect();
        let formats = exact.iter().filter_map(|path| without_format(path));
        let formats: Vec<String> = formats.map(str::to_owned).collect();
        exact.extend(formats);
        let written = CoveredPaths::new(whole, prefixes);
        Self {
            scripts: ScriptPaths::new(&written),
            written,
            exact,
            folders,
        }
    }

    /// Whether a bare path equals one of these, is below one (CGI's extra path), or has one of the
    /// prefixes; only paths longer than `beyond` bytes count.
    pub(super) fn takes(&self, path: &str, beyond: usize) -> bool {
        self.written.takes(path, beyond)
    }

    /// Whether a bare path leads to one of these by a name that it completes or leaves out: of a file
    /// that stands for its folder, of a script, or of a format. `beyond` bytes of it are from a route
    /// of its own.
    pub(super) fn completes(&self, path: &str, beyond: usize) -> bool {
        let is_index = |end: usize| {
            let folder = path.get(..end).and_then(folder_of_index);
            folder.is_some_and(|folder| self.exact.contains(folder))
        };
        let is_beyond = |name: &str| name.len() > beyond;
        let of_folder = || without_format(path).filter(|name| is_beyond(name));
        let longest = self.written.longest();
        self.folders.contains(path)
            || is_beyond(path) && self.exact.contains(path)
            || without_endings(path)
                .take_while(|name| name.len() <= longest)
                .any(|name| is_beyond(name) && self.exact.contains(name))
            || of_folder().is_some_and(|name| self.written.is_whole(name))
            || segment_ends(path, longest.saturating_add(LONGEST_INDEX)).any(is_index)
            || self.scripts.takes(&self.written, path, beyond)
    }
}

/// More than `/` and the name of a file that stands for its folder.
const LONGEST_INDEX: usize = 32;
