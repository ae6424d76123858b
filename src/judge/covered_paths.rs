//! Which bare paths are routes' own: equal to one, below one, or behind one's prefix.

use std::collections::{BTreeSet, HashSet};

#[derive(Default)]
pub(super) struct CoveredPaths {
    /// Exact routes, and prefixes that end with a slash: they match whole segments.
    whole: HashSet<String>,
    /// The length of the longest of them.
    longest: usize,
    /// Prefixes that may end within a segment.
    prefixes: HashSet<String>,
    /// The lengths of all prefixes.
    prefix_lengths: BTreeSet<usize>,
}

impl CoveredPaths {
    pub(super) fn new(whole: HashSet<String>, prefixes: HashSet<String>) -> Self {
        Self {
            longest: whole.iter().map(String::len).max().unwrap_or_default(),
            prefix_lengths: prefixes.iter().map(String::len).collect(),
            whole,
            prefixes,
        }
    }

    /// Whether a bare path equals one of these, is below one (CGI's extra path), or has one of the
    /// prefixes; only paths longer than `beyond` bytes count.
    pub(super) fn takes(&self, path: &str, beyond: usize) -> bool {
        let is_in = |paths: &HashSet<String>, end: usize| {
            end > beyond && path.get(..end).is_some_and(|start| paths.contains(start))
        };
        segment_ends(path, self.longest).any(|end| is_in(&self.whole, end))
            || self
                .prefix_lengths
                .iter()
                .any(|end| is_in(&self.prefixes, *end))
    }

    /// Whether a path that matches whole segments is this one.
    pub(super) fn is_whole(&self, path: &str) -> bool {
        self.whole.contains(path)
    }

    pub(super) fn whole(&self) -> impl Iterator<Item = &str> {
        self.whole.iter().map(String::as_str)
    }

    pub(super) fn prefixes(&self) -> impl Iterator<Item = &str> {
        self.prefixes.iter().map(String::as_str)
    }

    /// The length of the longest path that matches whole segments.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }
}

/// Where the segments of a path end, and the path itself: searching further than any route's path
/// would cost quadratic time in its length.
pub(super) fn segment_ends(path: &str, longest: usize) -> impl Iterator<Item = usize> {
    let slashes = path.match_indices('/').map(|(at, _)| at);
    let ends = slashes.take_while(move |end| *end <= longest);
    ends.chain([path.len()])
}
