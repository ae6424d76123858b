//! Syntax errors, in words for people who do not know TOML by heart.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use super::repeated;
use crate::config::diagnostic::{Diagnostic, Place, Problems};
use crate::config::reader::{looks_like_key, quote};
use crate::config::source::Source;

/// Reports the errors and gives the stretches of the file that they touch.
///
/// One mistake often makes the parser stumble several times. Of the errors in one value, and of
/// those on one line, only the first is reported.
pub(super) fn report(
    file: usize,
    source: &Source,
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
    // A repeated key harms no value: the first one counts.
    let touched = errors
        .iter()
        .filter(|error| error.message != "duplicate key")
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
        if begins_armour(error.message) {
            armour = armour_after(source.text(), error.start);
        }
        let value = value_at(&values, error.start);
        if !told.is_news(error, line, value) {
            continue;
        }
        // Where a bracket never closes, the parser first stumbles over what follows.
        let later = errors.get(index..).unwrap_or_default();
        let unclosed = value.and_then(|(start, end)| {
            let mut inside = later.iter().take_while(|other| other.start <= end);
            Some((
                start,
                inside.find(|other| other.message.starts_with("unclosed"))?,
            ))
        });
        problems.report(match unclosed {
            Some((start, unclosed)) => unclosed.never_closed(file, source, start),
            None => error.diagnostic(file, source),
        });
    }
    touched
}

/// Whether the parser drops what stands behind the line of the error.
pub(super) fn is_fatal(error: &Error) -> bool {
    lacks_value(error.message())
}

/// What must be left out for the parser to see the rest as it is meant: lines behind which it gives
/// nothing, and the lines of keys, which are no TOML.
pub(super) fn lost_lines(text: &str, errors: &[Error]) -> Vec<Range<usize>> {
    let mut lost = Vec::new();
    for error in errors {
        let Some(span) = error.span() else { continue };
        if begins_armour(error.message()) {
            lost.extend(armour_after(text, span.start));
        }
        if is_fatal(error) {
            lost.push(span.start..span.start.saturating_add(1));
        }
    }
    lost
}

fn lacks_value(message: &str) -> bool {
    message.starts_with("key with no value")
}

/// Whether quotes were opened and not closed.
fn leaves_string_open(message: &str) -> bool {
    message.ends_with("basic string, expected `\"`")
        || message.ends_with("literal string, expected `'`")
}

/// Whether the error can be about the first line of a PEM block.
fn begins_armour(message: &str) -> bool {
    leaves_string_open(message) || lacks_value(message) || lacks_quotes(message)
}

fn lacks_quotes(message: &str) -> bool {
    message.starts_with("string values must be quoted")
}

/// The lines of a PEM block that begins on the line of that byte: whoever pastes one without quotes,
/// or with those of one line, has made one mistake, not one on each line.
fn armour_after(text: &str, at: usize) -> Option<Range<usize>> {
    const END: &str = "-----END ";
    let start = text
        .get(..at)?
        .rfind('\n')
        .map_or(0, |line| line.saturating_add(1));
    let (first, block) = text.get(start..)?.split_once('\n')?;
    first.find("-----BEGIN ").filter(|_| !first.contains(END))?;
    let length = block.find(END)?;
    let (last, behind) = block.get(length..)?.split_once('\n').unwrap_or_default();
    let quotes = behind.lines().next().unwrap_or_default();
    let is_part = !quotes.is_empty() && quotes.trim_matches(['"', '\'', ' ']).is_empty();
    let start = start.saturating_add(first.len()).saturating_add(1);
    let end = start
        .saturating_add(length)
        .saturating_add(last.len())
        .saturating_add(1)
        .saturating_add(if is_part { quotes.len() } else { 0 });
    Some(start..end)
}

/// The value that holds the byte.
fn value_at(values: &[(usize, usize)], at: usize) -> Option<(usize, usize)> {
    let first = values.partition_point(|(_, end)| *end < at);
    values.get(first).copied().filter(|(start, _)| *start <= at)
}

/// What has been reported so far.
#[derive(Default)]
struct Told<'a> {
    /// The end of the value in which the last error was.
    to: usize,
    line: usize,
    message: &'a str,
    /// The line of the last error, told or not.
    last_line: usize,
}

impl<'a> Told<'a> {
    fn is_news(
        &mut self,
        error: &SyntaxError<'a>,
        line: usize,
        value: Option<(usize, usize)>,
    ) -> bool {
        // Outside of any value, the same stumble once more is part of the same mistake.
        let again = value.is_none() && error.message == self.message && self.line != 0;
        // The lines of an array that the parser does not take for one.
        let goes_on = value.is_none()
            && self.last_line != 0
            && line <= self.last_line.saturating_add(1)
            && ["invalid key-value pair", "missing table open"]
                .iter()
                .any(|message| error.message.starts_with(message));
        self.last_line = line;
        let known = error.start < self.to
            || line == self.line
            || goes_on
            || (again && error.message.starts_with("missing comma"));
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

/// One stumble of the parser.
struct SyntaxError<'a> {
    message: &'a str,
    start: usize,
    end: usize,
}

impl<'a> SyntaxError<'a> {
    fn new(source: &Source, error: &'a Error) -> Self {
        let end = source.text().len();
        let span = error.span().unwrap_or(end..end);
        Self {
            message: error.message(),
            start: span.start,
            end: span.end,
        }
    }

    /// Its beginning, less the space before it: a value before that is not the whole of what was
    /// meant.
    fn start_of_gap(&self, source: &Source) -> usize {
        let before = source.text().get(..self.start).unwrap_or_default();
        before.trim_end_matches([' ', '\t']).len()
    }

