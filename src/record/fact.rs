//! What a fact about a request is, and how a line of the access log shows it.

use std::fmt;
use std::time::{Duration, SystemTime};

use super::finished::Finished;

/// One thing that can be told of a request.
#[derive(Clone, Copy)]
pub struct Fact {
    /// Reads it from the record; `None` if it is not known of that request.
    pub read: for<'r> fn(&Line<'r>) -> Option<Value<'r>>,
    /// Its name in a line of JSON; `None` if it is not there.
    pub json: Option<&'static str>,
    /// Where it stands in a line of text.
    pub text: InText,
    /// The variable that templates name it by, without the `$`.
    pub variable: Option<&'static str>,
    /// What lines of text and JSON show where it is not known.
    pub absent: Absent,
    /// Whether it counts bytes of headers, which are only counted for those who ask.
    pub needs_header_sizes: bool,
    /// What it says, for the documentation.
    pub meaning: &'static str,
}

/// What a line is written from.
#[derive(Clone, Copy, Debug)]
pub struct Line<'r> {
    /// The request.
    pub request: &'r Finished,
    /// The share of lines of its kind that is written; `None` where every line is.
    pub sample_rate: Option<f64>,
}

/// Where a fact stands in a line of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InText {
    /// Nowhere.
    Nowhere,
    /// In front, without a name; the words say where.
    Head(&'static str),
    /// Behind, as `name=value`.
    Named(&'static str),
}

/// What lines of text and JSON show in place of a fact that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// `-` in text, `null` in JSON.
    Shown,
    /// `-` in text, this string in JSON.
    As(&'static str),
    /// Nothing, not even its name.
    LeftOut,
}

/// A fact's value.
#[derive(Clone, Copy)]
pub enum Value<'r> {
    /// Text, perhaps of the client's making: it must be escaped.
    Text(&'r str),
    /// The Host header: as it is in text and JSON, in lower case and without port in templates.
    Host(&'r str),
    /// Words between single spaces, each of which must be escaped.
    Words([&'r str; 3]),
    /// Text that needs no escapes.
    Plain(&'r dyn fmt::Display),
    /// A count or a code.
    Number(usize),
    /// A share of a whole.
    Share(f64),
    /// Seconds; milliseconds are enough for templates, as in nginx.
    Seconds(Duration),
    /// Seconds of which templates show microseconds, too.
    Brief(Duration),
    /// A moment in UTC, with milliseconds.
    Utc(SystemTime),
    /// A second of local time.
    Local(SystemTime, Clock),
}

/// How local time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// `24/Nov/2026:23:32:31 +0000`.
    Common,
    /// `2026-11-24T23:32:31+00:00`.
    Iso8601,
}

impl Fact {
    /// A fact without names and words, which the functions below add.
    pub(super) const fn new(read: for<'r> fn(&Line<'r>) -> Option<Value<'r>>) -> Self {
        Self {
            read,
            json: None,
            text: InText::Nowhere,
            variable: None,
            absent: Absent::Shown,
            needs_header_sizes: false,
            meaning: "",
        }
    }

    /// Shows it in JSON.
    pub(super) const fn json(mut self, name: &'static str) -> Self {
        self.json = Some(name);
        self
    }

    /// Shows it in text as `name=value`.
    pub(super) const fn text(mut self, name: &'static str) -> Self {
        self.text = InText::Named(name);
        self
    }

    /// Lets templates name it.
    pub(super) const fn variable(mut self, name: &'static str) -> Self {
        self.variable = Some(name);
        self
    }

    /// Shows it in text and JSON under one name.
    pub(super) const fn named(self, name: &'static str) -> Self {
        self.json(name).text(name)
    }

    /// Shows it everywhere under one name.
    pub(super) const fn everywhere(self, name: &'static str) -> Self {
        self.named(name).variable(name)
    }

    /// Says where the head of a line of text has it. The head itself is written by hand.
    pub(super) const fn head(mut self, place: &'static str) -> Self {
        self.text = InText::Head(place);
        self
    }

    /// Has JSON show this string where the fact is not known.
    pub(super) const fn absent_as(mut self, text: &'static str) -> Self {
        self.absent = Absent::As(text);
        self
    }

    /// Leaves it out of text and JSON where it is not known.
    pub(super) const fn optional(mut self) -> Self {
        self.absent = Absent::LeftOut;
        self
    }

    /// Has the sizes of headers counted for whoever shows it.
    pub(super) const fn of_header_sizes(mut self) -> Self {
        self.needs_header_sizes = true;
        self
    }

    /// Says what it is.
    pub(super) const fn means(mut self, meaning: &'static str) -> Self {
        self.meaning = meaning;
        self
    }
}

/// Two facts are the same if they have the same names: each name is one fact's.
impl PartialEq for Fact {
    fn eq(&self, other: &Self) -> bool {
        (self.json, self.variable) == (other.json, other.variable)
    }
}

impl Eq for Fact {}

impl fmt::Debug for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.variable.or(self.json).unwrap_or_default();
        f.debug_tuple("Fact").field(&name).finish()
    }
}
