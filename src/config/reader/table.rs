//! One table and its known keys.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::section::{self, Section};
use super::suggest::{quote, similar};
use super::value::{Scope, Value};
use crate::config::diagnostic::{Diagnostic, Place, Problems};
use crate::config::document::Document;
use crate::config::source::COMMAND_LINE;

/// A table whose keys are those of a section.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) struct Table<'a> {
    scope: Scope<'a>,
    section: &'static Section,
    node: &'a DeTable<'a>,
    /// Its header or, if it is an inline one, all of it.
    place: Place,
}

impl<'a> Table<'a> {
    /// The top level of a file.
    pub(in crate::config) fn top(document: &'a Document<'a>, problems: &'a Problems) -> Self {
        let place = Place::file(document.file);
        Self::open(
            Scope {
                document,
                problems,
                holds: None,
            },
            &section::TOP,
            &document.table,
            place,
        )
    }

    /// Opens a table and reports keys that its section does not have.
    pub(super) fn open(
        scope: Scope<'a>,
        section: &'static Section,
        node: &'a DeTable<'a>,
        place: Place,
    ) -> Self {
        let table = Self {
            scope,
            section,
            node,
            place,
        };
        for key in node.keys() {
            let name = key.get_ref().as_ref();
            let known = section.keys.contains(&name);
            // Where the name is missing altogether, that is a syntax error.
            let nameless = name.is_empty() && key.span().is_empty();
            if !known && !nameless && !scope.document.is_misplaced(key.span().start) {
                scope.problems.report(table.unknown_key(key));
            }
        }
        table
    }

    /// Where it is.
    pub(in crate::config) const fn place(&self) -> Place {
        self.place
    }

