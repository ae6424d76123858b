//! Splits an override into its key and its value.

use std::ops::Range;

use super::override_value::value;
use super::{KeyPart, Override};
use crate::config::diagnostic::{Diagnostic, Place, Problems};
use crate::config::source::{COMMAND_LINE, SourceText};

/// More parts than any key has.
const MAX_PARTS: usize = 16;

const HELP: &str = "write it as `--set KEY=VALUE`, such as `--set log.level=debug`";

/// Parses the override at these bytes of the command line. Returns `None` if it is invalid, which
/// has been reported.
pub(super) fn parse<'a>(
    source: &'a SourceText,
    range: Range<usize>,
    problems: &Problems,
) -> Option<Override<'a>> {
    let text = source.text().get(range.clone()).unwrap_or_default();
    let mut reader = Reader {
        text,
        start: range.start,
        at: 0,
        problems,
    };
    let mut path = Vec::new();
    loop {
        if path.len() == MAX_PARTS {
            return reader.error("no key has this many parts");
        }
        path.push(reader.step()?);
        match reader.rest().chars().next() {
            Some('.') => reader.at = reader.at.saturating_add(1),
            Some('=') => break,
            Some(_) => return reader.error("quotes must be followed by `.` or `=`"),
            None => return reader.without_value(),
        }
    }
    let start = reader.place().saturating_add(1);
    let (value, at) = value(source, start, range.end, problems)?;
    Some(Override {
        path,
        value,
        at,
        laid: 0,
    })
}

/// A parser of keys.
struct Reader<'a, 'p> {
    text: &'a str,
    /// The offset of the text on the command line.
    start: usize,
    /// The offset of the next byte in the text.
    at: usize,
    problems: &'p Problems,
}

impl<'a> Reader<'a, '_> {
    /// A part of a key: either quoted, or up to the next `.` or `=`.
    fn step(&mut self) -> Option<KeyPart<'a>> {
        self.skip(|c| c.is_whitespace());
        let start = self.place();
        let quote = self.rest().chars().next().filter(|c| "\"'".contains(*c));
        let name = match quote {
            Some(quote) => {
                let inner = self.rest().get(1..).unwrap_or_default();
                let Some(length) = inner.find(quote) else {
                    return self.error(&format!("the closing `{quote}` is missing"));
                };
                self.at = self.at.saturating_add(length).saturating_add(2);
                inner.get(..length).unwrap_or_default()
            }
            None => self.skip(|c| !".=".contains(c)).trim_end(),
        };
        let end = match quote {
            Some(_) => self.place(),
            None => start.saturating_add(name.len()),
        };
        self.skip(|c| c.is_whitespace());
        if name.is_empty() && self.rest().is_empty() {
            return self.without_value();
        }
        if name.is_empty() {
            return self.error("a part of the key is missing here");
        }
        Some(KeyPart { name, start, end })
    }

    /// Consumes the characters that match.
    fn skip(&mut self, is_meant: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !is_meant(c)).unwrap_or(rest.len());
        self.at = self.at.saturating_add(length);
        rest.get(..length).unwrap_or_default()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The offset of the next byte on the command line.
    fn place(&self) -> usize {
        self.start.saturating_add(self.at)
    }

    /// Reports an error at the next character.
    fn error<T>(&self, why: &str) -> Option<T> {
        self.report(self.place(), self.place(), why)
    }

    fn without_value<T>(&self) -> Option<T> {
        let end = self.start.saturating_add(self.text.len());
        self.report(self.start, end, "there is no `=` and no value")
    }

    fn report<T>(&self, start: usize, end: usize, why: &str) -> Option<T> {
        let place = Place::span(COMMAND_LINE, start, end);
        let problem = Diagnostic::error("syntax error", place, why);
        self.problems.report(problem.help(HELP));
        None
    }
}
