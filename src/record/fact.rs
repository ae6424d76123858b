//! A fact about a request, and how the access log shows it.

use std::fmt;
use std::time::{Duration, SystemTime};

use super::finished::Finished;

/// A fact about a request.
#[derive(Clone, Copy)]
pub struct Fact {
    /// Reads it from the record; `None` if it is not known for this request.
    pub read: for<'r> fn(&Line<'r>) -> Option<FactValue<'r>>,
    /// Its name in JSON lines; `None` if they do not have it.
    pub json: Option<&'static str>,
    /// Its place in text lines.
    pub text: InText,
    /// Its variable in templates, without the `$`.
    pub variable: Option<&'static str>,
    /// What text and JSON lines show if it is not known.
    pub absent: WhenAbsent,
    /// Whether it counts header bytes, which are only counted on request.
    pub needs_header_sizes: bool,
    /// Its meaning, for the documentation.
    pub meaning: &'static str,
}

/// What a line is written from.
#[derive(Clone, Copy, Debug)]
pub struct Line<'r> {
    /// The request.
    pub request: &'r Finished,
    /// The share of lines of its kind that is written; `None` if all are.
    pub sample_rate: Option<f64>,
}

/// A fact's place in text lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InText {
    /// Not there.
    Nowhere,
    /// In the head of the line, without a name; the words say where.
    Head(&'static str),
    /// After the head, as `name=value`.
    Named(&'static str),
}

/// What text and JSON lines show instead of an unknown fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenAbsent {
    /// `-` in text, `null` in JSON.
    Shown,
    /// `-` in text, this string in JSON.
    As(&'static str),
    /// Nothing, not even its name.
    LeftOut,
}

/// A fact's value.
#[derive(Clone, Copy)]
pub enum FactValue<'r> {
    /// Text that a client may control: it must be escaped.
    Text(&'r str),
    /// The same in any encoding.
    Bytes(&'r [u8]),
    /// The Host header: unchanged in text and JSON, in lower case and without port in templates.
    Host(&'r str),
    /// Words separated by single spaces, each of which must be escaped.
    Words([&'r [u8]; 3]),
    /// Text that needs no escaping.
    Plain(&'r dyn fmt::Display),
    /// A count or a code.
    Number(usize),
    /// A fraction of a whole.
    Share(f64),
    /// Seconds; templates show milliseconds, as nginx does.
    Seconds(Duration),
    /// Seconds; templates show microseconds.
    Brief(Duration),
    /// A time in UTC, with milliseconds.
    Utc(SystemTime),
    /// A second of local time.
    Local(SystemTime, Clock),
}

/// The format of local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// `24/Nov/2026:23:32:31 +0000`.
    Common,
    /// `2026-11-24T23:32:31+00:00`.
    Iso8601,
}

impl Fact {
    /// A fact without names and meaning, which the methods below add.
    pub(super) const fn new(read: for<'r> fn(&Line<'r>) -> Option<FactValue<'r>>) -> Self {
        Self {
            read,
            json: None,
            text: InText::Nowhere,
            variable: None,
            absent: WhenAbsent::Shown,
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

    /// Makes it available to templates.
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

    /// Says where the head of a text line has it. The head itself is written by hand.
    pub(super) const fn head(mut self, place: &'static str) -> Self {
        self.text = InText::Head(place);
        self
    }

    /// Makes JSON show this string if the fact is not known.
    pub(super) const fn absent_as(mut self, text: &'static str) -> Self {
        self.absent = WhenAbsent::As(text);
        self
    }

    /// Leaves it out of text and JSON if it is not known.
    pub(super) const fn optional(mut self) -> Self {
        self.absent = WhenAbsent::LeftOut;
        self
    }

    /// Requests the sizes of headers for formats that show it.
    pub(super) const fn of_header_sizes(mut self) -> Self {
        self.needs_header_sizes = true;
        self
    }

    /// Documents it.
    pub(super) const fn means(mut self, meaning: &'static str) -> Self {
        self.meaning = meaning;
        self
    }
}

/// Two facts are equal if they have the same names, because each name belongs to one fact.
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
