//! The rules of ARCHITECTURE.md that the compiler does not enforce.

mod imports;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use imports::Crate;

const MODULES: &[&str] = &[
    "written_request",
    "signing",
    "control",
    "capture",
    "success",
    "once",
    "record",
    "config",
    "judge",
    "explain",
    "ops",
    "proxy",
    "cli",
];

/// Which other modules each module may use. Every module may use the crate `countersign-verify`.
const MAY_USE: &[(&str, &[&str])] = &[
    ("written_request", &[]),
    ("signing", &[]),
    ("control", &["written_request"]),
    ("capture", &["written_request", "record"]),
    ("success", &[]),
    ("once", &[]),
    ("record", &[]),
    (
        "config",
        &["written_request", "capture", "success", "once", "record"],
    ),
    (
        "judge",
        &["written_request", "success", "once", "record", "config"],
    ),
    ("ops", &["record", "config"]),
    (
        "proxy",
        &[
            "control", "capture", "success", "once", "record", "config", "judge", "ops",
        ],
    ),
    ("explain", &["written_request", "config", "judge", "ops"]),
    (
        "cli",
        &[
            "written_request",
            "explain",
            "signing",
            "control",
            "once",
            "config",
            "judge",
            "ops",
            "proxy",
        ],
    ),
];

/// Forbidden where a callback is processed, because nothing there may block: sockets, clocks, async
/// and logging.
const NOT_ON_THE_ROAD: &[&str] = &[
    "std::fs",
    "std::io",
    "TcpStream",
    "SystemTime",
    "Instant",
    "tokio",
    "async ",
    "log::",
    "println!",
];

/// Crates that stores are built on.
const OF_STORES: &[&str] = &["redis", "rusqlite"];

/// The part of `countersign-verify` that must not know of decryption. Decryption depends on the
/// proof of verification, not the other way round.
const VERIFICATION: &str = "crates/verify/src";

/// Forbidden in the pure libraries: I/O, clocks, async, logging and the proxy framework.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::io",
    "std::net",
    "std::env",
    "std::thread",
    "std::process",
    "SystemTime",
    "Instant",
    "tokio",
    "async ",
    "log::",
    "pingora",
    "println!",
    "toml::",
];

pub(crate) fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

/// The lines of a file without comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
}

