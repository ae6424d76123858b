//! A name that is searched for leads to one place: types and files have names of their own.

use std::collections::BTreeMap;
use std::path::Path;

use crate::architecture::sources;

const ROOTS: &[&str] = &["src", "crates/verify/src"];

/// What no change has reached yet.
const NOT_YET: &str = "not renamed yet";

/// Types that share a name, and why.
const SHARED_TYPE_NAMES: &[(&str, &str)] = &[
    ("FastKey", "the feature `aws-lc-rs` selects one of them"),
    ("Context", NOT_YET),
    ("Fault", NOT_YET),
    ("Words", NOT_YET),
];

/// Files that share a name, and why.
const SHARED_FILE_NAMES: &[(&str, &str)] = &[
    ("address.rs", NOT_YET),
    ("client.rs", NOT_YET),
    ("content.rs", NOT_YET),
    ("escape.rs", NOT_YET),
    ("headers.rs", NOT_YET),
    ("identity.rs", NOT_YET),
    ("inherited.rs", NOT_YET),
    ("joined.rs", NOT_YET),
    ("json.rs", NOT_YET),
    ("keys.rs", NOT_YET),
    ("listeners.rs", NOT_YET),
    ("names.rs", NOT_YET),
    ("networks.rs", NOT_YET),
    ("outcome.rs", NOT_YET),
    ("parse.rs", NOT_YET),
    ("paths.rs", NOT_YET),
    ("policy.rs", NOT_YET),
    ("process.rs", NOT_YET),
    ("refusal.rs", NOT_YET),
    ("route.rs", NOT_YET),
    ("rules.rs", NOT_YET),
    ("settings.rs", NOT_YET),
    ("steps.rs", NOT_YET),
    ("syslog.rs", NOT_YET),
    ("template.rs", NOT_YET),
    ("text.rs", NOT_YET),
    ("tls.rs", NOT_YET),
    ("value.rs", NOT_YET),
    ("written.rs", NOT_YET),
];

/// The files that Rust names.
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
            if !ROLES.contains(&name) {
                places.add(name, &path);
            }
        }
    }
    places.check(SHARED_FILE_NAMES);
}

/// The struct, enum, trait or alias that a line declares. An associated type is named by its trait.
fn declared_type(line: &str) -> Option<&str> {
    let is_inner = line.starts_with(' ');
    let mut words = line.split_whitespace().peekable();
    words.next_if(|word| word.starts_with("pub"));
    // What `pub(in path)` leaves.
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

    /// Refuses names that are used twice, and exceptions that no longer are any.
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
