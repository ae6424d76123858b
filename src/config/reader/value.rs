//! One value, converted to the TOML type that it should have.

use std::ops::RangeInclusive;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::draft::Draft;
use super::scope::Scope;
use super::secret;
use super::suggest::looks_like_key;
use super::table::Table;
use super::text::Text;
use crate::config::diagnostic::Place;
use crate::config::keys::written_place::example;
use crate::config::keys::{Holds, ValueKind, Word};
use crate::config::units;
use crate::success::Literal;

/// A value of a key or of an array.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) struct Value<'a> {
    scope: Scope<'a>,
    pub(super) node: &'a Spanned<DeValue<'a>>,
}

impl<'a> Value<'a> {
    pub(super) const fn new(scope: Scope<'a>, node: &'a Spanned<DeValue<'a>>) -> Self {
        Self { scope, node }
    }

    /// The place of the value, or of the table that lacks it if it is a default.
    pub(in crate::config) fn place(&self) -> Place {
        let written = || self.scope.document.place(self.node);
        self.scope.absent_at.unwrap_or_else(written)
    }

    /// A string.
    pub(in crate::config) fn text(&self) -> Option<Text<'a>> {
        match self.node.get_ref() {
            DeValue::String(text) => Some(Text {
                scope: self.scope,
                text,
                place: self.place(),
            }),
            DeValue::Integer(number) if !self.scope.holds.is_some_and(Holds::may_be_secret) => {
                self.wrong_type("a string", Some(&format!("\"{number}\"")))
            }
            _ => self.wrong_type("a string", Some("\"...\"")),
        }
    }

    /// `true` or `false`.
    pub(in crate::config) fn boolean(self) -> Option<bool> {
        match self.node.get_ref() {
            DeValue::Boolean(value) => Some(*value),
            DeValue::String(text) if matches!(text.as_ref(), "true" | "false") => {
                self.wrong_type("`true` or `false`", Some(text))
            }
            _ => self.wrong_type("`true` or `false`", Some("true` or `false")),
        }
    }

    /// A whole number within the key's range.
    pub(in crate::config) fn integer<T: TryFrom<u64>>(self) -> Option<T> {
        let range = self.scope.pick(|kind| match kind {
            ValueKind::Integer(min, max) | ValueKind::Status(min, max) => Some((*min, *max)),
            _ => None,
        });
        debug_assert!(range.is_some(), "the key is declared to be a number");
        let (min, max) = range?;
        match self.node.get_ref() {
            DeValue::Integer(_) => {
                let number = self.number().filter(|number| (min..=max).contains(number));
                let number = number.and_then(|number| T::try_from(number).ok());
                number.or_else(|| {
                    let why = format!("it must be {min} to {max}");
                    self.error("value out of range", why)
                        .help("use another number")
                        .report()
                })
            }
            DeValue::String(text) if text.parse::<u64>().is_ok() => {
                self.wrong_type("a whole number", Some(text))
            }
            _ => self.wrong_type("a whole number", Some(&min.to_string())),
        }
    }

    /// The lowest and highest status that the key allows.
    pub(in crate::config) fn status_range(&self) -> Option<(u64, u64)> {
        self.scope.pick(|kind| match kind {
            ValueKind::Status(min, max) => Some((*min, *max)),
            _ => None,
        })
    }

    /// A fraction: a number from 0 to 1, or text such as `"1/10"`.
    pub(in crate::config) fn fraction(self) -> Option<f64> {
        let part = match self.node.get_ref() {
            DeValue::Integer(_) => self
                .number()
                .and_then(|number| u32::try_from(number).ok())
                .map(f64::from),
            DeValue::Float(number) => number.as_str().parse().ok(),
            DeValue::String(text) => text.split_once('/').and_then(|(part, whole)| {
                let [part, whole] = [part, whole].map(|number| number.trim().parse::<u32>().ok());
                Some(f64::from(part?) / f64::from(whole?))
            }),
            _ => return self.wrong_type("a number", Some("0.1")),
        };
        part.filter(|part| (0.0..=1.0).contains(part)).or_else(|| {
            self.error("value out of range", "it must be 0 to 1")
                .help("write a fraction: 0.1, or \"1/10\"")
                .report()
        })
    }

    /// A scalar JSON value.
    pub(in crate::config) fn literal(&self) -> Option<Literal> {
        match self.node.get_ref() {
            DeValue::String(text) => Some(Literal::Text(text.to_string())),
            DeValue::Boolean(value) => Some(Literal::Bool(*value)),
            DeValue::Integer(number) => {
                let whole = i64::from_str_radix(number.as_str(), number.radix());
                whole.ok().map(Literal::Whole).or_else(|| {
                    let [min, max] = [i64::MIN, i64::MAX];
                    self.error("value out of range", format!("it must be {min} to {max}"))
                        .help("use another number")
                        .report()
                })
            }
            _ => self.wrong_type(
                "a string, a whole number, `true` or `false`",
                Some("\"SUCCESS\"` or `0"),
            ),
        }
    }

    /// One of the key's words, converted to its meaning.
    pub(in crate::config) fn word<T: Word>(self) -> Option<T> {
        let words = T::all();
        if self.is_text() {
            return self.text()?.one_of(&words);
        }
        let written: Vec<_> = words
            .iter()
            .map(|(word, _)| format!("\"{word}\""))
            .collect();
        self.wrong_type("a string", Some(&written.join("` or `")))
    }

    /// Whether the value is `"off"`.
    pub(in crate::config) fn is_off(&self) -> bool {
        matches!(self.node.get_ref(), DeValue::String(text) if text.as_ref() == "off")
    }

    /// Reads the value; `Some(None)` if it is `"off"`.
    pub(in crate::config) fn unless_off<T>(
        self,
        read: impl FnOnce(Self) -> Option<T>,
    ) -> Option<Option<T>> {
        if self.is_off() {
            Some(None)
        } else {
            read(self).map(Some)
        }
    }

    /// A duration within the key's range.
    pub(in crate::config) fn duration(self) -> Option<Duration> {
        let range = self.scope.pick(|kind| match kind {
            ValueKind::Duration(min, max) => Some(*min..=*max),
            _ => None,
        });
        debug_assert!(range.is_some(), "the key is declared to be a duration");
        match self.node.get_ref() {
            DeValue::Integer(number) => {
                self.wrong_type("a duration with its unit", Some(&format!("\"{number}s\"")))
            }
            DeValue::String(_) => self.text()?.duration(range?),
            _ => self.wrong_type("a duration", Some("\"10s\"")),
        }
    }

    /// A size in bytes, within the key's range.
    pub(in crate::config) fn size<T: TryFrom<u64>>(self) -> Option<T> {
        let range = self.scope.pick(|kind| match kind {
            ValueKind::Size(min, max) => Some(*min..=*max),
            _ => None,
        });
        debug_assert!(range.is_some(), "the key is declared to be a size");
        let range = range?;
        let size = match self.node.get_ref() {
            DeValue::Integer(_) => self.number(),
            DeValue::String(_) => Some(self.text()?.size()?),
            _ => return self.wrong_type("a size", Some("\"1MiB\"")),
        };
        let Some(size) = size.filter(|size| range.contains(size)) else {
            let [min, max] = [range.start(), range.end()].map(|end| units::format_size(*end));
            return self
                .error("value out of range", format!("it must be {min} to {max}"))
                .help(size_help(&range))
                .report();
        };
        T::try_from(size).ok()
    }

    /// The elements of an array.
    pub(in crate::config) fn list(&self) -> Option<Vec<Self>> {
        match self.node.get_ref() {
            DeValue::Array(items) => {
                let element = self.scope.kind.and_then(ValueKind::element);
                let scope = Scope {
                    kind: element,
                    ..self.scope
                };
                Some(items.iter().map(|item| Self::new(scope, item)).collect())
            }
            DeValue::String(text) if !looks_like_key(text) => {
                let source = self.scope.document.source_at(self.place());
                let text = secret::masked(self.scope.holds, text, source);
                self.wrong_type("an array", Some(&format!("[\"{}\"]", text.escape_debug())))
            }
            _ => self.wrong_type("an array", Some("[...]")),
        }
    }

    /// The elements of an array, each read by the function; `None` if reading any of them fails.
    pub(in crate::config) fn list_of<T>(
        &self,
        read: impl FnMut(Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        // Reads all elements before failing, so that every problem is reported.
        let items: Vec<Option<T>> = self.list()?.into_iter().map(read).collect();
        items.into_iter().collect()
    }

    /// The elements of an array, or a single value as one element.
    pub(in crate::config) fn one_or_list(&self) -> Option<Vec<Self>> {
        match self.node.get_ref() {
            DeValue::Array(_) => self.list(),
            _ => {
                let element = self.scope.kind.and_then(ValueKind::element);
                let scope = Scope {
                    kind: element.or(self.scope.kind),
                    ..self.scope
                };
                Some(vec![Self::new(scope, self.node)])
            }
        }
    }

    /// The entries of a table whose keys the operator chooses, in file order.
    pub(in crate::config) fn pairs(&self) -> Option<Vec<(Text<'a>, Self)>> {
        let Some(table) = self.as_table() else {
            return self.wrong_type("a table", Some("{ ... }"));
        };
        let mut pairs: Vec<_> = table.iter().collect();
        pairs.sort_by_key(|(key, _)| key.span().start);
        let key = |key: &'a Spanned<_>| {
            let text: &std::borrow::Cow<'a, str> = key.get_ref();
            Text {
                scope: self.scope,
                text,
                place: self.scope.document.place(key),
            }
        };
        let scope = Scope {
            kind: self.scope.kind.and_then(ValueKind::member),
            ..self.scope
        };
        Some(
            pairs
                .into_iter()
                .map(|(name, value)| (key(name), Self::new(scope, value)))
                .collect(),
        )
    }

    /// The table that the key is declared to open.
    pub(in crate::config) fn table(self) -> Option<Table<'a>> {
        let section = self.scope.kind.and_then(ValueKind::section);
        debug_assert!(section.is_some(), "the key is declared to be a table");
        let section = section?;
        match self.as_table() {
            Some(table) => Some(Table::open(self.scope, section, table, self.place())),
            None => self.wrong_type("a table", Some(&example(section))),
        }
    }

    /// An empty table in place of a value of another type: all of its keys have their defaults.
    pub(in crate::config) fn empty_table(self) -> Option<Table<'a>> {
        let section = self.scope.kind.and_then(ValueKind::section)?;
        Some(Table::empty(self.scope, section, self.place()))
    }

    pub(in crate::config) fn is_text(&self) -> bool {
        matches!(self.node.get_ref(), DeValue::String(_))
    }

    pub(in crate::config) fn is_table(&self) -> bool {
        self.as_table().is_some()
    }

    /// Begins a report on this value.
    pub(in crate::config) fn error(
        &self,
        title: &'static str,
        why: impl Into<String>,
    ) -> Draft<'a> {
        Draft::error(self.scope.problems, title, self.place(), why)
    }

    /// Reports a value of the wrong type; `written` shows how to write the wanted one.
    pub(in crate::config) fn wrong_type<T>(
        &self,
        wanted: &str,
        written: Option<&str>,
    ) -> Option<T> {
        let found = match self.node.get_ref() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "`true` or `false`",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        };
        let draft = self.error(
            "wrong type",
            format!("this is {found}, but {wanted} is needed"),
        );
        match written {
            Some(written) => draft.help(format!("write `{written}`")).report(),
            None => draft.report(),
        }
    }

    fn as_table(&self) -> Option<&'a DeTable<'a>> {
        match self.node.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The value as a number, if it is not negative and fits 64 bits.
    fn number(&self) -> Option<u64> {
        match self.node.get_ref() {
            DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        }
    }
}

/// Explains how to write sizes within a range.
fn size_help(range: &RangeInclusive<u64>) -> String {
    const EXAMPLES: [(u64, &str); 4] = [
        (500, "500B"),
        (64 << 10, "64KiB"),
        (1 << 20, "1MiB"),
        (1 << 30, "1GiB"),
    ];
    const SHOWN: usize = 3;
    let examples = EXAMPLES.iter().filter(|(size, _)| range.contains(size));
    let examples: Vec<String> = examples.map(|(_, text)| format!("\"{text}\"")).collect();
    let examples = examples.get(examples.len().saturating_sub(SHOWN)..);
    format!(
        "write a number and a unit: {}",
        examples.unwrap_or_default().join(", ")
    )
}