#[test]
fn dependencies_point_one_way() {
    for (module, allowed) in MAY_USE {
        let files = sources(&Path::new("src").join(module));
        assert!(!files.is_empty(), "{module}");
        for (path, text) in files {
            for other in MODULES
                .iter()
                .filter(|other| *other != module && !allowed.contains(other))
            {
                let named = format!("crate::{other}");
                let line = code(&text).find(|line| line.contains(&named));
                assert_eq!(
                    line,
                    None,
                    "{}: {module} must not use {other}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn pingora_stays_in_the_proxy() {
    for module in MODULES.iter().filter(|module| **module != "proxy") {
        for (path, text) in sources(&Path::new("src").join(module)) {
            let line = code(&text).find(|line| line.contains("pingora::"));
            assert_eq!(line, None, "{}", path.display());
        }
    }
}

/// Whether a file uses one of [`OF_STORES`].
fn uses_a_store(path: &Path) -> bool {
    let text = fs::read_to_string(path).unwrap();
    let names = |line: &str, name: &str| {
        let mut found = line.match_indices(name);
        found
            .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "_:".contains(c)))
    };
    OF_STORES.iter().any(|name| {
        // A module of this name would be meant instead.
        let is_module = text.contains(&format!("mod {name};"));
        !is_module && code(&text).any(|line| names(line, &format!("{name}::")))
    })
}

#[test]
fn the_configuration_depends_on_no_crate_of_a_store() {
    let library = Crate::read(Path::new("src"));
    let stores = sources(Path::new("src/once"));
    let count = stores.iter().filter(|(path, _)| uses_a_store(path)).count();
    assert!(count > 4, "{count}");
    for (path, text) in sources(Path::new("src/config")) {
        // Paths outside of `use` lines.
        let named = text.split("crate::once::").skip(1).map(|rest| {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            format!("crate::once::{}", &rest[..end.unwrap_or(rest.len())])
        });
        let named = named.filter_map(|item| library.file_of(&item));
        for file in library.reached_from(&path).into_iter().chain(named) {
            let (path, file) = (path.display(), file.display());
            assert!(
                !uses_a_store(Path::new(&file.to_string())),
                "{path}: {file}"
            );
        }
    }
}

#[test]
fn the_verification_knows_nothing_of_the_decryption() {
    let root = Path::new(VERIFICATION);
    let own = sources(root)
        .into_iter()
        .filter(|(path, _)| !path.starts_with(root.join("decrypt")));
    let mut count = 0;
    for (path, text) in own {
        count += 1;
        let line = code(&text).find(|line| line.contains("decrypt::"));
        assert_eq!(line, None, "{}", path.display());
    }
    assert!(count > 20, "{count}");
}

#[test]
fn the_libraries_are_pure() {
    for module in [VERIFICATION, "src/success", "src/control", "src/capture"] {
        for (path, text) in sources(Path::new(module)) {
            for word in IMPURE {
                let line = code(&text).find(|line| line.contains(word));
                assert_eq!(line, None, "{}: {word}", path.display());
            }
        }
    }
}

#[test]
fn judge_has_no_sockets_clocks_or_waiting() {
    for (path, text) in sources(Path::new("src/judge")) {
        let text = text.split("#[cfg(test)]").next().unwrap();
        for word in NOT_ON_THE_ROAD {
            let line = code(text).find(|line| line.contains(word));
            assert_eq!(line, None, "{}: {word}", path.display());
        }
    }
}

#[test]
fn no_file_has_more_than_400_lines() {
    for root in ["src", VERIFICATION] {
        for (path, text) in sources(Path::new(root)) {
            let lines = text.lines().count();
            assert!(lines <= 400, "{} has {lines} lines", path.display());
        }
    }
}

#[test]
fn main_only_dispatches() {
    assert!(fs::read_to_string("src/main.rs").unwrap().lines().count() < 40);
}

#[test]
fn configured_files_are_read_in_one_place() {
    const READS: &[&str] = &[
        "fs::read(",
        "read_to_string",
        "read_to_end",
        "File::open",
        "File::options",
        "env::var(",
        "std::env::var_os",
    ];
    // The files that may access the file system.
    const ROADS: &[&str] = &[
        "src/config/resolve/files/",
        "src/config/source.rs",
        // Reads what the system says of other processes, and the number in the pid file.
        "src/config/resolve/machine/address_in_use.rs",
    ];
    for (path, text) in sources(Path::new("src/config")) {
        let path = path.display().to_string();
        if ROADS.iter().any(|road| path.starts_with(road)) {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap();
        for line in self::code(code) {
            let reads = READS.iter().find(|read| line.contains(**read));
            assert!(reads.is_none(), "{path}: {line}");
        }
    }
}

/// Files that import each other because their contents are recursive.
const RECURSIVE: &[&[&str]] = &[
    // A table contains values, and a value can be a table.
    &["src/config/reader/table.rs", "src/config/reader/value.rs"],
    // A signed text contains selections of fields, and each of their pairs is such a text.
    &[
        "crates/verify/src/language/coverage/joined_text.rs",
        "crates/verify/src/language/coverage/selection_shape.rs",
    ],
    // A table has keys, and a key's value may be a table.
    &[
        "src/config/keys/section.rs",
        "src/config/keys/setting.rs",
        "src/config/keys/value_kind.rs",
    ],
];

#[test]
fn files_do_not_import_each_other_in_circles() {
    let mut found = BTreeSet::new();
    for root in ["src", VERIFICATION] {
        let library = Crate::read(Path::new(root));
        assert!(library.len() > 50, "{root}: {}", library.len());
        found.extend(library.cycles());
    }
    let allowed = RECURSIVE
        .iter()
        .map(|files| files.iter().map(ToString::to_string).collect());
    assert_eq!(found, allowed.collect(), "{found:#?}");
}
