//! The strict JSON reader accepts a subset of what `serde_json` does, and sees the same in it.

use countersign::verify::json::{JsonErrorKind, JsonKind, JsonValue, parse};
use serde_json::Value as Other;

/// Reads the bytes with both readers.
pub fn check(text: &[u8]) {
    match (parse(text), serde_json::from_slice::<Other>(text)) {
        (Ok(document), Ok(other)) => {
            let source = std::str::from_utf8(text).unwrap();
            let space = [' ', '\t', '\r', '\n'];
            assert_eq!(document.root().source(), source.trim_matches(space));
            same(document.root(), &other);
        }
        // `serde_json` has no place for these; ours keeps numbers as they are written.
        (Ok(_), Err(error)) => assert!(error.to_string().starts_with("number out of range")),
        (Err(error), other) => {
            assert!(error.at <= text.len());
            let ours_alone = [JsonErrorKind::RepeatedName, JsonErrorKind::TooDeep];
            assert!(other.is_err() || ours_alone.contains(&error.kind));
        }
    }
}

fn same(value: JsonValue<'_, '_>, other: &Other) {
    let range = value.range();
    assert_eq!(
        value.document_source().get(range.clone()),
        Some(value.source())
    );
    for (_, member) in value.members() {
        let inside = member.range();
        assert!(range.start < inside.start && inside.end < range.end);
    }
    match other {
        Other::Null => assert_eq!(value.source(), "null"),
        Other::Bool(word) => assert_eq!(value.source(), word.to_string()),
        Other::Number(number) => {
            let fraction = value.source().contains(['.', 'e', 'E']);
            assert_eq!(value.kind(), JsonKind::Number { fraction });
            match number.as_i128() {
                Some(whole) => assert_eq!(value.source(), whole.to_string()),
                None => {
                    let ours: f64 = value.source().parse().unwrap();
                    let theirs = number.as_f64().unwrap();
                    // Without `float_roundtrip`, `serde_json` may miss the nearest double by a few.
                    let near =
                        (ours - theirs).abs() <= 4.0 * f64::EPSILON * ours.abs().max(theirs.abs());
                    assert!(ours == theirs || near || (ours - theirs).abs() < 1e-300);
                }
            }
        }
        Other::String(string) => assert_eq!(value.as_str().unwrap(), string.as_str()),
        Other::Array(list) => {
            assert_eq!(
                (value.kind(), value.members().count()),
                (JsonKind::Array, list.len())
            );
            for ((_, member), other) in value.members().zip(list) {
                same(member, other);
            }
        }
        Other::Object(members) => {
            assert_eq!(
                (value.kind(), value.members().count()),
                (JsonKind::Object, members.len())
            );
            for ((name, member), (other_name, other)) in value.members().zip(members) {
                assert_eq!(name, other_name.as_str());
                same(member, other);
            }
        }
    }
}
