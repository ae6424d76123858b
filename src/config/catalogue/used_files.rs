//! Which of the shipped schemes a configuration uses.

use std::collections::{BTreeMap, HashSet};

use toml::de::DeValue;

use super::ShippedFile;
use crate::config::document::Document;

/// The files with the schemes that routes name and no document defines.
pub(in crate::config) fn used_files(documents: &[&Document<'_>]) -> Vec<&'static ShippedFile> {
    let own: HashSet<&str> = texts(documents, "scheme", "name").collect();
    let named = texts(documents, "route", "scheme").filter(|name| !own.contains(name));
    let files = named.filter_map(ShippedFile::with_scheme);
    let files: BTreeMap<&str, _> = files.map(|file| (file.slug, file)).collect();
    files.into_values().collect()
}

/// The texts of a key in all tables of a kind. What is no text is reported where it is read.
fn texts<'a>(
    documents: &[&'a Document<'_>],
    tables: &'static str,
    key: &'static str,
) -> impl Iterator<Item = &'a str> {
    let tables = documents.iter().filter_map(move |document| {
        let tables = document.table.get(tables)?;
        // Whoever writes one bracket gets an error for that, and none for the name.
        Some(match tables.get_ref() {
            DeValue::Array(tables) => tables.iter().collect::<Vec<_>>(),
            _ => vec![tables],
        })
    });
    tables.flatten().filter_map(move |table| {
        let DeValue::Table(table) = table.get_ref() else {
            return None;
        };
        match table.get(key)?.get_ref() {
            DeValue::String(text) => Some(text.as_ref()),
            _ => None,
        }
    })
}
