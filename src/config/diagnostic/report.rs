//! Problems together with the text that they refer to.

use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Range;
use std::path::Path;

use super::{Diagnostic, Label, Place, Severity};
use crate::config::source::SourceText;

/// The problems of one configuration, in file order, and the files themselves.
#[derive(Clone)]
pub struct Report {
    sources: Vec<SourceText>,
    /// The parts of the files that must not be shown.
    hidden: Vec<Place>,
    diagnostics: Vec<Diagnostic>,
}

/// A place for people: file, line and column, counted from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location<'a> {
    /// The file, as it was named.
    pub path: &'a Path,
    /// Line and column, unless the file as a whole is meant.
    pub line_and_column: Option<(usize, usize)>,
}

impl Report {
    pub(in crate::config) fn new(
        sources: Vec<SourceText>,
        hidden: Vec<Place>,
        mut diagnostics: Vec<Diagnostic>,
    ) -> Self {
        diagnostics.sort_by_key(|diagnostic| diagnostic.primary.place);
        Self {
            sources,
            hidden,
            diagnostics,
        }
    }

    /// The problems, ordered by place.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Whether there is nothing to report.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// How many problems have this severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == severity)
            .count()
    }

    /// Where that is.
    #[must_use]
    pub fn locate(&self, place: Place) -> Location<'_> {
        let source = self.source(place.file);
        Location {
            path: source.map_or(Path::new(""), SourceText::path),
            line_and_column: source
                .zip(place.span)
                .map(|(source, (start, _))| source.line_and_column(start)),
        }
    }

    /// The first error on one line: its place, its kind, and why.
    #[must_use]
    pub fn first_error(&self) -> String {
        let is_error = |problem: &&Diagnostic| problem.severity == Severity::Error;
        let Some(first) = self.diagnostics.iter().find(is_error) else {
            return String::new();
        };
        let Label { place, text } = &first.primary;
        let location = self.locate(*place);
        let file = location.path.display();
        let title = first.title;
        match location.line_and_column {
            Some((line, column)) => format!("{file}:{line}:{column}: {title}: {text}"),
            None => format!("{file}: {title}: {text}"),
        }
    }

    /// What identifies each problem in reports of the same files at different times: its kind, its
    /// reason and the text that it marks, but not its line.
    #[must_use]
    pub fn identities(&self) -> HashSet<u64> {
        let problems = self.diagnostics.iter();
        problems.map(|problem| self.identity(problem)).collect()
    }

    /// The same report without problems that have these identities.
    #[must_use]
    pub fn without(mut self, known: &HashSet<u64>) -> Self {
        let mut problems = std::mem::take(&mut self.diagnostics);
        problems.retain(|problem| !known.contains(&self.identity(problem)));
        self.diagnostics = problems;
        self
    }

    fn identity(&self, problem: &Diagnostic) -> u64 {
        let Label { place, text } = &problem.primary;
        let source = self.source(place.file);
        let marked = source.zip(place.span).and_then(|(source, (start, end))| {
            let text = source.text();
            text.get(start..end)
        });
        let mut hasher = DefaultHasher::new();
        (problem.title, text, source.map(SourceText::path), marked).hash(&mut hasher);
        hasher.finish()
    }

    /// The bytes of a file that must not be shown.
    pub(super) fn hidden(&self, file: usize) -> impl Iterator<Item = Range<usize>> {
        let of_file = self.hidden.iter().filter(move |place| place.file == file);
        of_file.filter_map(|place| place.span.map(|(start, end)| start..end))
    }

    pub(super) fn source(&self, file: usize) -> Option<&SourceText> {
        self.sources.get(file)
    }
}

// Not derived, so that debug output never contains the text of the files.
impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.diagnostics).finish()
    }
}

impl std::error::Error for Report {}
