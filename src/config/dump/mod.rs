//! The whole configuration as one file: includes merged, defaults filled in, paths absolute.

mod here;
mod implied;
mod inherited;
mod lines;
mod paths;
mod public_part;
mod quoting;

use std::fmt::Write as _;

use toml::de::{DeTable, DeValue};

use super::document::Document;
use super::input::Input;
use super::keys::{self, Section};
use super::model::Config;
use super::reader::secret;
use super::source::SourceText;
use here::Here;
use lines::entry;

/// Marks values from the command line.
const SET: &str = "  # from the command line";

/// Writes the documents as one file; the first one is the main file. They were read from `input`
/// and resolved to `config`.
pub(super) fn dump(documents: &[&Document<'_>], input: &Input, config: &Config) -> String {
    let mut out = String::new();
    for document in documents {
        let path = paths::absolute(document.source.path());
        // A file name can contain a line break, which would end the comment.
        let _ = writeln!(out, "# configuration file {}", path.escape_debug());
    }
    for set in &input.overrides {
        // So can an override. Its quotes stay unescaped, unlike with `escape_debug`.
        let line = SourceText::command_line(std::slice::from_ref(set), &input.file);
        let shown = secret::without(&line);
        let shown = shown.chars().map(|c| match c.is_control() {
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
    for key in keys::TOP.names() {
        let section = keys::ALL.iter().find(|section| section.path == key);
        let Some(section) = section else {
            line(&mut out, top, &keys::TOP, &main.table, key);
            continue;
        };
        if section.is_array() {
            for document in documents {
                let Some(DeValue::Array(tables)) = value(&document.table, key) else {
                    continue;
                };
                for table in tables {
                    if let DeValue::Table(table) = table.get_ref() {
                        let route = match section.path {
                            "route" => routes.next().map(AsRef::as_ref),
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
                _ if implied::is_always_there(key) => open(&mut out, top, section, &empty),
                _ => {}
            }
        }
    }
    out
}

/// Writes a table under its header.
fn open(out: &mut String, here: Here<'_>, section: &Section, table: &DeTable<'_>) {
    let _ = writeln!(out, "\n{}", section.header);
    for key in section.names() {
        line(out, here, section, table, key);
    }
}

/// Writes a key with its value, and marks it if it comes from the command line.
fn line(out: &mut String, here: Here<'_>, section: &Section, table: &DeTable<'_>, key: &str) {
    let Some(entry) = entry(here, section, table, key) else {
        return;
    };
    let is_set = table
        .get(key)
        .is_some_and(|value| here.document.is_set(value));
    let _ = writeln!(out, "{entry}{}", if is_set { SET } else { "" });
}

fn value<'a>(table: &'a DeTable<'a>, key: &str) -> Option<&'a DeValue<'a>> {
    table.get(key).map(|value| value.get_ref())
}
