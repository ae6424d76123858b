//! The type and range of a value.

use std::fmt;
use std::time::Duration;

use super::section::Section;
use super::words::Word;
use crate::config::units::{format_duration, format_size};

pub(super) const MIB: u64 = 1 << 20;
pub(super) const GIB: u64 = 1 << 30;
pub(super) const TIB: u64 = 1 << 40;

pub(super) const ZERO: Duration = Duration::ZERO;
pub(super) const MILLISECOND: Duration = Duration::from_millis(1);
pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const MINUTE: Duration = Duration::from_secs(60);
pub(super) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The type and range of a value. Ranges include both ends.
#[derive(Debug)]
pub(in crate::config) enum ValueKind {
    /// `true` or `false`.
    Boolean,
    /// A whole number in a range.
    Integer(u64, u64),
    /// A fraction: a number from 0 to 1, or text such as `"1/10"`.
    Fraction,
    /// A duration in a range.
    Duration(Duration, Duration),
    /// A number of bytes in a range.
    Size(u64, u64),
    /// A status in a range, or `"first-last"`.
    Status(u64, u64),
    /// A point in time with its zone: `2027-01-31T00:00:00Z`.
    Time,
    /// One of a few words.
    Word(fn() -> Vec<&'static str>),
    /// `"off"`.
    Off,
    /// 1 to 64 visible ASCII characters, which are safe in logs and headers.
    Name,
    /// A header's name.
    HeaderName,
    /// A path in the file system.
    Path,
    /// Any text.
    Text,
    /// Text that matches a regular expression.
    Matching(&'static str),
    /// A plain JSON value.
    Literal,
    /// An array.
    List(&'static Self),
    /// A single value, or an array.
    OneOrList(&'static Self),
    /// A table with the operator's own keys.
    Map(&'static Self),
    /// A table.
    Table(&'static Section),
    /// An array of tables, like `[[route]]`.
    Tables(&'static Section),
    /// Any of these.
    Any(&'static [Self]),
}

/// The words of a type, for a declaration.
pub(super) fn words<T: Word>() -> Vec<&'static str> {
    T::all().into_iter().map(|(word, _)| word).collect()
}

impl ValueKind {
    /// What the function finds in this kind, or in one of those that it may be.
    pub(in crate::config) fn pick<T>(
        &'static self,
        find: &impl Fn(&'static Self) -> Option<T>,
    ) -> Option<T> {
        match self {
            Self::Any(kinds) => kinds.iter().find_map(|kind| kind.pick(find)),
            kind => find(kind),
        }
    }

    /// The table that it may be, or that its elements may be.
    pub(in crate::config) fn section(&'static self) -> Option<&'static Section> {
        self.pick(&|kind| match kind {
            Self::Table(section) | Self::Tables(section) => Some(*section),
            Self::List(element) | Self::OneOrList(element) => element.section(),
            _ => None,
        })
    }

    /// The type of an array's elements.
    pub(in crate::config) fn element(&'static self) -> Option<&'static Self> {
        self.pick(&|kind| match kind {
            Self::List(element) | Self::OneOrList(element) => Some(*element),
            _ => None,
        })
    }

    /// What the values of a table are whose keys are the operator's.
    pub(in crate::config) fn member(&'static self) -> Option<&'static Self> {
        self.pick(&|kind| match kind {
            Self::Map(value) => Some(*value),
            _ => None,
        })
    }
}

/// As the reference describes it.
impl fmt::Display for ValueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean => f.write_str("`true`, `false`"),
            Self::Integer(min, max) => write!(f, "{min} to {max}"),
            Self::Fraction => f.write_str("0 to 1, or text such as `\"1/10\"`"),
            Self::Duration(ZERO, max) => write!(f, "duration, at most {}", format_duration(*max)),
            Self::Duration(min, max) => {
                let [min, max] = [min, max].map(|end| format_duration(*end));
                write!(f, "duration, {min} to {max}")
            }
            Self::Size(0, max) => write!(f, "size, at most {}", size(*max)),
            Self::Size(min, max) => write!(f, "size, {} to {}", size(*min), size(*max)),
            Self::Status(min, max) => write!(f, "{min} to {max}, or `\"first-last\"`"),
            Self::Word(words) => {
                let words = words().into_iter().map(|word| format!("`\"{word}\"`"));
                f.write_str(&words.collect::<Vec<_>>().join(", "))
            }
            Self::Time => f.write_str("time, such as `2027-01-31T00:00:00Z`"),
            Self::Off => f.write_str("`\"off\"`"),
            Self::Name => f.write_str("name"),
            Self::HeaderName => f.write_str("header"),
            Self::Path => f.write_str("path"),
            Self::Text | Self::Matching(_) => f.write_str("text"),
            Self::Literal => f.write_str("value"),
            Self::List(element) => write!(f, "list of {}", Plural(element)),
            Self::OneOrList(element) => write!(f, "{element}, or list of {}", Plural(element)),
            Self::Map(value) => write!(f, "table of {}", Plural(value)),
            Self::Table(_) => f.write_str("table"),
            Self::Tables(_) => f.write_str("tables"),
            Self::Any(kinds) => {
                let kinds: Vec<String> = kinds.iter().map(ToString::to_string).collect();
                f.write_str(&kinds.join(", or "))
            }
        }
    }
}

struct Plural(&'static ValueKind);

impl fmt::Display for Plural {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            kind @ (ValueKind::Word(_) | ValueKind::Any(_)) => kind.fmt(f),
            kind => write!(f, "{kind}s"),
        }
    }
}

/// A size as a file would write it, without quotes.
fn size(bytes: u64) -> String {
    // `1.0 GiB` in messages.
    format_size(bytes).replace(".0 ", " ")
}
