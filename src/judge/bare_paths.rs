//! The paths of routes as seen by a backend that ignores much of them.

use std::collections::{BTreeSet, HashSet};

use crate::config::served_paths::{
    all_bare, folder_of_index, folder_of_index_like, without_endings, without_format,
    without_script,
};

/// The paths as seen by a backend that ignores letter case and a trailing slash, and completes names.
#[derive(Default)]
pub(super) struct BarePaths {
    /// Exact routes, and prefixes that end with a slash: they match whole segments.
    whole: HashSet<String>,
    /// The length of the longest of them.
    longest: usize,
    /// Prefixes that may end within a segment.
    prefixes: HashSet<String>,
    /// The lengths of all prefixes.
    prefix_lengths: BTreeSet<usize>,
    /// Exact routes, with and without their formats.
    exact: HashSet<String>,
    /// Exact routes without the endings of their names.
    unfinished: HashSet<String>,
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
        let without = |shorten: fn(&str) -> Option<&str>| -> Vec<String> {
            let shortened = exact.iter().filter_map(|path| shorten(path));
            shortened.map(str::to_owned).collect()
        };
        let formats = without(without_format);
        let unfinished = without(without_script).into_iter();
        let unfinished = unfinished.chain(formats.iter().cloned()).collect();
        exact.extend(formats);
        Self {
            longest: whole.iter().map(String::len).max().unwrap_or_default(),
            prefix_lengths: prefixes.iter().map(String::len).collect(),
            whole,
            prefixes,
            exact,
            unfinished,
            folders,
        }
    }

    /// Whether a bare path equals one of these, is below one (CGI's extra path), or has one of the
    /// prefixes; only paths longer than `beyond` bytes count.
    pub(super) fn takes(&self, path: &str, beyond: usize) -> bool {
        let is_in = |paths: &HashSet<String>, end: usize| {
            end > beyond && path.get(..end).is_some_and(|start| paths.contains(start))
        };
        self.upwards(path).any(|end| is_in(&self.whole, end))
            || self
                .prefix_lengths
                .iter()
                .any(|end| is_in(&self.prefixes, *end))
    }

    /// Whether a bare path leads to one of these by a name that it completes or leaves out: of a file
    /// that stands for its folder, or of a format. `beyond` bytes of it are from a route of its own.
    pub(super) fn completes(&self, path: &str, beyond: usize) -> bool {
        let is_index = |end: usize| {
            let folder = path.get(..end).and_then(folder_of_index);
            folder.is_some_and(|folder| self.exact.contains(folder))
        };
        let is_cut = |name: &str| name.len() > beyond && self.exact.contains(name);
        self.folders.contains(path)
            || path.len() > beyond && self.unfinished.contains(path)
            || without_endings(path)
                .take_while(|name| name.len() <= self.longest)
                .any(is_cut)
            || self.upwards(path).any(is_index)
    }

    /// Where the segments of a path end: searching further than any route's path would cost
    /// quadratic time in its length.
    fn upwards(&self, path: &str) -> impl Iterator<Item = usize> {
        let longest = self.longest.saturating_add(LONGEST_INDEX);
        let slashes = path.match_indices('/').map(|(at, _)| at);
        let upwards = slashes.take_while(move |end| *end <= longest);
        upwards.chain([path.len()])
    }
}

/// More than `/` and the name of a file that stands for its folder.
const LONGEST_INDEX: usize = 32;
