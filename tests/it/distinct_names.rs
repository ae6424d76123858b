//! Types and files have distinct names, so that a search for a name finds one place.

use std::collections::BTreeMap;
use std::path::Path;

use crate::architecture::sources;

const ROOTS: &[&str] = &["src", "crates/verify/src"];

/// Types that share a name, and why.
const SHARED_TYPE_NAMES: &[(&str, &str)] =
    &[("FastKey", "the feature `aws-lc-rs` selects one of them")];

/// Files that share a name, and why.
const SHARED_FILE_NAMES: &[(&str, &str)] = &[];

/// Files here are named after the table or key that they read.
const NAMED_BY_TABLE: &str = "src/config/resolve";

/// File names that have a fixed meaning in Rust.
const ROLES: &[&str] = &["mod.rs", "lib.rs", "main.rs", "tests.rs"];

#[test]
fn type_names_are_distinct() {
    let mut places = Places::default();
    for root in ROOTS {
        for (path, text) in sources(Path::new(root)) {
            for name in text.lines().filter_map(declared_type) {
                places.add(name, &path);
            }
        }
    }
    places.check(SHARED_TYPE_NAMES);
}

#[test]
fn file_names_are_distinct() {
    let mut places = Places::default();
    for root in ROOTS {
        for (path, _) in sources(Path::new(root)) {
            let name = path.file_name().unwrap().to_str().unwrap();
            if !ROLES.contains(&name) && !path.starts_with(NAMED_BY_TABLE) {
                places.add(name, &path);
            }
        }
    }
    places.check(SHARED_FILE_NAMES);
}

/// The struct, enum, trait or alias that a line declares. Associated types do not count, because
/// their trait names them.
fn declared_type(line: &str) -> Option<&str> {
    let is_inner = line.starts_with(' ');
    let mut words = line.split_whitespace().peekable();
    words.next_if(|word| word.starts_with("pub"));
    // The rest of `pub(in path)`.
    words.next_if(|word| word.ends_with(')'));
    let keyword = words.next()?;
    let declares = matches!(keyword, "struct" | "enum" | "trait") || keyword == "type" && !is_inner;
    let name = words.next().filter(|_| declares)?;
    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
    let name = &name[..end.unwrap_or(name.len())];
    (!name.is_empty()).then_some(name)
}

/// Where each name is used.
#[derive(Default)]
struct Places(BTreeMap<String, Vec<String>>);

impl Places {
    fn add(&mut self, name: &str, path: &Path) {
        let places = self.0.entry(name.to_owned()).or_default();
        places.push(path.display().to_string());
    }

    /// Rejects names that are used twice, and exceptions that are no longer needed.
    fn check(&self, exceptions: &[(&str, &str)]) {
        let mut shared = self.0.clone();
        shared.retain(|_, places| places.len() > 1);
        for (name, why) in exceptions {
            let places = shared.remove(*name);
            assert!(
                places.is_some(),
                "`{name}` is used once: drop its exception ({why})"
            );
        }
        assert!(shared.is_empty(), "used more than once: {shared:#?}");
    }
}