    fn diagnostic(&self, file: usize, source: &Source) -> Diagnostic {
        let place = Place::span(file, self.start, self.end);
        let error = |why: &str| Diagnostic::error("syntax error", place, why);
        let text = source.text().get(self.start..self.end).unwrap_or_default();
        match self.message {
            "duplicate key" => {
                let error = Diagnostic::error(
                    "duplicate key",
                    place,
                    format!("{} is set a second time", quote(text)),
                );
                match repeated::find_first(source.text(), self.start) {
                    Some((start, end)) => error.and(Place::span(file, start, end), "first set here"),
                    None => error,
                }
                .help("keep one of the two")
            }
            message if lacks_quotes(message) && text.is_empty() => {
                error("a value is missing here").help("write it as `key = value`")
            }
            message if lacks_quotes(message) => {
                error("text must stand in quotes").help(if text.contains(['"', '\'']) {
                    "close the quotes, and give each key its own line".to_owned()
                } else {
                    in_quotes(text)
                })
            }
            message if message.starts_with("invalid literal string") && !self.follows('\'', source) => {
                error("a value is missing here").help("write it as `key = value`")
            }
            message if message.ends_with("basic string, expected `\"`") => {
                error("the closing `\"` is missing").help(LINES_HELP)
            }
            message if message.ends_with("literal string, expected `'`") => {
                error("the closing `'` is missing").help(LINES_HELP)
            }
            message if message.starts_with("key with no value") => {
                error("a key without a value").help("write it as `key = value`")
            }
            message if message.starts_with("missing escaped value") => {
                error("no escape sequence of TOML begins so").help(
                    "write a backslash as `\\\\`, or put the text in single quotes, where a backslash is nothing special",
                )
            }
            message if message.starts_with("unexpected leading zero") => {
                error("a number must not begin with 0").help("leave the zeros out")
            }
            message if message.starts_with("unexpected key or value") => {
                error("one key has one value").help("give each key its own line, and text its quotes")
            }
            message if message.starts_with("missing comma") => {
                error("a comma is missing before this, or the bracket that closes the array")
                    .help("write `[\"...\", \"...\"]`")
            }
            message if message.starts_with("unquoted keys cannot be empty") => {
                error("the key is missing here").help("write it as `key = value`")
            }
            message if message.starts_with("invalid boolean") || message.starts_with("invalid float") => {
                error("this is no value").help(in_quotes(text))
            }
            message if message.starts_with("invalid unquoted key") => {
                error("a key without quotes holds letters, digits, `-` and `_` only")
                    .help("write it as `key = value`, and any other key in quotes")
            }
            message if message.starts_with("missing assignment") => {
                error("a key is followed by `=`").help("write it as `key = value`")
            }
            message if message.starts_with("missing opening quote") => {
                error("text stands in quotes, all of it").help("open the quotes before the value")
            }
            message if message.contains("string, expected non-") => {
                error("text must not hold this character").help("remove it")
            }
            message if message.starts_with("extra `=`") => {
                error("one `=` too many").help("write it as `key = value`")
            }
            message if message.starts_with("invalid key-value pair") => {
                error("this is no key").help("write it as `key = value`, or open a bracket before it")
            }
            message if message.starts_with("missing table open") => {
                error("nothing opens this bracket").help("open it, or remove it")
            }
            message if message.starts_with("unclosed") => {
                error(&closing(message)).help(CLOSING_HELP)
            }
            message => error(message).help("see https://toml.io for how values are written"),
        }
    }

    fn never_closed(&self, file: usize, source: &Source, start: usize) -> Diagnostic {
        let bracket = source
            .text()
            .get(start..)
            .and_then(|rest| rest.chars().next());
        let end = start.saturating_add(bracket.map_or(0, char::len_utf8));
        Diagnostic::error(
            "syntax error",
            Place::span(file, start, end),
            closing(self.message),
        )
        .help(CLOSING_HELP)
    }

    /// Whether the character stands before the error, on its line.
    fn follows(&self, character: char, source: &Source) -> bool {
        let before = source.text().get(..self.start).unwrap_or_default();
        before
            .rsplit('\n')
            .next()
            .is_some_and(|line| line.contains(character))
    }
}

const CLOSING_HELP: &str = "close what is opened here, each bracket with its own kind";
const LINES_HELP: &str = "close the quotes on the line where they begin; text of several lines stands in `\"\"\"` or `'''`";

/// How text that lacks its quotes is written; it may be a key, which is not repeated.
fn in_quotes(text: &str) -> String {
    if text.contains("-----BEGIN ") {
        "put the lines of the key between `\"\"\"` and `\"\"\"`".to_owned()
    } else if looks_like_key(text) {
        "write it in quotes".to_owned()
    } else {
        let bare = text.trim_matches(['"', '\'']);
        format!("write \"{}\"", bare.escape_debug())
    }
}

/// "unclosed array, expected `]`" in plain words.
fn closing(message: &str) -> String {
    match message.rsplit_once("expected ") {
        Some((_, bracket)) => format!("the closing {bracket} is missing"),
        None => message.to_owned(),
    }
}

/// The outermost values that are no tables of their own, in the order of the file.
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

    /// A table with a header holds its own key in its span; an inline one comes after its key.
    fn is_header<K>(key: &Spanned<K>, value: &Spanned<DeValue<'_>>) -> bool {
        value.span().start <= key.span().start
    }
}
