//! A configuration that sets every key. This test fails for a new key until `every_key.toml`
//! contains it and the dump preserves it.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;

use countersign::config::known_keys;
use toml::de::{DeTable, DeValue};

use crate::config_files::Files;
use crate::docs;
use crate::dump::round_trip;

const TEXT: &str = include_str!("every_key.toml");

/// Writes the configuration and the files it refers to; returns its path.
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

/// Every known key in the text, with its values as written.
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
    // Drops headers and fields in tables whose keys the operator chooses.
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
    // These are in the included file, or need a variable in the test's own environment.
    let others = "[[key]]\npublic_key = ''\nsecret_env = ''\ncredential = ''\nsecret = ''\n\
        secrets = { NAME = { env = '', credential = '', secret = '' } }\n\
        [[decryption_key]]\nenv = ''";
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

/// A lost key would have another value afterwards. The dump is loaded from another directory, where
/// a path that stayed relative would not exist.
#[test]
fn a_dump_keeps_every_key() {
    let files = Files::new();
    let dump = round_trip(&write(&files));
    // `decrypt::process`, `other_algorithms` and `config_errors::shared_secrets` test these.
    let elsewhere = [
        "key.secret_env",
        "key.credential",
        "key.secret",
        "key.secrets.NAME.env",
        "key.secrets.NAME.credential",
        "key.secrets.NAME.secret",
        "decryption_key.env",
    ];
    assert_eq!(missing(&[&dump]), elsewhere, "{dump}");
    for line in [
        "keys = { \"one\" = \"k\", \"two\" = [\"k\", \"inline\"] }",
        // The second route inherits these from its scheme.
        "key_header = \"x-key\"",
        "max_age = \"45days 1h\"",
        // A scheme that signs the time but has no maximum age.
        "max_age = \"off\"",
    ] {
        assert!(dump.lines().any(|l| l == line), "{line}\n{dump}");
    }
}
