//! Text of a body in a format that has nothing but text.

use std::borrow::Cow;
use std::ops::Range;

use super::charset::Charset;
use super::{percent, references};

/// A text as it is written in a body: a name or a value.
#[derive(Clone, Copy, Debug)]
pub struct BodyText<'a> {
    pub(super) raw: &'a str,
    pub(super) start: usize,
    pub(super) writing: Writing,
}

/// How characters are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writing {
    /// As they are.
    Plain,
    /// With percent codes for the bytes of this character set, and `+` for a space.
    Percent(Charset),
    /// With references (`&amp;`).
    References,
}

impl<'a> BodyText<'a> {
    /// Its characters. Borrowed if the body contains them as they are.
    #[must_use]
    pub fn text(self) -> Cow<'a, str> {
        match self.writing {
            Writing::Plain => self.raw.into(),
            // The readers have refused what cannot be decoded.
            Writing::Percent(charset) => percent::decode(self.raw, charset).unwrap_or_default(),
            Writing::References => references::decode(self.raw).unwrap_or_default(),
        }
    }

    /// As it is written.
    #[must_use]
    pub fn raw(self) -> &'a str {
        self.raw
    }

    /// Its byte range in what was read.
    #[must_use]
    pub fn place(self) -> Range<usize> {
        self.start..self.start.saturating_add(self.raw.len())
    }

    /// Whether it has no characters.
    #[must_use]
    pub fn is_empty(self) -> bool {
        // Every code and reference stands for a character.
        self.raw.is_empty()
    }

    /// Whether these are its characters.
    #[must_use]
    pub fn is(self, text: &str) -> bool {
        match self.writing {
            Writing::Plain => self.raw == text,
            // Each character is written with one byte or more.
            _ => self.text() == text,
        }
    }
}
