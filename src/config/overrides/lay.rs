//! Applies an override to the tables of a document.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::override_value::moved;
use super::{KeyPart, Override, key};
use crate::config::diagnostic::Diagnostic;
use crate::config::document::Document;
use crate::config::keys::{self, Section};
use crate::config::reader::quote;
use crate::config::source::MAIN;

/// The table of a document to which an override's key is relative.
#[derive(Clone, Copy)]
pub(super) enum Target {
    /// The top level.
    Top,
    /// One of a section's tables, by its index.
    Entry(&'static Section, usize),
}

/// The tables of the document that the override refers to.
pub(super) fn targets(one: &Override<'_>, document: &Document<'_>) -> Vec<Target> {
    let Some(section) = one.several() else {
        let is_main = document.file == MAIN;
        return if is_main {
            vec![Target::Top]
        } else {
            Vec::new()
        };
    };
    let wanted = one.path.get(1).map_or("", |step| step.name);
    entries(section, document)
        .enumerate()
        .filter(|(_, table)| name(section, table) == Some(wanted))
        .map(|(index, _)| Target::Entry(section, index))
        .collect()
}

/// The names of all tables that an override can refer to, each with the key of its section.
pub(super) fn names(document: &Document<'_>) -> Vec<(&'static str, String)> {
    let several = keys::ALL.iter().filter(|section| section.is_array());
    several
        .flat_map(|section| {
            let names = entries(section, document).filter_map(|table| name(section, table));
            names.map(|name| (section.path, name.to_owned()))
        })
        .collect()
}

/// Applies the override to the table. Returns a diagnostic if its key leads into a value.
pub(super) fn lay<'a>(
    one: &Override<'a>,
    target: Target,
    document: &mut Document<'a>,
) -> Option<Diagnostic> {
    let from = document.end();
    let value = moved(&one.value, from.saturating_add(one.at));
    let laid = match target {
        Target::Top => set(&mut document.table, &one.path, value, from),
        Target::Entry(section, index) => match entry(section, index, &mut document.table) {
            Some(table) => set(table, one.path.get(2..).unwrap_or_default(), value, from),
            None => Ok(()),
        },
    };
    laid.err().map(|stop| stop.diagnostic(one))
}

/// Where a key leads into a value that is not a table.
struct Stop<'a> {
    step: KeyPart<'a>,
    is_list: bool,
}

impl Stop<'_> {
    fn diagnostic(&self, one: &Override<'_>) -> Diagnostic {
        let parts = one.path.partition_point(|step| step.end <= self.step.end);
        let key = key(one.path.get(..parts).unwrap_or_default());
        let name = quote(self.step.name);
        let (why, help) = match self.is_list {
            true => (
                format!("{name} is a list in the file"),
                format!("set the whole list: `{key}=[...]`"),
            ),
            false => (
                format!("{name} is not a table in the file"),
                format!("write `{key}=...`"),
            ),
        };
        Diagnostic::error("wrong type", self.step.place(), why).help(help)
    }
}

/// Sets the value; `from` is the offset at which the command line begins.
fn set<'a>(
    table: &mut DeTable<'a>,
    path: &[KeyPart<'a>],
    value: Spanned<DeValue<'a>>,
    from: usize,
) -> Result<(), Stop<'a>> {
    let Some((first, rest)) = path.split_first() else {
        return Ok(());
    };
    let span = first.start.saturating_add(from)..first.end.saturating_add(from);
    let key = Spanned::new(span.clone(), first.name.into());
    if rest.is_empty() {
        // Replaces the key as well, so that its span points into the command line.
        table.remove(first.name);
        table.insert(key, value);
        return Ok(());
    }
    if !table.contains_key(first.name) {
        let empty = DeValue::Table(DeTable::new());
        table.insert(key, Spanned::new(span, empty));
    }
    match table.get_mut(first.name).map(Spanned::get_mut) {
        Some(DeValue::Table(inner)) => set(inner, rest, value, from),
        other => Err(Stop {
            step: *first,
            is_list: matches!(other, Some(DeValue::Array(_))),
        }),
    }
}

/// A section's table with this index.
fn entry<'d, 'a>(
    section: &Section,
    index: usize,
    table: &'d mut DeTable<'a>,
) -> Option<&'d mut DeTable<'a>> {
    let DeValue::Array(items) = table.get_mut(section.path)?.get_mut() else {
        return None;
    };
    match items.get_mut(index)?.get_mut() {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}

/// The tables of a section, in the order of the file.
fn entries<'d>(
    section: &Section,
    document: &'d Document<'_>,
) -> impl Iterator<Item = &'d DeValue<'d>> {
    let items = match document.table.get(section.path).map(Spanned::get_ref) {
        Some(DeValue::Array(items)) => items.iter().as_slice(),
        _ => &[],
    };
    items.iter().map(Spanned::get_ref)
}

/// The name of a table, which is the value of its section's first key.
fn name<'d>(section: &Section, table: &'d DeValue<'_>) -> Option<&'d str> {
    let name = table.as_table()?.get(section.names().next()?)?;
    name.get_ref().as_str()
}
