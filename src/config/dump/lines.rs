//! Formats keys and values as TOML, each on one line.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::here::Here;
use super::inherited::{self, InheritedValue};
use super::quoting::quoted;
use super::{implied, paths};
use crate::config::keys::{self, Holds, Section};
use crate::verify::language::without_planted;

/// A key with its value or, if the table lacks the key, the value in force.
pub(super) fn entry(
    here: Here<'_>,
    section: &Section,
    table: &DeTable<'_>,
    key: &str,
) -> Option<String> {
    let path = section.path_of(key);
    let written = match table.get(key) {
        // The dump contains the included files.
        Some(_) if path == "include" => "[]".to_owned(),
        // Equivalent to an empty table.
        Some(value) if path == "route.once" && value.get_ref().as_bool() == Some(true) => {
            defaults(here, &path)?
        }
        Some(value) => written(here, &path, value),
        None if implied::is_in_force(&path, table, here.route) => defaults(here, &path)?,
        None => match inherited::of(&path, here) {
            Some(InheritedValue::Set(from, value)) => {
                let main = Here {
                    document: here.main,
                    ..here
                };
                written(main, from, value)
            }
            Some(InheritedValue::Written(text)) => text,
            None => implied::of(section, key, table)?,
        },
    };
    Some(format!("{key} = {written}"))
}

/// A table that the file does not contain, with all its defaults.
fn defaults(here: Here<'_>, path: &str) -> Option<String> {
    let section = keys::ALL.iter().find(|section| section.path == path)?;
    Some(braced(&entries(here, section, &DeTable::new())))
}

/// Each key of a table with its value.
fn entries(here: Here<'_>, section: &Section, table: &DeTable<'_>) -> Vec<String> {
    let keys = section.names();
    keys.filter_map(|key| entry(here, section, table, key))
        .collect()
}

/// A value on one line; `path` is its full key, including the tables that lead to it.
fn written(here: Here<'_>, path: &str, value: &Spanned<DeValue<'_>>) -> String {
    let section = section_of(path, value);
    match (value.get_ref(), section) {
        (DeValue::Array(items), _) => {
            let items = items.iter().map(|item| match (item.get_ref(), section) {
                (DeValue::String(text), Some(section)) => {
                    let table = DeTable::new();
                    let address = format!("address = {}", quoted(text));
                    let mut all = vec![address];
                    all.extend(entries(here, section, &table));
                    braced(&all)
                }
                _ => written(here, path, item),
            });
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
        (DeValue::Table(table), Some(section)) => braced(&entries(here, section, table)),
        (DeValue::Table(table), None) => {
            let mut pairs: Vec<_> = table.iter().collect();
            pairs.sort_by_key(|(key, _)| key.span().start);
            let pairs = pairs.into_iter().map(|(key, value)| {
                let value = written(here, &join(path, key.get_ref()), value);
                let key = match is_of_scheme(path) {
                    true => without_planted(key.get_ref()),
                    false => key.get_ref().as_ref().into(),
                };
                format!("{} = {value}", quoted(&key))
            });
            braced(&pairs.collect::<Vec<_>>())
        }
        (DeValue::String(text), _) => {
            // A name of the operator's is no key: what it holds, the table says.
            let of_table = || keys::find(path.rsplit_once('.')?.0);
            let holds = keys::find(path).or_else(of_table);
            let holds = holds.and_then(|setting| setting.holds);
            // An expression may have a secret in it by mistake, wherever it stands. Cases have none.
            let holds = holds.or(is_of_scheme(path).then_some(Holds::Expression));
            let place = here.document.place(value);
            let source = here.document.source_at(place);
            quoted(&paths::resolve(holds, text, source))
        }
        (DeValue::Integer(number), _) => number.to_string(),
        (DeValue::Float(number), _) => number.to_string(),
        (DeValue::Boolean(value), _) => value.to_string(),
        (DeValue::Datetime(time), _) => time.to_string(),
    }
}

/// Whether a key is one of a scheme, and of none of its cases.
fn is_of_scheme(path: &str) -> bool {
    path.starts_with("scheme.") && !path.starts_with("scheme.case.")
}

/// The declarations of the table that the value is, or that its elements are.
fn section_of(path: &str, value: &Spanned<DeValue<'_>>) -> Option<&'static Section> {
    let exact = keys::ALL.iter().find(|section| section.path == path);
    if exact.is_some() || !matches!(value.get_ref(), DeValue::Table(_)) {
        return exact.copied();
    }
    // A table in a table with a name of the operator's is none of these itself.
    let (above, _) = path.rsplit_once('.')?;
    match keys::section_at(above) {
        None => keys::section_at(path),
        Some(_) => None,
    }
}

fn braced(pairs: &[String]) -> String {
    if pairs.is_empty() {
        return "{}".to_owned();
    }
    format!("{{ {} }}", pairs.join(", "))
}

fn join(path: &str, key: &str) -> String {
    match path {
        "" => key.to_owned(),
        path => format!("{path}.{key}"),
    }
}
