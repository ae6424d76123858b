//! What the signatures of all providers cover, as a table that a person can compare with what the
//! providers say. `UPDATE_COVERAGE=1` writes it again.

use std::fmt::Write as _;

use countersign_verify::language::SchemeRules;

use super::{definitions, scheme_files};

/// The table, and what it says of a scheme.
const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/providers/coverage.txt");

fn describe(name: &str, rules: &SchemeRules, out: &mut String) {
    let coverage = rules.coverage();
    let covers = coverage.covers_words().into_iter();
    let covers: Vec<&str> = covers.map(|part| part.code()).collect();
    let mut line = |key: &str, text: String| {
        if !text.is_empty() {
            writeln!(out, "{key}{text}").unwrap();
        }
    };
    line("", name.to_owned());
    line("  means:       ", coverage.means().code().to_owned());
    line("  covers:      ", covers.join(", "));
    line("  not covered: ", coverage.not_covered().join("; "));
    let unsigned = coverage.unsigned(None).into_iter();
    let unsigned: Vec<String> = unsigned.map(|value| format!("{value:?}")).collect();
    line("  unsigned:    ", unsigned.join(", "));
    line("  selections:  ", coverage.joined_words().join(", "));
    let digits = coverage.timestamp_digits();
    line(
        "  timestamp:   ",
        digits.map_or(String::new(), |digits| format!("{digits} digits")),
    );
    for value in coverage.partly_signed() {
        line("  in part:     ", value.to_string());
    }
    for value in rules.broken_digests() {
        line("  broken:      ", value.to_string());
    }
    for border in coverage.open_borders() {
        line("  open:        ", border.to_string());
    }
}

/// Every scheme, by the names of their files.
fn schemes() -> Vec<(String, SchemeRules)> {
    let read = |file| {
        let text = std::fs::read_to_string(file).unwrap();
        definitions::read(&text).unwrap()
    };
    scheme_files().into_iter().flat_map(read).collect()
}

#[test]
fn the_table_says_what_each_scheme_covers() {
    let mut table = String::new();
    for (name, rules) in schemes() {
        describe(&name, &rules, &mut table);
    }
    if std::env::var_os("UPDATE_COVERAGE").is_some() {
        std::fs::write(TABLE, &table).unwrap();
    }
    let known = std::fs::read_to_string(TABLE).unwrap_or_default();
    assert!(
        known == table,
        "run this test with UPDATE_COVERAGE=1, and read what has changed"
    );
}
