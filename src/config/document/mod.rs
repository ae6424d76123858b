//! One file as TOML: what could be parsed, and its syntax errors.

mod lost;
mod numbering;
mod parse_mistake;
mod repeated;
mod syntax;
mod wording;

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use super::diagnostic::{Diagnostic, Place, Problems};
use super::source::SourceText;

/// A file as TOML, with the overrides of the command line applied. After a syntax error it holds
/// what could be recovered.
///
/// Byte offsets continue from the end of the file into the command line, so that the span of each
/// value shows which of the two it comes from.
#[derive(Debug)]
pub(super) struct Document<'a> {
    /// The number of the file.
    pub(super) file: usize,
    pub(super) source: &'a SourceText,
    pub(super) table: DeTable<'a>,
    /// The command line's overrides, for this and all other files.
    command_line: &'a SourceText,
    /// The byte ranges affected by syntax errors, ascending.
    broken: Vec<(usize, usize)>,
    /// Whether the table has every value that the text contains.
    is_complete: bool,
}

impl<'a> Document<'a> {
    /// Parses the file and reports its syntax errors.
    pub(super) fn parse(
        file: usize,
        source: &'a SourceText,
        command_line: &'a SourceText,
        problems: &Problems,
    ) -> Self {
        let (mut table, mut errors) = DeTable::parse_recoverable(source.toml());
        let lines = lost::lost_lines(source.toml(), &errors);
        if !lines.is_empty() {
            // Keep the errors of the lines left out. The second parse finds the others again.
            let told: Vec<_> = errors.into_iter().filter(lost::is_fatal).collect();
            (table, errors) = DeTable::parse_recoverable(source.toml_without_lines(&lines));
            errors.extend(told);
        }
        let table = table.into_inner();
        let is_complete = errors.is_empty() && source.is_readable();
        let mut broken = syntax::report(file, source, &table, &errors, problems);
        broken.sort_unstable();
        Self {
            file,
            source,
            table,
            command_line,
            broken,
            is_complete,
        }
    }

    /// Whether values may be missing or differ from what was meant.
    pub(super) fn has_syntax_errors(&self) -> bool {
        !self.broken.is_empty()
    }

    /// Whether the table has every value that the text contains: no syntax error hides one, and no key is
    /// set twice.
    pub(super) const fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Whether a syntax error touches a value, so that the recovered value may not be the intended
    /// one.
    pub(super) fn is_broken(&self, node: &Spanned<DeValue<'a>>) -> bool {
        let is_table = matches!(node.get_ref(), DeValue::Table(_) | DeValue::Array(_));
        // Where the parser finds no value, it inserts one with an empty span.
        let is_invented = node.span().is_empty() && !is_table;
        is_invented || self.breaks(node.span().start, node.span().end)
    }

    /// Whether byte `at` may be in a different table than intended, because the header above it has
    /// a syntax error.
    pub(super) fn is_misplaced(&self, at: usize) -> bool {
        if self.broken.is_empty() {
            return false;
        }
        let before = self.source.text().get(..at).unwrap_or_default();
        before.rfind("\n[").is_some_and(|newline| {
            let start = newline.saturating_add(1);
            let line = self.source.text().get(start..).unwrap_or_default();
            let end = line
                .find('\n')
                .map_or(self.source.text().len(), |end| start.saturating_add(end));
            self.breaks(start, end)
        })
    }

    /// Whether there is a syntax error between this header (or the start of the file) and the next
    /// header. If so, keys that seem to be missing may be in the file.
    pub(super) fn breaks_table(&self, header: Place) -> bool {
        if self.broken.is_empty() || header.file != self.file {
            return false;
        }
        let start = header.span.map_or(0, |(start, _)| start);
        let rest = self.source.text().get(start..).unwrap_or_default();
        let end = rest
            .find("\n[")
            .map_or(self.source.text().len(), |at| start.saturating_add(at));
        self.breaks(start, end)
    }

    /// Whether the text contains this header although a syntax error may have hidden its tables.
    pub(super) fn loses(&self, header: &str) -> bool {
        !self.broken.is_empty() && self.source.text().contains(header)
    }

    /// Whether a table's header has a syntax error. If so, entries that seem to be missing may be
    /// in the file.
    pub(super) fn breaks_headers(&self) -> bool {
        self.broken.iter().any(|(start, _)| {
            let before = self.source.text().get(..*start).unwrap_or_default();
            let line = before.rsplit('\n').next().unwrap_or_default();
            line.trim_start().starts_with('[')
        })
    }

    fn breaks(&self, start: usize, end: usize) -> bool {
        let first = self
            .broken
            .partition_point(|(_, broken_end)| *broken_end < start);
        self.broken
            .get(first)
            .is_some_and(|(broken_start, _)| *broken_start <= end)
    }
}

/// The diagnostic for an invalid value that begins at byte `at` of the source.
pub(super) fn value_error(
    file: usize,
    source: &SourceText,
    error: &Error,
    at: usize,
) -> Diagnostic {
    wording::SyntaxError::new(source, error)
        .moved(at)
        .diagnostic(file, source)
}
