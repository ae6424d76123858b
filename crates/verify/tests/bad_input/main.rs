//! What every source, filter and algorithm makes of bad input: the tables of docs/bad-input.md, which
//! `UPDATE_DOCS=1` writes again.

// Helpers outside of `#[test]` functions panic, as tests do.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod algorithm_rows;
mod attempt;
mod body_rows;
mod bound_rows;
#[allow(dead_code, reason = "the tests of providers use the rest")]
#[path = "../provider_cases/definitions.rs"]
mod definitions;
mod filter_rows;
mod signature_rows;
mod source_rows;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use attempt::Row;
use countersign_verify::language::{SchemeDefinition, reference};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/bad-input.md");
const START: &str = "<!-- bad input -->\n";
const END: &str = "<!-- end -->";

/// The sources and the filters of the language, without their arguments. What only answers can have never
/// meets a callback's input.
fn known() -> (BTreeSet<String>, BTreeSet<String>) {
    let text = reference();
    let (sources, filters) = text.split_once("\n\n").unwrap();
    let names = |table: &str| {
        let lines = table
            .lines()
            .filter(|line| !line.contains("| In answers to handshakes: "));
        let rows = lines.filter_map(|line| line.strip_prefix("| `"));
        let names = rows.map(|row| row.split(['`', ':', '[']).next().unwrap().to_owned());
        names.collect()
    };
    (names(sources), names(filters))
}

/// The names that rows are for.
fn named(rows: &[Row]) -> BTreeSet<String> {
    let names = { rows.iter() }.map(|row| row.subject.split([':', '|']).next().unwrap().to_owned());
    names.collect()
}

#[test]
fn every_source_has_its_rows() {
    assert_eq!(named(&source_rows::rows()), known().0);
}

#[test]
fn every_filter_has_its_rows() {
    assert_eq!(named(&filter_rows::rows()), known().1);
}

#[test]
fn every_algorithm_has_its_row() {
    let rows = algorithm_rows::rows();
    let tried: Vec<&str> = rows.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(tried, SchemeDefinition::algorithms());
}

#[test]
fn the_page_says_what_bad_input_gets() {
    let mut tables = String::new();
    for (title, rows) in [
        ("Sources", source_rows::rows()),
        ("Filters", filter_rows::rows()),
        ("Bodies", body_rows::rows()),
        ("JWS and HTTP Message Signatures", signature_rows::rows()),
        ("Bounds", bound_rows::rows()),
    ] {
        write!(
            tables,
            "## {title}\n\n| value | input | answer |\n|---|---|---|\n"
        )
        .unwrap();
        for row in rows {
            let cell = |text: String| text.replace('|', "\\|");
            let (subject, answer) = (cell(row.subject), cell(row.answer));
            writeln!(tables, "| `{subject}` | {} | `{answer}` |", row.input).unwrap();
        }
        tables.push('\n');
    }
    tables.push_str("## Algorithms\n\nThe signature is …\n\n");
    let inputs = algorithm_rows::INPUTS;
    writeln!(tables, "| algorithm | {} |", inputs.join(" | ")).unwrap();
    writeln!(tables, "|---|{}", "---|".repeat(inputs.len())).unwrap();
    for (name, answers) in algorithm_rows::rows() {
        let answers: Vec<_> = { answers.iter() }
            .map(|answer| format!("`{answer}`"))
            .collect();
        writeln!(tables, "| `{name}` | {} |", answers.join(" | ")).unwrap();
    }
    let page = std::fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once(START).unwrap();
    let (shown, after) = rest.split_once(END).unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(PAGE, format!("{before}{START}{tables}{END}{after}")).unwrap();
        return;
    }
    assert!(
        shown == tables,
        "run `cargo test -p countersign-verify --test bad_input` with UPDATE_DOCS=1, and read what has changed"
    );
}
