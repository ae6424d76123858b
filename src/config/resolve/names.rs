//! Names that routes refer to: of keys, schemes, decryption rules and upstreams.

use std::cell::Cell;
use std::collections::HashMap;

use crate::config::diagnostic::{Diagnostic, Place, Problems, WarningName};
use crate::config::reader::{Table, Text, quote, similar};

/// All names of one kind, and what they refer to.
#[derive(Debug)]
pub(super) struct Names<'a, T> {
    /// The kind, as messages call it.
    kind: &'static str,
    entries: HashMap<&'a str, Entry<T>>,
    /// Other names that are known, though nothing here refers to them.
    elsewhere: Vec<&'static str>,
    /// Whether entries may be missing although the files contain them, because of an error that has
    /// been reported. Then unknown names are not reported.
    incomplete: bool,
}

#[derive(Debug)]
struct Entry<T> {
    /// Where the name was given; `None` if it is built in.
    place: Option<Place>,
    /// `None` if the entry has an error, which has been reported.
    meaning: Option<T>,
    used: Cell<bool>,
}

impl<'a, T> Names<'a, T> {
    pub(super) fn new(kind: &'static str) -> Self {
        Self {
            kind,
            entries: HashMap::new(),
            elsewhere: Vec::new(),
            incomplete: false,
        }
    }

    /// Adds a built-in name, which no file may use.
    pub(super) fn built_in(&mut self, name: &'a str, meaning: T) {
        let entry = Entry {
            place: None,
            meaning: Some(meaning),
            used: Cell::new(true),
        };
        self.entries.insert(name, entry);
    }

    /// Adds what comes with the program, unless a file has an entry of this name.
    pub(super) fn shipped(&mut self, name: &'a str, meaning: impl FnOnce() -> Option<T>) {
        self.entries.entry(name).or_insert_with(|| Entry {
            place: None,
            meaning: meaning(),
            used: Cell::new(true),
        });
    }

    /// Adds names that may be meant by misspelt ones.
    pub(super) fn also_known(&mut self, names: impl Iterator<Item = &'static str>) {
        self.elsewhere.extend(names);
    }

    /// Adds the entries of these tables, each named by its key `key`; `what` is what the key's help
    /// calls it. `entry` reads the rest of a table, also of one without a usable name. `incomplete`
    /// says whether tables may be missing.
    pub(super) fn define_all(
        &mut self,
        tables: &[Table<'a>],
        incomplete: bool,
        (key, what): (&str, &str),
        mut entry: impl FnMut(&Table<'a>, Option<Text<'a>>) -> Option<T>,
    ) {
        self.incomplete |= incomplete;
        let missing = format!("add `{key} = \"...\"`: routes refer to the {what} by it");
        for table in tables {
            let name = table
                .require(key, &missing)
                .and_then(|value| value.text())
                .filter(|name| name.name().is_some());
            let meaning = entry(table, name);
            match name {
                Some(name) => self.define(name, meaning),
                None => self.incomplete = true,
            }
        }
    }

    /// Adds a name from a file. Reports one that is already taken.
    fn define(&mut self, name: Text<'a>, meaning: Option<T>) {
        let Some(first) = self.entries.get(name.text) else {
            let place = Some(name.place);
            self.entries.insert(
                name.text,
                Entry {
                    place,
                    meaning,
                    used: Cell::new(false),
                },
            );
            return;
        };
        let (kind, quoted) = (self.kind, quote(name.text));
        let _: Option<()> = match first.place {
            Some(place) => name
                .error("duplicate name", format!("a second {kind} {quoted}"))
                .and(place, "the first one is here")
                .help("rename or remove one of the two"),
            None => name
                .error("reserved name", format!("the {kind} {quoted} is built in"))
                .help("choose another name"),
        }
        .report();
    }

    /// What the name refers to. Reports an unknown name.
    pub(super) fn find(&self, name: Text<'_>) -> Option<&T> {
        if let Some(entry) = self.entries.get(name.text) {
            entry.used.set(true);
            return entry.meaning.as_ref();
        }
        if self.incomplete {
            return None;
        }
        let kind = self.kind;
        let draft = name.error(
            "unknown reference",
            format!("there is no {kind} {}", quote(name.text)),
        );
        match similar(name.text, self.known_names()) {
            Some(meant) => draft.help(format!("did you mean `{meant}`?")),
            None => draft.help(self.known()),
        }
        .report()
    }

    /// The place where a file names the entry; `None` for a built-in one.
    pub(super) fn place(&self, is_meant: impl Fn(&T) -> bool) -> Option<Place> {
        let mut entries = self.entries.values();
        let entry = entries.find(|entry| entry.meaning.as_ref().is_some_and(&is_meant));
        entry?.place
    }

    /// What all names refer to, except for entries with errors.
    pub(super) fn meanings(&self) -> impl Iterator<Item = &T> {
        self.entries
            .values()
            .filter_map(|entry| entry.meaning.as_ref())
    }

    /// Warns about names that nothing refers to.
    pub(super) fn warn_unused(&self, problems: &Problems) {
        for entry in self.entries.values().filter(|entry| !entry.used.get()) {
            let Some(place) = entry.place else { continue };
            let why = format!("no route uses this {}", self.kind);
            problems.report(
                Diagnostic::warning(WarningName::Unused, place, why)
                    .help("use it in a route, or remove it"),
            );
        }
    }

    fn known_names(&self) -> impl Iterator<Item = &str> {
        let elsewhere = self.elsewhere.iter().copied();
        self.entries.keys().copied().chain(elsewhere)
    }

    fn known(&self) -> String {
        const MAX: usize = 8;
        let kind = self.kind;
        let mut names: Vec<_> = self.known_names().collect();
        names.sort_unstable();
        match names.as_slice() {
            [] => format!("there is no {kind} at all: add a `[[{kind}]]`"),
            names if names.len() > MAX => {
                let listed = match self.elsewhere.is_empty() {
                    true => "",
                    false => "; `countersign schemes` lists those that come with it",
                };
                format!("add a `[[{kind}]]` with this name{listed}")
            }
            names => format!("the known ones are: {}", names.join(", ")),
        }
    }
}
