//! What a signature covers, and borders in its text, in the cautious reading.

mod attack_tests;
mod border_tests;
mod covered_tests;
mod left_out_tests;
mod optional_part_tests;
mod partly_signed_tests;
mod selection_tests;
mod unsigned_tests;

use super::Coverage;
use crate::body::FieldPath;
use crate::language::scheme_definition::{
    Choice, LetDefinition, SchemeDefinition, SelectionDefinition, TimestampDefinition,
};
use crate::language::scheme_rules::SchemeRules;

/// A scheme over these contents.
fn mac(content: &[&str]) -> SchemeDefinition {
    SchemeDefinition {
        algorithm: Choice::Fixed("hmac-sha256".to_owned()),
        signature: vec!["{header:X-Signature|unhex}".to_owned()],
        content: texts(content),
        ..SchemeDefinition::default()
    }
}

/// A scheme over one content, with changes.
fn with(content: &str, change: impl FnOnce(&mut SchemeDefinition)) -> SchemeDefinition {
    let mut definition = mac(&[content]);
    change(&mut definition);
    definition
}

/// A scheme over `{fields}`.
fn over_fields(from: &str, change: impl FnOnce(&mut SelectionDefinition)) -> SchemeDefinition {
    with("{fields}", |definition| {
        definition.selections = vec![(None, selection(from, change))];
    })
}

/// A selection of `a=1&b=2`, with changes.
fn selection(from: &str, change: impl FnOnce(&mut SelectionDefinition)) -> SelectionDefinition {
    let mut selection = SelectionDefinition {
        from: Some(from.to_owned()),
        pair: "{name}={value}".to_owned(),
        between: "&".to_owned(),
        order: Some("bytes".to_owned()),
        ..SelectionDefinition::default()
    };
    change(&mut selection);
    selection
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn timestamp(value: &str, unit: &str) -> Option<TimestampDefinition> {
    Some(TimestampDefinition {
        value: value.to_owned(),
        unit: unit.to_owned(),
    })
}

fn step(name: &str, candidates: &[&str]) -> (String, LetDefinition) {
    (
        name.to_owned(),
        LetDefinition::Candidates(texts(candidates)),
    )
}

fn require(rules: &[(&str, &str)]) -> Vec<(String, String)> {
    let rule = |(value, shape): &(&str, &str)| ((*value).to_owned(), (*shape).to_owned());
    rules.iter().map(rule).collect()
}

fn compiled(definition: &SchemeDefinition) -> SchemeRules {
    SchemeRules::compile(definition).unwrap_or_else(|errors| panic!("{errors:?}: {definition:?}"))
}

fn coverage(definition: &SchemeDefinition) -> Coverage {
    compiled(definition).coverage().clone()
}

fn words(definition: &SchemeDefinition) -> Vec<&'static str> {
    let words = coverage(definition).covers_words().into_iter();
    words.map(|part| part.code()).collect()
}

fn borders(definition: &SchemeDefinition) -> Vec<String> {
    let coverage = coverage(definition);
    let borders = coverage.open_borders().iter();
    borders.map(ToString::to_string).collect()
}

fn is_open(definition: &SchemeDefinition) -> bool {
    !borders(definition).is_empty()
}

fn covers(definition: &SchemeDefinition, path: &str) -> bool {
    coverage(definition).covers_field(&FieldPath::parse(path).unwrap())
}
