//! Explains a syntax error to people who do not know TOML by heart.

use std::ops::Range;

use toml::de::Error;

use super::parse_mistake::ParseMistake;
use super::repeated;
use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::reader::{looks_like_key, quote, secret};
use crate::config::source::SourceText;

/// One error of the parser.
pub(super) struct SyntaxError<'a> {
    pub(super) message: &'a str,
    /// `None` for a rare one.
    pub(super) mistake: Option<ParseMistake>,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl<'a> SyntaxError<'a> {
    pub(super) fn new(source: &SourceText, error: &'a Error) -> Self {
        let end = source.text().len();
        let span = error.span().unwrap_or(end..end);
        Self {
            message: error.message(),
            mistake: ParseMistake::of(error.message()),
            start: span.start,
            end: span.end,
        }
    }

    /// The same error, `by` bytes further on.
    pub(super) fn moved(self, by: usize) -> Self {
        Self {
            start: self.start.saturating_add(by),
            end: self.end.saturating_add(by),
            ..self
        }
    }

    /// Where the error begins, including the spaces before it. A value that ends there is not
    /// complete.
    pub(super) fn start_of_gap(&self, source: &SourceText) -> usize {
        let before = source.text().get(..self.start).unwrap_or_default();
        before.trim_end_matches([' ', '\t']).len()
    }

    pub(super) fn diagnostic(&self, file: usize, source: &SourceText) -> Diagnostic {
        let place = Place::span(file, self.start, self.end);
        let error = |why: &str| Diagnostic::error("syntax error", place, why);
        let text = source.text().get(self.start..self.end).unwrap_or_default();
        let Some(mistake) = self.mistake else {
            return error(self.message).help("see https://toml.io for the syntax of values");
        };
        match mistake {
            ParseMistake::DuplicateKey => {
                let error = Diagnostic::error(
                    "duplicate key",
                    place,
                    match self.is_hidden(source) {
                        true => "this is already set".to_owned(),
                        false => format!("{} is already set", quote(text)),
                    },
                );
                match repeated::find_first(source.text(), self.start) {
                    Some((start, end)) => {
                        error.and(Place::span(file, start, end), "first set here")
                    }
                    None => error,
                }
                .help("keep one of the two")
            }
            ParseMistake::Unquoted if text.is_empty() => {
                error("a value is missing here").help("write it as `key = value`")
            }
            ParseMistake::Unquoted => {
                error("text must be in quotes").help(if text.contains(['"', '\'']) {
                    "close the quotes, and put each key on its own line".to_owned()
                } else {
                    self.in_quotes(text, source)
                })
            }
            ParseMistake::OpenLiteralString if !self.follows('\'', source) => {
                error("a value is missing here").help("write it as `key = value`")
            }
            ParseMistake::OpenBasicString => error("the closing `\"` is missing").help(LINES_HELP),
            ParseMistake::OpenLiteralString => error("the closing `'` is missing").help(LINES_HELP),
            ParseMistake::KeyWithoutValue => {
                error("a key without a value").help("write it as `key = value`")
            }
            ParseMistake::UnknownEscape => error("this is not an escape sequence of TOML").help(
                "write a backslash as `\\\\`, or put the text in single quotes, where a \
                     backslash is literal",
            ),
            ParseMistake::LeadingZero => {
                error("a number must not start with 0").help("remove the leading zeros")
            }
            ParseMistake::SecondValue => error("a key has one value")
                .help("put each key on its own line, and text in quotes"),
            ParseMistake::MissingComma => {
                error("a comma is missing before this, or the bracket that closes the array")
                    .help("write `[\"...\", \"...\"]`")
            }
            ParseMistake::EmptyKey => {
                error("the key is missing here").help("write it as `key = value`")
            }
            ParseMistake::NoValue => {
                error("this is not a value").help(self.in_quotes(text, source))
            }
            ParseMistake::InvalidKey => {
                error("a key without quotes may only contain letters, digits, `-` and `_`")
                    .help("write it as `key = value`, and put any other key in quotes")
            }
            ParseMistake::MissingEqualsSign => {
                error("a key must be followed by `=`").help("write it as `key = value`")
            }
            ParseMistake::MissingOpeningQuote => {
                error("text must be completely in quotes").help("put quotes before the value")
            }
            ParseMistake::ForbiddenCharacter => {
                error("text must not contain this character").help("remove it")
            }
            ParseMistake::ExtraEqualsSign => {
                error("one `=` too many").help("write it as `key = value`")
            }
            ParseMistake::NoKeyAndValue => error("this is not a key")
                .help("write it as `key = value`, or open a bracket before it"),
            ParseMistake::MissingOpeningBracket => {
                error("no bracket is open here").help("open it, or remove it")
            }
            ParseMistake::Unclosed => error(&closing(self.message)).help(CLOSING_HELP),
        }
    }

    pub(super) fn never_closed(
        &self,
        file: usize,
        source: &SourceText,
        start: usize,
    ) -> Diagnostic {
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

    /// How to write text that lacks quotes, without repeating a secret.
    fn in_quotes(&self, text: &str, source: &SourceText) -> String {
        match self.is_hidden(source) {
            true => "put it in quotes".to_owned(),
            false => in_quotes(text),
        }
    }

    /// Whether a part of the text at fault must not be shown.
    fn is_hidden(&self, source: &SourceText) -> bool {
        let overlaps = |secret: &Range<usize>| secret.start < self.end && self.start < secret.end;
        let comments = secret::comments(source, false);
        let mut hidden = secret::in_text(source).into_iter().chain(comments);
        hidden.any(|range| overlaps(&range))
    }

    /// Whether the character occurs before the error on its line.
    fn follows(&self, character: char, source: &SourceText) -> bool {
        let before = source.text().get(..self.start).unwrap_or_default();
        before
            .rsplit('\n')
            .next()
            .is_some_and(|line| line.contains(character))
    }
}

const CLOSING_HELP: &str = "close what is opened here, with the same kind of bracket";
const LINES_HELP: &str = "close the quotes on the line where they start; text of several lines must be in `\"\"\"` or \
      `'''`";

/// How to write text that lacks quotes. The text may be a secret key, which is not repeated.
fn in_quotes(text: &str) -> String {
    if text.contains("-----BEGIN ") {
        "put the lines of the key between `\"\"\"` and `\"\"\"`".to_owned()
    } else if looks_like_key(text) {
        "put it in quotes".to_owned()
    } else {
        let bare = text.trim_matches(['"', '\'']);
        format!("write \"{}\"", bare.escape_debug())
    }
}

/// Rephrases messages such as "unclosed array, expected `]`".
fn closing(message: &str) -> String {
    match message.rsplit_once("expected ") {
        Some((_, bracket)) => format!("the closing {bracket} is missing"),
        None => message.to_owned(),
    }
}
