//! One file as TOML: what could be read of it, and its syntax errors.

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

/// A file as TOML, with what the command line sets in it. After a syntax error it holds what could be
/// recovered.
///
/// Its bytes are numbered on from those of the file to those of the command line, so that the place
/// of each value is known whichever of the two it is from.
#[derive(Debug)]
pub(super) struct Document<'a> {
    /// The number of the file.
    pub(super) file: usize,
    pub(super) source: &'a SourceText,
    pub(super) table: DeTable<'a>,
    /// What the command line sets, in this file or another.
    command_line: &'a SourceText,
    /// Where the syntax errors are, ascending.
    broken: Vec<(usize, usize)>,
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
            // Those in the lines that stay are found once more.
            let told: Vec<_> = errors.into_iter().filter(lost::is_fatal).collect();
            (table, errors) = DeTable::parse_recoverable(source.toml_without_lines(&lines));
            errors.extend(told);
        }
        let table = table.into_inner();
        let mut broken = syntax::report(file, source, &table, &errors, problems);
        broken.sort_unstable();
        Self {
            file,
            source,
            table,
            command_line,
            broken,
        }
    }

    /// Whether values may be missing, or not be what was meant.
    pub(super) fn has_syntax_errors(&self) -> bool {
        !self.broken.is_empty()
    }

    /// Whether a syntax error touches a value, so that what was recovered is not what was meant.
    pub(super) fn is_broken(&self, node: &Spanned<DeValue<'a>>) -> bool {
        let is_table = matches!(node.get_ref(), DeValue::Table(_) | DeValue::Array(_));
        // The parser puts a value of its own, which is nowhere, where it found none.
        let is_invented = node.span().is_empty() && !is_table;
        is_invented || self.breaks(node.span().start, node.span().end)
    }

    /// Whether the table in which that byte stands is another one than was meant, because its
    /// header has a syntax error.
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

    /// Whether there is a syntax error between that header (or the beginning of the file) and the
    /// next header, so that keys may be missing that are there.
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

    /// Whether the file has tables with that header after all, of which a syntax error left none.
    pub(super) fn loses(&self, header: &str) -> bool {
        !self.broken.is_empty() && self.source.text().contains(header)
    }

    /// Whether a syntax error is in a table's header, so that entries may be missing that are
    /// there.
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

/// The problem of a value that is no TOML and begins at that byte of the file.
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
