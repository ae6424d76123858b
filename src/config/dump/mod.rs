//! The whole configuration as one file: includes merged, defaults filled in, paths absolute.

mod defaults;
mod inherited;
mod paths;

use std::fmt::Write as _;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::document::Document;
use super::input::Input;
use super::model::{Config, Route};
use super::reader::section::{self, Section};

/// Stands behind what the command line has set.
const SET: &str = "  # from the command line";

/// Where a table stands.
#[derive(Clone, Copy)]
struct Here<'a> {
    main: &'a Document<'a>,
    document: &'a Document<'a>,
    /// What became of it, if it is a route.
    route: Option<&'a Route>,
}

/// Writes what the documents say together; the first one is the main file's. `input` is what they were
/// read from, and `config` what they mean.
pub(super) fn dump(documents: &[&Document<'_>], input: &Input, config: &Config) -> String {
    let mut out = String::new();
    for document in documents {
        let path = paths::absolute(document.source.path());
        // A name can hold a line break, which would end the comment.
        let _ = writeln!(out, "# configuration file {}", path.escape_debug());
    }
    for set in &input.overrides {
        // So can an override, whose quotes are shown as they are.
        let shown = set.chars().map(|c| match c.is_control() {
            true => c.escape_default().to_string(),
            false => c.to_string(),
        });
        let _ = writeln!(out, "# command line: --set {}", shown.collect::<String>());
    }
    let Some(main) = documents.first() else {
        return out;
    };
    let top = Here {
        main,
        document: main,
        route: None,
    };
    let empty = DeTable::new();
    let mut routes = config.routes.iter();
    for key in section::TOP.keys {
        let section = section::ALL.iter().find(|section| section.path == *key);
        let Some(section) = section else {
            line(&mut out, top, &section::TOP, &main.table, key);
            continue;
        };
        if section.is_several() {
            for document in documents {
                let Some(DeValue::Array(tables)) = value(&document.table, key) else {
                    continue;
                };
                for table in tables {
                    if let DeValue::Table(table) = table.get_ref() {
                        let route = match *section {
                            section::ROUTE => routes.next().map(AsRef::as_ref),
                            _ => None,
                        };
                        let here = Here {
                            document,
                            route,
                            ..top
                        };
                        open(&mut out, here, section, table);
                    }
                }
            }
        } else {
            match value(&main.table, key) {
                Some(DeValue::Table(table)) => open(&mut out, top, section, table),
                _ if defaults::is_always_there(key) => open(&mut out, top, section, &empty),
                _ => {}
            }
        }
    }
    out
}

/// Writes a table under its header.
fn open(out: &mut String, here: Here<'_>, section: &Section, table: &DeTable<'_>) {
    let _ = writeln!(out, "\n{}", section.header);
    for key in section.keys {
        line(out, here, section, table, key);
    }
}

/// Writes a key with its value, and whether the command line has set that.
fn line(out: &mut String, here: Here<'_>, section: &Section, table: &DeTable<'_>, key: &str) {
    let Some(entry) = entry(here, section, table, key) else {
        return;
    };
    let is_set = table
        .get(key)
        .is_some_and(|value| here.document.is_set(value));
    let _ = writeln!(out, "{entry}{}", if is_set { SET } else { "" });
}

/// Each key of a table with its value.
fn entries(here: Here<'_>, section: &Section, table: &DeTable<'_>) -> Vec<String> {
    let keys = section.keys.iter();
    keys.filter_map(|key| entry(here, section, table, key))
        .collect()
}

fn entry(here: Here<'_>, section: &Section, table: &DeTable<'_>, key: &str) -> Option<String> {
    let path = join(section.path, key);
    let written = match table.get(key) {
        // The files that it names are in the dump themselves.
        Some(_) if path == "include" => "[]".to_owned(),
        Some(value) => written(here, &path, value),
        None => inherited::written(&path, here).or_else(|| defaults::of(&path, table))?,
    };
    Some(format!("{key} = {written}"))
}

/// A value in one line.
fn written(here: Here<'_>, path: &str, value: &Spanned<DeValue<'_>>) -> String {
    let section = section::ALL.iter().find(|section| section.path == path);
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
                format!("{} = {value}", quoted(key.get_ref()))
            });
            braced(&pairs.collect::<Vec<_>>())
        }
        (DeValue::String(text), _) => {
            let holds = section::holds(path);
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

fn braced(pairs: &[String]) -> String {
    if pairs.is_empty() {
        return "{}".to_owned();
    }
    format!("{{ {} }}", pairs.join(", "))
}

/// Text as TOML's basic string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn value<'a>(table: &'a DeTable<'a>, key: &str) -> Option<&'a DeValue<'a>> {
    table.get(key).map(|value| value.get_ref())
}

fn join(path: &str, key: &str) -> String {
    match path {
        "" => key.to_owned(),
        path => format!("{path}.{key}"),
    }
}
