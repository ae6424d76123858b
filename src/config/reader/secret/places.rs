//! Finds secrets among the values of a document.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::purpose::{ValuePurpose, is_shown_name};
use super::{hidden, planted_secret, user_info};
use crate::config::diagnostic::Place;
use crate::config::document::Document;
use crate::config::keys::{self, Holds, Section};

/// The places in a document, and in the command line's overrides of it, that must not be shown.
pub(in crate::config) fn places(document: &Document<'_>) -> Vec<Place> {
    let mut places = Vec::new();
    let walk = Walk { document };
    walk.table(&keys::TOP, &document.table, &mut places);
    places
}

struct Walk<'a> {
    document: &'a Document<'a>,
}

impl Walk<'_> {
    fn table(&self, section: &'static Section, table: &DeTable<'_>, places: &mut Vec<Place>) {
        for (key, value) in table {
            if !is_shown_name(Some(section), key.get_ref()) {
                places.push(self.document.place(key));
            }
            let purpose = ValuePurpose::of(section, key.get_ref()).in_section(section);
            self.value(purpose, value, places);
        }
    }

    /// A table whose keys are the operator's; in an unknown one, they may be secrets, too.
    fn members(&self, purpose: Option<ValuePurpose>, table: &DeTable<'_>, places: &mut Vec<Place>) {
        for (key, value) in table {
            if purpose.is_none() && !is_shown_name(None, key.get_ref()) {
                places.push(self.document.place(key));
            }
            let purpose = purpose.unwrap_or(ValuePurpose::UNKNOWN);
            if purpose.holds == Some(Holds::Expression) {
                let place = self.document.place(key);
                places.extend(self.text(Holds::Expression, key.get_ref(), place));
            }
            if purpose.is_planted(key.get_ref(), value.get_ref()) {
                places.push(self.document.place(value));
            } else {
                self.value(purpose, value, places);
            }
        }
    }

    fn value(&self, purpose: ValuePurpose, value: &Spanned<DeValue<'_>>, places: &mut Vec<Place>) {
        match (value.get_ref(), purpose.holds) {
            (DeValue::Array(items), _) => {
                for item in items {
                    self.value(purpose, item, places);
                }
            }
            (DeValue::Table(table), _) => match purpose.section() {
                Some(section) => self.table(section, table, places),
                None => self.members(purpose.member(), table, places),
            },
            (DeValue::Boolean(_), _) => {}
            _ if purpose.replaces_keys() => places.push(self.document.place(value)),
            (DeValue::String(text), Some(holds)) => {
                places.extend(self.text(holds, text, self.document.place(value)));
            }
            (_, Some(holds)) if holds.may_be_secret() => {
                places.push(self.document.place(value));
            }
            _ => {}
        }
    }

    fn text(&self, holds: Holds, text: &str, place: Place) -> Option<Place> {
        let source = self.document.source_at(place);
        let hidden = hidden(holds, text, source)?;
        let (start, end) = place.span?;
        let written = source.text().get(start..end)?;
        let inside = inside_quotes(written);
        // If the written text has escapes, the part may not be found.
        let part = match hidden == (0..text.len()) {
            true => None,
            false => written.get(inside.clone()).and_then(|inside| match holds {
                Holds::Expression => planted_secret(inside),
                _ => user_info(inside),
            }),
        };
        let range = match part {
            Some(part) => {
                let from = inside.start;
                part.start.saturating_add(from)..part.end.saturating_add(from)
            }
            None => inside,
        };
        Some(Place::span(
            place.file,
            range.start.saturating_add(start),
            range.end.saturating_add(start),
        ))
    }
}

/// The range between the quotes of a string in TOML syntax.
fn inside_quotes(written: &str) -> Range<usize> {
    for quote in ["\"\"\"", "'''", "\"", "'"] {
        let length = quote.len();
        if written.starts_with(quote)
            && written.ends_with(quote)
            && written.len() >= length.saturating_mul(2)
        {
            return length..written.len().saturating_sub(length);
        }
    }
    0..written.len()
}
