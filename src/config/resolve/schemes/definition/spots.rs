//! Where the texts of a definition are, by the keys that the language's errors name.

use std::cell::RefCell;
use std::collections::HashMap;

use super::escapes::warn_of_escape;
use crate::config::diagnostic::Place;
use crate::config::reader::{Table, Text, Value};
use crate::verify::language::{OpenBorder, planted_parts};

/// The texts that were read, by key: `content`, `content[1]`, `fields.pair`, `let.v.by`.
#[derive(Debug)]
pub(in crate::config::resolve::schemes) struct Spots<'a> {
    scheme: Table<'a>,
    texts: RefCell<HashMap<String, Text<'a>>>,
    places: RefCell<HashMap<String, Place>>,
}

impl<'a> Spots<'a> {
    pub(super) fn new(scheme: Table<'a>) -> Self {
        Self {
            scheme,
            texts: RefCell::default(),
            places: RefCell::default(),
        }
    }

    /// Notes what stands under a key.
    pub(super) fn note(&self, key: &str, text: Text<'a>) {
        for part in planted_parts(text.text) {
            let secret = text.text.get(part).unwrap_or_default();
            text.problems().keep_secret(secret);
        }
        self.texts.borrow_mut().insert(key.to_owned(), text);
    }

    /// Notes where a key without text is.
    pub(super) fn note_place(&self, key: &str, place: Place) {
        self.places.borrow_mut().insert(key.to_owned(), place);
    }

    /// Reads a text.
    pub(super) fn text(&self, key: &str, value: Value<'a>) -> Option<String> {
        let text = value.text()?;
        warn_of_escape(text);
        self.note(key, text);
        Some(text.text.to_owned())
    }

    /// Reads one text or a list of them.
    pub(super) fn texts(&self, key: &str, value: Value<'a>) -> Option<Vec<String>> {
        let items = value.one_or_list()?;
        self.note_place(key, value.place());
        if items.is_empty() {
            return value
                .error("empty list", "it must have at least one entry")
                .help("list at least one, or remove the key")
                .report();
        }
        if let [only] = items.as_slice() {
            // The language calls the only one by the key alone.
            return self.text(key, *only).map(|text| vec![text]);
        }
        let texts: Vec<_> = items
            .into_iter()
            .enumerate()
            .map(|(nth, item)| self.text(&format!("{key}[{nth}]"), item))
            .collect();
        texts.into_iter().collect()
    }

    /// Reads a list of names.
    pub(super) fn names(&self, key: &str, value: Value<'a>) -> Option<Vec<String>> {
        let mut nth = 0_usize;
        value.list_of(|item| {
            let text = item.text()?;
            self.note(&format!("{key}[{nth}]"), text);
            nth = nth.saturating_add(1);
            text.not_empty().map(str::to_owned)
        })
    }

    /// Reads texts with names of the operator's.
    pub(super) fn pairs(&self, key: &str, value: Value<'a>) -> Option<Vec<(String, String)>> {
        let pairs: Vec<_> = value
            .pairs()?
            .into_iter()
            .map(|(name, value)| {
                let text = self.text(&format!("{key}.{}", name.text), value)?;
                Some((name.text.to_owned(), text))
            })
            .collect();
        pairs.into_iter().collect()
    }

    /// The text under a key.
    pub(super) fn find(&self, key: &str) -> Option<Text<'a>> {
        self.texts.borrow().get(key).copied()
    }

    /// Where a fault that is in no part of a text belongs: to the value of the key, the key itself, or
    /// else the table that it belongs to.
    pub(in crate::config::resolve::schemes) fn place_of_fault(&self, key: &str) -> Place {
        let mut key = key;
        loop {
            let place = self.places.borrow().get(key).copied();
            let text = || self.find(key).map(|text| text.place);
            if let Some(place) = place.or_else(text) {
                return place;
            }
            match key.rfind(['.', '[']) {
                Some(end) => key = key.get(..end).unwrap_or_default(),
                None => return self.scheme.key_place(key),
            }
        }
    }

    /// Every text, by key.
    pub(in crate::config::resolve::schemes) fn texts_by_key(&self) -> Vec<(String, Text<'a>)> {
        let texts = self.texts.borrow();
        let mut all: Vec<_> = texts
            .iter()
            .map(|(key, text)| (key.clone(), *text))
            .collect();
        all.sort_by_key(|(_, text)| text.place);
        all
    }

    pub(in crate::config::resolve::schemes) const fn scheme(&self) -> &Table<'a> {
        &self.scheme
    }
}

/// Where a value in a signed text has no end: under the value, where it is written.
impl Spots<'_> {
    pub(in crate::config::resolve::schemes) fn place_of_border(
        &self,
        border: &OpenBorder,
    ) -> Place {
        match border {
            OpenBorder::Touch { value, .. }
            | OpenBorder::MayContain { value, .. }
            | OpenBorder::Optional { value }
            | OpenBorder::Joins { value } => self.place_of_value(value),
            OpenBorder::NoNames { selection }
            | OpenBorder::NoPlaces { selection }
            | OpenBorder::NoList { selection }
            | OpenBorder::NoAssign { selection }
            | OpenBorder::UnclearPairs { selection, .. }
            | OpenBorder::NoSeparator { selection } => {
                let name = selection.trim_matches(['{', '}']);
                let key = match name.split_once(':') {
                    Some((_, name)) => format!("selection.{name}"),
                    None => "fields".to_owned(),
                };
                self.place_of_fault(&key)
            }
            _ => self.scheme.key_place("content"),
        }
    }

    /// The place of a value, as it is written, in what is signed or in anything else.
    pub(in crate::config::resolve::schemes) fn place_of_value(&self, value: &str) -> Place {
        let texts = self.texts_by_key();
        let is_signed = |key: &str| key.starts_with("content") || key.starts_with("signed");
        let (signed, others): (Vec<_>, Vec<_>) =
            texts.into_iter().partition(|(key, _)| is_signed(key));
        let found = signed.into_iter().chain(others).find_map(|(_, text)| {
            let at = text.text.find(value)?;
            Some(text.place_of(value, at))
        });
        found.unwrap_or_else(|| self.scheme.key_place("content"))
    }
}
