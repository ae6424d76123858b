//! A configuration that sets every key there is. A new key fails here until `every_key.toml` has it,
//! and until the dump keeps it.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;

use countersign::config::known_keys;
use toml::de::{DeTable, DeValue};

use crate::config_files::Files;
use crate::docs;
use crate::dump::round_trip;

const TEXT: &str = include_str!("every_key.toml");

/// Writes it and what it names; gives its path.
fn write(files: &Files) -> std::path::PathBuf {
    docs::write_files(files);
    for folder in ["run", "more"] {
        std::fs::create_dir(files.path().join(folder)).unwrap();
    }
    let password = files.write("p", "secret\n");
    std::fs::set_permissions(password, PermissionsExt::from_mode(0o600)).unwrap();
    let public = std::fs::read_to_string("conf/keys/sgate-demo.pem").unwrap();
    files.write(
        "more/a.toml",
        format!("[[key]]\nid = 'inline'\npublic_key = '''{public}'''\n"),
    );
    files.write("c.toml", TEXT)
}

/// Each known key that the text sets, with its values as they are written.
fn values(text: &str) -> BTreeMap<String, Vec<String>> {
    fn walk(
        text: &str,
        path: &str,
        value: &DeValue<'_>,
        found: &mut BTreeMap<String, Vec<String>>,
    ) {
        match value {
            DeValue::Array(items) => items
                .iter()
                .for_each(|item| walk(text, path, item.get_ref(), found)),
            DeValue::Table(table) => {
                for (key, value) in table {
                    let path = match path {
                        "" => key.get_ref().to_string(),
                        path => format!("{path}.{}", key.get_ref()),
                    };
                    let written = text[value.span()].to_owned();
                    found.entry(path.clone()).or_default().push(written);
                    walk(text, &path, value.get_ref(), found);
                }
            }
            _ => {}
        }
    }
    let table = DeTable::parse(text).unwrap().into_inner();
    let mut found = BTreeMap::new();
    walk(text, "", &DeValue::Table(table), &mut found);
    // Not the headers and fields of tables whose keys are the operator's.
    let known: BTreeSet<String> = known_keys().collect();
    found.retain(|path, _| known.contains(path));
    found
}

/// The known keys that none of the texts sets.
fn missing(texts: &[&str]) -> Vec<String> {
    let set: BTreeSet<String> = texts
        .iter()
        .flat_map(|text| values(text).into_keys())
        .collect();
    known_keys().filter(|key| !set.contains(key)).collect()
}

#[test]
fn every_key_toml_sets_every_key_to_a_value_other_than_its_default() {
    // In the included file; and what a test cannot put into its own environment.
    let others = "[[key]]\npublic_key = ''\n[[decryption_key]]\nenv = ''";
    assert_eq!(
        missing(&[TEXT, others]),
        [""; 0],
        "every_key.toml lacks them"
    );
    let values = values(TEXT);
    for (key, default) in docs::defaults() {
        let set = &values[&key];
        assert!(
            set.iter().any(|value| *value != default),
            "{key} = {default}"
        );
    }
}

/// What is lost would have another value afterwards, and a path that stays relative would lead
/// nowhere: the dump is loaded from another directory.
#[test]
fn a_dump_keeps_every_key() {
    let files = Files::new();
    let dump = round_trip(&write(&files));
    // That one is held by `decrypt::process`.
    assert_eq!(missing(&[&dump]), ["decryption_key.env"], "{dump}");
    for line in [
        "keys = { \"one\" = \"k\", \"two\" = [\"k\", \"inline\"] }",
        // What the second route takes from its scheme.
        "key_header = \"x-key\"",
        "max_age = \"45days 1h\"",
        // A scheme with a time, but without a limit.
        "max_age = \"off\"",
    ] {
        assert!(dump.lines().any(|l| l == line), "{line}\n{dump}");
    }
}