    pub(in crate::config) const fn problems(&self) -> &'a Problems {
        self.scope.problems
    }

    /// The place of a key, not of its value.
    pub(in crate::config) fn key_place(&self, key: &str) -> Place {
        self.node
            .get_key_value(key)
            .map_or(self.place, |(key, _)| self.scope.document.place(key))
    }

    /// The place of a key of the table that another key opens.
    pub(in crate::config) fn inner_key_place(&self, key: &str, inner: &str) -> Place {
        let inner = match self.node.get(key).map(Spanned::get_ref) {
            Some(DeValue::Table(table)) => table.get_key_value(inner),
            _ => None,
        };
        inner.map_or_else(
            || self.key_place(key),
            |(inner, _)| self.scope.document.place(inner),
        )
    }

    /// The value of a key.
    pub(in crate::config) fn get(&self, key: &str) -> Option<Value<'a>> {
        debug_assert!(
            self.section.keys.contains(&key),
            "{key} is a key of the section"
        );
        let node = self.node.get(key)?;
        (!self.scope.document.is_broken(node)).then(|| self.value(node, key))
    }

    /// Whether the key is there, with a good value or a bad one.
    pub(in crate::config) fn has(&self, key: &str) -> bool {
        self.node.contains_key(key)
    }

    /// Whether the key is there, or may be there in a line with a syntax error.
    pub(in crate::config) fn may_have(&self, key: &str) -> bool {
        self.has(key) || self.scope.document.breaks_table(self.place)
    }

    /// The value of a key as the function reads it, or the default where the key is not there.
    pub(in crate::config) fn or<T>(
        &self,
        key: &str,
        default: T,
        read: impl FnOnce(Value<'a>) -> Option<T>,
    ) -> Option<T> {
        if self.has(key) {
            read(self.get(key)?)
        } else {
            Some(default)
        }
    }

    /// The value of a key as the function reads it; `Some(None)` where the key is not there.
    pub(in crate::config) fn optional<T>(
        &self,
        key: &str,
        read: impl FnOnce(Value<'a>) -> Option<T>,
    ) -> Option<Option<T>> {
        self.or(key, None, |value| read(value).map(Some))
    }

    /// The value of a key that must be there.
    pub(in crate::config) fn require(&self, key: &str, help: &str) -> Option<Value<'a>> {
        if !self.has(key) && !self.is_misspelt(key) {
            self.missing(&format!("{} needs the key `{key}`", self.name()), help);
        }
        self.get(key)
    }

    /// Exactly one of two keys: its name and value.
    pub(in crate::config) fn require_one(
        &self,
        keys: [&'static str; 2],
        help: &str,
    ) -> Option<(&'static str, Value<'a>)> {
        let [a, b] = keys;
        match (self.has(a), self.has(b)) {
            (true, true) => {
                self.scope.problems.report(
                    Diagnostic::error(
                        "conflicting keys",
                        self.key_place(b),
                        format!("`{b}` cannot stand beside `{a}`"),
                    )
                    .and(self.key_place(a), format!("`{a}` is here"))
                    .help("keep one of the two"),
                );
                None
            }
            (true, false) => Some((a, self.get(a)?)),
            (false, true) => Some((b, self.get(b)?)),
            (false, false) if self.is_misspelt(a) || self.is_misspelt(b) => None,
            (false, false) => {
                self.missing(&format!("{} needs `{a}` or `{b}`", self.name()), help);
                None
            }
        }
    }

    /// The table that a key opens, such as `[log]`; reported if it is something else.
    pub(in crate::config) fn table(&self, key: &str, section: &'static Section) -> Option<Self> {
        self.get(key)?.table(section)
    }

    /// The tables that a key opens, such as each `[[route]]`.
    ///
    /// The second part tells whether some of them may be missing through a syntax error.
    pub(in crate::config) fn tables(
        &self,
        key: &str,
        section: &'static Section,
    ) -> (Vec<Self>, bool) {
        let Some(node) = self.node.get(key) else {
            let document = self.scope.document;
            let lost = document.breaks_headers() || document.loses(section.header);
            return (Vec::new(), lost);
        };
        let items: Vec<Value<'a>> = match node.get_ref() {
            DeValue::Array(items) => items
                .iter()
                .filter(|item| !self.scope.document.is_broken(item))
                .map(|item| self.value(item, key))
                .collect(),
            // What a broken header left behind.
            DeValue::Table(_) if self.scope.document.is_broken(node) => Vec::new(),
            DeValue::Table(_) => {
                let value = self.value(node, key);
                let _: Option<()> = value
                    .error(
                        "wrong type",
                        "there may be several, so each begins with two brackets",
                    )
                    .help(format!("write `{}`", section.header))
                    .report();
                vec![value]
            }
            _ => vec![self.value(node, key)],
        };
        let tables: Vec<_> = items
            .iter()
            .filter_map(|item| item.table(section))
            .collect();
        let lost = match node.get_ref() {
            DeValue::Array(items) => tables.len() < items.len(),
            _ => tables.is_empty(),
        };
        (tables, lost || self.scope.document.breaks_headers())
    }

    /// Reports what must be there and is not.
    pub(in crate::config) fn missing(&self, why: &str, help: &str) {
        if !self.scope.document.breaks_table(self.place) {
            self.scope
                .problems
                .report(Diagnostic::error("missing key", self.place, why).help(help));
        }
    }

    /// Whether an unknown key, which has been reported, is probably this one.
    fn is_misspelt(&self, key: &str) -> bool {
        let keys = self.section.keys;
        let names = self.node.keys().map(|name| name.get_ref().as_ref());
        names
            .filter(|name| !keys.contains(name))
            .any(|name| similar(name, keys.iter().copied()) == Some(key))
    }

    fn value(&self, node: &'a Spanned<DeValue<'a>>, key: &str) -> Value<'a> {
        let holds = self.section.holds(key);
        Value::new(
            Scope {
                holds,
                ..self.scope
            },
            node,
        )
    }

    /// How messages call it.
    fn name(&self) -> String {
        self.section.name()
    }

    fn unknown_key<K: AsRef<str>>(&self, key: &Spanned<K>) -> Diagnostic {
        let name = key.get_ref().as_ref();
        let problem = Diagnostic::error(
            "unknown key",
            self.scope.document.place(key),
            format!("{} has no key {}", self.name(), quote(name)),
        );
        if let Some(meant) = similar(name, self.section.keys.iter().copied()) {
            return problem.help(format!("did you mean `{meant}`?"));
        }
        if section::TOP.keys.contains(&name) {
            let place = match problem.primary.place.file {
                COMMAND_LINE => format!("write `{name}=...`"),
                _ => "move it above the first `[...]` line".to_owned(),
            };
            return problem.help(format!("`{name}` belongs to the top level: {place}"));
        }
        let elsewhere: Vec<_> = section::ALL
            .iter()
            .filter(|other| other.keys.contains(&name))
            .map(Section::name)
            .collect();
        if elsewhere.is_empty() {
            problem.help(format!("it has: {}", self.section.keys.join(", ")))
        } else {
            problem.help(format!("`{name}` is a key of {}", elsewhere.join(", ")))
        }
    }
}
