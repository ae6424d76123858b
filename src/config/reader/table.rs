//! One table and its known keys.

use std::sync::LazyLock;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::scope::Scope;
use super::secret;
use super::suggest::quote;
use super::unknown_key::Meant;
use super::value::Value;
use crate::config::diagnostic::{Diagnostic, Place, Problems};
use crate::config::document::Document;
use crate::config::keys::{self, Section, default_of};
use crate::config::source::COMMAND_LINE;

/// Stands for a table that the file lacks: all keys have their defaults.
static EMPTY: LazyLock<DeTable<'static>> = LazyLock::new(DeTable::new);

/// A table whose keys are those of a section.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) struct Table<'a> {
    scope: Scope<'a>,
    section: &'static Section,
    node: &'a DeTable<'a>,
    /// The place of its header or, for an inline table, of the whole table.
    place: Place,
}

impl<'a> Table<'a> {
    /// The top level of a file.
    pub(in crate::config) fn top(document: &'a Document<'a>, problems: &'a Problems) -> Self {
        let place = Place::file(document.file);
        let scope = Scope::new(document, problems);
        Self::open(scope, &keys::TOP, &document.table, place)
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
            let known = section.find(name).is_some();
            // An empty name without a place is a syntax error, which has been reported.
            let nameless = name.is_empty() && key.span().is_empty();
            if !known && !nameless && !scope.document.is_misplaced(key.span().start) {
                scope.problems.report(table.unknown_key(key));
            }
        }
        table
    }

    /// The keys as they are written, whether the section has them or not.
    pub(in crate::config) const fn written(&self) -> &'a DeTable<'a> {
        self.node
    }

    /// The place of the table.
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

    /// The value of a key.
    pub(in crate::config) fn get(&self, key: &str) -> Option<Value<'a>> {
        debug_assert!(
            self.section.find(key).is_some(),
            "{key} is a key of the section"
        );
        let node = self.node.get(key)?;
        (!self.scope.document.is_broken(node)).then(|| self.value(node, key))
    }

    /// Whether the key is present, whether its value is valid or not.
    pub(in crate::config) fn has(&self, key: &str) -> bool {
        self.node.contains_key(key)
    }

    /// Whether the key is present, or may be in a line with a syntax error.
    pub(in crate::config) fn may_have(&self, key: &str) -> bool {
        self.has(key) || self.scope.document.breaks_table(self.place)
    }

    /// Reads the value of a key, or its default.
    pub(in crate::config) fn read<T>(
        &self,
        key: &str,
        read: impl FnOnce(Value<'a>) -> Option<T>,
    ) -> Option<T> {
        if self.has(key) {
            return read(self.get(key)?);
        }
        let default = default_of(self.section, key);
        debug_assert!(default.is_some(), "{key} has a default");
        let scope = Scope {
            absent_at: Some(self.place),
            ..self.scope
        };
        read(Value::new(scope.of(self.section.find(key)), default?))
    }

    /// Reads the value of a key; `Some(None)` if the key is absent.
    pub(in crate::config) fn optional<T>(
        &self,
        key: &str,
        read: impl FnOnce(Value<'a>) -> Option<T>,
    ) -> Option<Option<T>> {
        if self.has(key) {
            read(self.get(key)?).map(Some)
        } else {
            Some(None)
        }
    }

    /// The value of a required key.
    pub(in crate::config) fn require(&self, key: &str, help: &str) -> Option<Value<'a>> {
        if !self.has(key) && !self.is_misspelt(key) {
            self.missing(&format!("{} needs the key `{key}`", self.name()), help);
        }
        self.get(key)
    }

    /// The name and value of one of two keys, exactly one of which must be set.
    pub(in crate::config) fn require_one<const N: usize>(
        &self,
        keys: [&'static str; N],
        help: &str,
    ) -> Option<(&'static str, Value<'a>)> {
        let mut present = keys.into_iter().filter(|key| self.has(key));
        match (present.next(), present.next()) {
            (Some(a), Some(b)) => {
                self.scope.problems.report(
                    Diagnostic::error(
                        "conflicting keys",
                        self.key_place(b),
                        format!("`{b}` cannot be combined with `{a}`"),
                    )
                    .and(self.key_place(a), format!("`{a}` is here"))
                    .help("keep one of the two"),
                );
                None
            }
            (Some(key), None) => Some((key, self.get(key)?)),
            (None, _) if keys.iter().any(|key| self.is_misspelt(key)) => None,
            (None, _) => {
                let keys = keys.map(|key| format!("`{key}`"));
                let keys = match keys.split_last() {
                    Some((last, others)) if !others.is_empty() => {
                        format!("{} or {last}", others.join(", "))
                    }
                    _ => keys.concat(),
                };
                self.missing(&format!("{} needs {keys}", self.name()), help);
                None
            }
        }
    }

    /// The table that a key opens, such as `[log]`; an empty one if the key is absent.
    pub(in crate::config) fn table(&self, key: &str) -> Option<Self> {
        if self.has(key) {
            return self.get(key)?.table();
        }
        self.empty_table(key)
    }

    /// The table of a key as if it were present and empty.
    pub(in crate::config) fn empty_table(&self, key: &str) -> Option<Self> {
        let section = self.section.find(key)?.kind.section()?;
        Some(Self::empty(self.scope, section, self.place))
    }

    /// An empty table that the file does not contain. Its problems are reported at `place`.
    pub(super) fn empty(scope: Scope<'a>, section: &'static Section, place: Place) -> Self {
        let scope = Scope {
            absent_at: Some(place),
            ..scope
        };
        Self::open(scope, section, &EMPTY, place)
    }

    /// The tables that a key opens, such as each `[[route]]`.
    ///
    /// The second result says whether some tables may be missing because of a syntax error.
    pub(in crate::config) fn tables(&self, key: &str) -> (Vec<Self>, bool) {
        let Some(section) = self
            .section
            .find(key)
            .and_then(|setting| setting.kind.section())
        else {
            debug_assert!(false, "{key} is declared to be tables");
            return (Vec::new(), true);
        };
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
            // A table left over from a broken header.
            DeValue::Table(_) if self.scope.document.is_broken(node) => Vec::new(),
            DeValue::Table(_) => {
                let value = self.value(node, key);
                let _: Option<()> = value
                    .error(
                        "wrong type",
                        "this may occur several times, so it needs two brackets",
                    )
                    .help(format!("write `{}`", section.header))
                    .report();
                vec![value]
            }
            _ => vec![self.value(node, key)],
        };
        let tables: Vec<_> = items.iter().filter_map(|item| item.table()).collect();
        let lost = match node.get_ref() {
            DeValue::Array(items) => tables.len() < items.len(),
            _ => tables.is_empty(),
        };
        (tables, lost || self.scope.document.breaks_headers())
    }

    /// Reports a missing key, unless a syntax error may hide it.
    pub(in crate::config) fn missing(&self, why: &str, help: &str) {
        if !self.scope.document.breaks_table(self.place) {
            self.scope
                .problems
                .report(Diagnostic::error("missing key", self.place, why).help(help));
        }
    }

    /// Whether an unknown key, which has been reported, probably stands for this one.
    fn is_misspelt(&self, key: &str) -> bool {
        let names = self.node.keys().map(|name| name.get_ref().as_ref());
        names
            .filter(|name| self.section.find(name).is_none())
            .any(|name| Meant::of(name, self.section).is(key, self.section))
    }

    fn value(&self, node: &'a Spanned<DeValue<'a>>, key: &str) -> Value<'a> {
        Value::new(self.scope.of(self.section.find(key)), node)
    }

    /// The name of the table in messages.
    fn name(&self) -> String {
        self.section.name()
    }

    fn unknown_key<K: AsRef<str>>(&self, key: &Spanned<K>) -> Diagnostic {
        let name = key.get_ref().as_ref();
        let shown = match secret::is_shown_name(Some(self.section), name) {
            true => name,
            false => secret::MASK,
        };
        let problem = Diagnostic::error(
            "unknown key",
            self.scope.document.place(key),
            format!("{} has no key {}", self.name(), quote(shown)),
        );
        let on_command_line = problem.primary.place.file == COMMAND_LINE;
        let meant = Meant::of(name, self.section);
        problem.help(meant.help(name, self.section, on_command_line))
    }
}
