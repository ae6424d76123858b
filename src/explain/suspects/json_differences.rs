//! In what two ways to write a JSON text differ.

use super::json_writing::{ESCAPES, JsonEscapes, JsonNumbers, SPACES, WrittenJson};
use crate::verify::json;

/// In words, what differs; nothing if one of them is no JSON.
pub(in crate::explain) fn differences(one: &[u8], other: &[u8]) -> Option<String> {
    let compact = |body: &[u8], sorted| {
        let document = json::parse(body.trim_ascii()).ok()?;
        let style = WrittenJson {
            space: *SPACES.first()?,
            escapes: ESCAPES
                .first()
                .map_or(JsonEscapes::Few, |(first, _)| *first),
            sorted,
            numbers: JsonNumbers::AsWritten,
            without_null: false,
        };
        Some(style.written(document.root()))
    };
    let is_same_order = compact(one, false)? == compact(other, false)?;
    let is_same_sorted = compact(one, true)? == compact(other, true)?;
    let (spaces, text) = split(one);
    let (other_spaces, other_text) = split(other);
    // Members in another order have the same escapes in another place.
    let is_same_text = match is_same_order {
        true => text == other_text,
        false => escapes(&text) == escapes(&other_text),
    };
    let differ = [
        (spaces != other_spaces, "spaces"),
        (!is_same_text, "escapes"),
        (!is_same_order && is_same_sorted, "the order of members"),
        (!is_same_sorted, "numbers or nulls"),
    ];
    let differ: Vec<&str> = { differ.iter() }
        .filter_map(|(differs, name)| differs.then_some(*name))
        .collect();
    (!differ.is_empty()).then(|| format!("what differs: {}", differ.join(", ")))
}

fn escapes(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte == b'\\').count()
}

/// The number of spaces and line ends between values, and the text without them.
fn split(body: &[u8]) -> (usize, Vec<u8>) {
    let (mut is_inside, mut is_escaped) = (false, false);
    let mut kept = Vec::with_capacity(body.len());
    for byte in body {
        if is_inside || !byte.is_ascii_whitespace() {
            kept.push(*byte);
        }
        match (byte, is_escaped) {
            (b'"', false) => is_inside = !is_inside,
            (b'\\', false) => {
                is_escaped = is_inside;
                continue;
            }
            _ => {}
        }
        is_escaped = false;
    }
    (body.len().saturating_sub(kept.len()), kept)
}

#[test]
fn what_differs_is_named() {
    for (one, other, told) in [
        (r#"{"a":1}"#, r#"{"a": 1}"#, "spaces"),
        (r#"{"a":"é"}"#, r#"{"a":"\u00e9"}"#, "escapes"),
        (
            r#"{"a":1,"b":2}"#,
            r#"{"b":2,"a":1}"#,
            "the order of members",
        ),
        (r#"{"a":1.50}"#, r#"{"a":1.5}"#, "numbers or nulls"),
        (
            r#"{"a":"x\" y","b":2}"#,
            r#"{"b": 2, "a": "x\" y"}"#,
            "spaces, the order of members",
        ),
    ] {
        let found = differences(one.as_bytes(), other.as_bytes());
        assert_eq!(
            found,
            Some(format!("what differs: {told}")),
            "{one} {other}"
        );
    }
    assert_eq!(differences(b"{}", b"{}"), None);
}
