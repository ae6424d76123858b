//! Decides which of the parser's errors to report.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use super::lost::armour_after;
use super::parse_mistake::ParseMistake;
use super::wording::SyntaxError;
use crate::config::diagnostic::Problems;
use crate::config::source::SourceText;

/// Reports the errors and returns the byte ranges that they affect.
///
/// One mistake often causes several parser errors. Of the errors in one value, and of those on one
/// line, only the first is reported.
pub(super) fn report(
    file: usize,
    source: &SourceText,
    table: &DeTable<'_>,
    errors: &[Error],
    problems: &Problems,
) -> Vec<(usize, usize)> {
    if errors.is_empty() {
        return Vec::new();
    }
    let mut errors: Vec<_> = errors
        .iter()
        .map(|error| SyntaxError::new(source, error))
        .collect();
    errors.sort_by_key(|error| (error.start, error.end));
    // A repeated key affects no value, because the first one counts.
    let touched = errors
        .iter()
        .filter(|error| error.mistake != Some(ParseMistake::DuplicateKey))
        .map(|error| (error.start_of_gap(source), error.end))
        .collect();

    let mut values = Vec::new();
    value_spans(table, &mut values);
    let mut told = Told::default();
    let mut armour: Option<Range<usize>> = None;
    for (index, error) in errors.iter().enumerate() {
        let line = source.line_and_column(error.start).0;
        if armour
            .as_ref()
            .is_some_and(|armour| armour.contains(&error.start))
        {
            continue;
        }
        if error.mistake.is_some_and(ParseMistake::begins_armour) {
            armour = armour_after(source.text(), error.start);
        }
        let value = value_at(&values, error.start);
        if !told.is_news(error, line, value) {
            continue;
        }
        // If a bracket is never closed, the parser's first error is about the text after it.
        let later = errors.get(index..).unwrap_or_default();
        let unclosed = value.and_then(|(start, end)| {
            let mut inside = later.iter().take_while(|other| other.start <= end);
            Some((
                start,
                inside.find(|other| other.mistake == Some(ParseMistake::Unclosed))?,
            ))
        });
        problems.report(match unclosed {
            Some((start, unclosed)) => unclosed.never_closed(file, source, start),
            None => error.diagnostic(file, source),
        });
    }
    touched
}

/// The value that contains the byte.
fn value_at(values: &[(usize, usize)], at: usize) -> Option<(usize, usize)> {
    let first = values.partition_point(|(_, end)| *end < at);
    values.get(first).copied().filter(|(start, _)| *start <= at)
}

/// What has been reported so far.
#[derive(Default)]
struct Told<'a> {
    /// The end of the value that contains the last reported error; 0 if no value does.
    to: usize,
    line: usize,
    message: &'a str,
    /// The line of the last error, reported or not.
    last_line: usize,
}

impl<'a> Told<'a> {
    fn is_news(
        &mut self,
        error: &SyntaxError<'a>,
        line: usize,
        value: Option<(usize, usize)>,
    ) -> bool {
        // Outside of any value, the same error again comes from the same mistake.
        let again = value.is_none() && error.message == self.message && self.line != 0;
        // More lines of an array that the parser does not recognise as one.
        let goes_on = value.is_none()
            && self.last_line != 0
            && line <= self.last_line.saturating_add(1)
            && matches!(
                error.mistake,
                Some(ParseMistake::NoKeyAndValue | ParseMistake::MissingOpeningBracket)
            );
        self.last_line = line;
        let known = error.start < self.to
            || line == self.line
            || goes_on
            || (again && error.mistake == Some(ParseMistake::MissingComma));
        if !known {
            let to = value.map_or(0, |(_, end)| end.saturating_add(1));
            *self = Self {
                to,
                line,
                message: error.message,
                last_line: line,
            };
        }
        !known
    }
}

/// The outermost values, not counting tables with headers, in file order.
fn value_spans(table: &DeTable<'_>, spans: &mut Vec<(usize, usize)>) {
    collect(table, spans);
    spans.sort_unstable();

    fn collect(table: &DeTable<'_>, spans: &mut Vec<(usize, usize)>) {
        for (key, value) in table {
            match value.get_ref() {
                DeValue::Table(inner) if is_header(key, value) => collect(inner, spans),
                DeValue::Array(items) if is_header(key, value) => {
                    let tables = items.iter().filter_map(|item| item.get_ref().as_table());
                    tables.for_each(|inner| collect(inner, spans));
                }
                _ => spans.push((value.span().start, value.span().end)),
            }
        }
    }

    /// The span of a table with a header includes its own key; an inline table comes after its key.
    fn is_header<K>(key: &Spanned<K>, value: &Spanned<DeValue<'_>>) -> bool {
        value.span().start <= key.span().start
    }
}
