//! Keys that are a text or a table: `algorithm`, `timestamp`, and the steps of `let`.

use super::Spots;
use crate::config::reader::{Table, Value};
use crate::verify::language::{Choice, LetDefinition, TimestampDefinition};

pub(super) fn algorithm<'a>(scheme: &Table<'a>, spots: &Spots<'a>) -> Option<Choice> {
    let value = scheme.require(
        "algorithm",
        "add `algorithm = \"rsa-sha256\"`, or what the provider's documentation says",
    )?;
    if !value.is_table() {
        return spots.text("algorithm", value).map(Choice::Fixed);
    }
    spots.note_place("algorithm", scheme.key_place("algorithm"));
    let table = value.table()?;
    let by = table
        .require(
            "by",
            "add `by = \"{...}\"`: the value that names the algorithm",
        )
        .and_then(|value| spots.text("algorithm.by", value));
    let of = table
        .require("of", "add `of = { NAME = \"hmac-sha256\" }`")
        .and_then(|value| spots.pairs("algorithm.of", value));
    let (by, of) = (by?, of?);
    Some(Choice::By { by, of })
}

pub(super) fn timestamp<'a>(value: Value<'a>, spots: &Spots<'a>) -> Option<TimestampDefinition> {
    if !value.is_table() {
        return Some(TimestampDefinition {
            value: spots.text("timestamp", value)?,
            unit: "s".to_owned(),
        });
    }
    let table = value.table()?;
    let value = table
        .require("value", "add `value = \"{header:X-Timestamp}\"`")
        .and_then(|value| spots.text("timestamp", value));
    let unit = table.read("unit", |value| spots.text("timestamp.unit", value));
    let (value, unit) = (value?, unit?);
    Some(TimestampDefinition { value, unit })
}

/// The steps, in the order in which they are written: each may use those before it.
pub(super) fn steps<'a>(
    value: Value<'a>,
    spots: &Spots<'a>,
) -> Option<Vec<(String, LetDefinition)>> {
    let steps: Vec<_> = value
        .pairs()?
        .into_iter()
        .map(|(name, value)| {
            let key = format!("let.{}", name.text);
            spots.note_place(&key, name.place);
            Some((name.text.to_owned(), step(&key, value, spots)?))
        })
        .collect();
    steps.into_iter().collect()
}

fn step<'a>(key: &str, value: Value<'a>, spots: &Spots<'a>) -> Option<LetDefinition> {
    if !value.is_table() {
        return spots.texts(key, value).map(LetDefinition::Candidates);
    }
    let table = value.table()?;
    let by = table
        .require("by", "add `by = \"{...}\"`: the value that chooses")
        .and_then(|value| spots.text(&format!("{key}.by"), value));
    let of = table
        .require("of", "add `of = { VALUE = \"...\" }`")
        .and_then(|value| spots.pairs(&format!("{key}.of"), value));
    let default = table.optional("default", |value| {
        spots.text(&format!("{key}.default"), value)
    });
    let (by, of, default) = (by?, of?, default?);
    Some(LetDefinition::Table { by, of, default })
}
