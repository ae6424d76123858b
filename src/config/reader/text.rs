//! Strings and the names of keys, converted to what they mean.

use std::ops::{Range, RangeInclusive};
use std::time::Duration;

use http::HeaderName;

use super::draft::Draft;
use super::scope::Scope;
use super::secret;
use super::suggest::{quote, similar};
use super::written_string::written_range;
use crate::config::diagnostic::{Place, Problems, WarningName};
use crate::config::keys::Holds;
use crate::config::source::COMMAND_LINE;
use crate::config::units;

/// The maximum length of a name, in characters.
const MAX_NAME: usize = 64;

const SIZE_HELP: &str = "write a number and a unit: \"64KiB\", \"1MiB\", \"1GiB\"";

/// Text with its place.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) struct Text<'a> {
    pub(super) scope: Scope<'a>,
    pub(in crate::config) text: &'a str,
    pub(in crate::config) place: Place,
}

impl<'a> Text<'a> {
    pub(in crate::config) const fn problems(&self) -> &'a Problems {
        self.scope.problems
    }

    /// Begins a report on this text.
    pub(in crate::config) fn error(
        &self,
        title: &'static str,
        why: impl Into<String>,
    ) -> Draft<'a> {
        Draft::error(self.scope.problems, title, self.place, why)
    }

    /// Begins a warning about this text.
    pub(in crate::config) fn warning(
        &self,
        name: WarningName,
        why: impl Into<String>,
    ) -> Draft<'a> {
        Draft::warning(self.scope.problems, name, self.place, why)
    }

    /// Resolves the text as a path relative to its file.
    pub(in crate::config) fn path(&self) -> std::path::PathBuf {
        self.relative(self.text)
    }

    /// Like [`Text::path`], for a part of the text.
    pub(in crate::config) fn relative(&self, path: &str) -> std::path::PathBuf {
        debug_assert!(
            self.scope.holds.is_some(),
            "a key whose value holds a path is declared with `holds`"
        );
        let source = self.scope.document.source_at(self.place);
        source.resolve(path)
    }

    /// Whether the text may be a secret where a name is expected, so that no message may show it.
    pub(in crate::config) fn is_secret(&self) -> bool {
        let source = self.scope.document.source_at(self.place);
        let hidden = |holds| secret::hidden(holds, self.text, source);
        self.scope.holds.and_then(hidden).is_some()
    }

    /// The place of what looks like a secret in an expression.
    pub(in crate::config) fn planted_secret(&self) -> Option<Place> {
        let holds = self
            .scope
            .holds
            .filter(|holds| *holds == Holds::Expression)?;
        let source = self.scope.document.source_at(self.place);
        let part = secret::hidden(holds, self.text, source)?;
        Some(self.place_of_bytes(part))
    }

    /// The text as messages show it (see [`quote`]).
    pub(in crate::config) fn quoted(&self) -> String {
        let source = self.scope.document.source_at(self.place);
        quote(&secret::masked(self.scope.holds, self.text, source))
    }

    /// The place of the part at byte `at` of the text; that of the whole text if the part cannot be
    /// found.
    pub(in crate::config) fn place_of(&self, part: &str, at: usize) -> Place {
        self.place_of_bytes(at..at.saturating_add(part.len()))
    }

    /// The place of these bytes of the text; that of the whole text if they cannot be found.
    pub(in crate::config) fn place_of_bytes(&self, part: Range<usize>) -> Place {
        self.find_written(&part).unwrap_or(self.place)
    }

    fn find_written(&self, part: &Range<usize>) -> Option<Place> {
        let (start, end) = self.place.span?;
        let source = self.scope.document.source_at(self.place);
        let written = source.text().get(start..end)?;
        let part = written_range(written, part)?;
        let [start, end] = [part.start, part.end].map(|at| start.saturating_add(at));
        Some(Place::span(self.place.file, start, end))
    }

    /// Another text, whose problems are reported at this text's place.
    pub(in crate::config) const fn with(self, text: &'a str) -> Self {
        Self { text, ..self }
    }

    /// The same text, with problems reported at another place.
    pub(in crate::config) const fn marked_at(self, place: Place) -> Self {
        Self { place, ..self }
    }

    /// Text with at least one character.
    pub(in crate::config) fn not_empty(self) -> Option<&'a str> {
        if self.text.is_empty() {
            let help = match self.place.file {
                COMMAND_LINE => "write a value after the `=`",
                _ => "write a value between the quotes",
            };
            return self
                .error("empty value", "it must not be empty")
                .help(help)
                .report();
        }
        Some(self.text)
    }

    /// One of several words, converted to its meaning.
    pub(in crate::config) fn one_of<T: Copy>(self, words: &[(&str, T)]) -> Option<T> {
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == self.text) {
            return Some(*meaning);
        }
        let all: Vec<_> = words
            .iter()
            .map(|(word, _)| format!("\"{word}\""))
            .collect();
        let why = format!("{} is not one of the possible values", self.quoted());
        let draft = self.error("unknown value", why);
        match similar(self.text, words.iter().map(|(word, _)| *word)) {
            Some(meant) => draft.help(format!(
                "did you mean \"{meant}\"? The possible values are {}",
                all.join(", ")
            )),
            None => draft.help(format!("the possible values are {}", all.join(", "))),
        }
        .report()
    }

    /// A name that is safe in logs and headers: visible ASCII without spaces.
    pub(in crate::config) fn name(self) -> Option<&'a str> {
        let why = if self.text.is_empty() {
            "a name must not be empty".to_owned()
        } else if let Some(bad) = self.text.chars().find(|c| !c.is_ascii_graphic()) {
            format!("a name must not contain {}", describe(bad))
        } else if self.text.len() > MAX_NAME {
            format!(
                "a name must not be longer than {MAX_NAME} characters; this has {}",
                self.text.len()
            )
        } else {
            return Some(self.text);
        };
        self.error("invalid name", why)
            .help("use letters, digits, `-`, `_` and `.`: the name appears in logs and headers")
            .report()
    }

    /// A duration within a range.
    pub(in crate::config) fn duration(self, range: RangeInclusive<Duration>) -> Option<Duration> {
        let (title, why) = match units::parse_duration(self.text) {
            Ok(duration) if range.contains(&duration) => return Some(duration),
            Ok(_) => {
                let [min, max] =
                    [range.start(), range.end()].map(|end| units::format_duration(*end));
                ("value out of range", format!("it must be {min} to {max}"))
            }
            Err(error) => ("invalid duration", error.to_string()),
        };
        self.error(title, why)
            .help("write a number and a unit: \"500ms\", \"10s\", \"5m\", \"1h\", or several: \"1m 30s\"")
            .report()
    }

    /// A size in bytes.
    pub(super) fn size(self) -> Option<u64> {
        match units::parse_size(self.text) {
            Ok(size) => Some(size),
            Err(error) => self
                .error("invalid size", error.to_string())
                .help(SIZE_HELP)
                .report(),
        }
    }

    /// A header name.
    pub(in crate::config) fn header_name(self) -> Option<HeaderName> {
        if let Ok(name) = HeaderName::from_bytes(self.text.as_bytes()) {
            return Some(name);
        }
        let why = match self
            .text
            .chars()
            .find(|c| HeaderName::try_from(c.to_string()).is_err())
        {
            _ if self.text.is_empty() => "a header's name must not be empty".to_owned(),
            Some(bad) => format!("a header's name must not contain {}", describe(bad)),
            None => "it is too long".to_owned(),
        };
        self.error("invalid header name", why)
            .help("use letters, digits and `-`, such as \"X-Order-No\"")
            .report()
    }
}

/// How a message names a character.
pub(in crate::config) fn describe(character: char) -> String {
    match character {
        ' ' => "a space".to_owned(),
        '\t' => "a tab".to_owned(),
        '\n' | '\r' => "a line break".to_owned(),
        '`' => "a backtick".to_owned(),
        c if c.is_ascii_graphic() || c.is_alphabetic() => format!("`{c}`"),
        c => format!("the character U+{:04X}", u32::from(c)),
    }
}
