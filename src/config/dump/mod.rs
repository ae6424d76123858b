//! The whole configuration as one file: includes merged, defaults filled in, paths absolute.

mod defaults;
mod paths;

use std::fmt::Write as _;

use toml::de::{DeTable, DeValue};

use super::document::Document;
use super::reader::section::{self, Section};

/// Writes what the documents say together; the first one is the main file's.
pub(super) fn dump(documents: &[&Document<'_>]) -> String {
    let mut out = String::new();
    for document in documents {
        let path = paths::absolute(document.source.path());
        // A name can hold a line break, which would end the comment.
        let _ = writeln!(out, "# configuration file {}", path.escape_debug());
    }
    let Some(main) = documents.first() else {
        return out;
    };
    let empty = DeTable::new();
    for key in section::TOP.keys {
        let section = section::ALL.iter().find(|section| section.path == *key);
        let Some(section) = section else {
            out.extend(entry(main, &section::TOP, &main.table, main, key).map(|line| line + "\n"));
            continue;
        };
        if section.header.starts_with("[[") {
            for document in documents {
                let Some(DeValue::Array(tables)) = value(&document.table, key) else {
                    continue;
                };
                for table in tables {
                    if let DeValue::Table(table) = table.get_ref() {
                        open(&mut out, main, section, table, document);
                    }
                }
            }
        } else {
            match value(&main.table, key) {
                Some(DeValue::Table(table)) => open(&mut out, main, section, table, main),
                _ if defaults::is_always_there(key) => open(&mut out, main, section, &empty, main),
                _ => {}
            }
        }
    }
    out
}

/// Writes a table under its header.
fn open(
    out: &mut String,
    main: &Document<'_>,
    section: &Section,
    table: &DeTable<'_>,
    document: &Document<'_>,
) {
    let _ = writeln!(out, "\n{}", section.header);
    for line in entries(main, section, table, document) {
        let _ = writeln!(out, "{line}");
    }
}

/// Each key of a table with its value.
fn entries(
    main: &Document<'_>,
    section: &Section,
    table: &DeTable<'_>,
    document: &Document<'_>,
) -> Vec<String> {
    let keys = section.keys.iter();
    keys.filter_map(|key| entry(main, section, table, document, key))
        .collect()
}

fn entry(
    main: &Document<'_>,
    section: &Section,
    table: &DeTable<'_>,
    document: &Document<'_>,
    key: &str,
) -> Option<String> {
    let path = join(section.path, key);
    let written = match value(table, key) {
        // The files that it names are in the dump themselves.
        Some(_) if path == "include" => "[]".to_owned(),
        Some(value) => written(main, &path, value, document),
        None => match defaults::inherited(&path, &main.table) {
            Some((path, value)) => written(main, path, value, main),
            None => defaults::of(&path, table)?,
        },
    };
    Some(format!("{key} = {written}"))
}

/// A value in one line.
fn written(
    main: &Document<'_>,
    path: &str,
    value: &DeValue<'_>,
    document: &Document<'_>,
) -> String {
    let section = section::ALL.iter().find(|section| section.path == path);
    match (value, section) {
        (DeValue::Array(items), _) => {
            let items = items.iter().map(|item| match (item.get_ref(), section) {
                (DeValue::String(text), Some(section)) => {
                    let table = DeTable::new();
                    let address = format!("address = {}", quoted(text));
                    let mut all = vec![address];
                    all.extend(entries(main, section, &table, document));
                    braced(&all)
                }
                (item, _) => written(main, path, item, document),
            });
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
        (DeValue::Table(table), Some(section)) => {
            format!(
                "{{ {} }}",
                entries(main, section, table, document).join(", ")
            )
        }
        (DeValue::Table(table), None) => {
            let mut pairs: Vec<_> = table.iter().collect();
            pairs.sort_by_key(|(key, _)| key.span().start);
            let pairs = pairs.into_iter().map(|(key, value)| {
                let value = written(main, "", value.get_ref(), document);
                format!("{} = {value}", quoted(key.get_ref()))
            });
            braced(&pairs.collect::<Vec<_>>())
        }
        (DeValue::String(text), _) => quoted(&paths::resolve(path, text, document.source)),
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
