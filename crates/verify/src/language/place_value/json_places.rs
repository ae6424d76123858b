//! A value in JSON: the text of all others stays as it is.

use super::placed::{Placed, PlacedForm};
use crate::json::{self, JsonKind, JsonValue, pointer};
use crate::language::scheme_rules::write_in_json;

/// The value at the end of these steps.
pub(in crate::language) fn find<'d, 'a>(
    root: JsonValue<'d, 'a>,
    steps: &[String],
) -> Option<JsonValue<'d, 'a>> {
    steps
        .iter()
        .try_fold(root, |value, step| inner(value, step))
}

fn inner<'d, 'a>(value: JsonValue<'d, 'a>, step: &str) -> Option<JsonValue<'d, 'a>> {
    let at = || value.at(pointer::array_index(step)?);
    value.get(step).or_else(at)
}

/// The steps to each item: those of `each`, in which `*` is every element.
pub(in crate::language) fn item_steps(body: &[u8], each: &[String]) -> Vec<Vec<String>> {
    let mut found = vec![Vec::new()];
    let Ok(document) = json::parse(body) else {
        return Vec::new();
    };
    for step in each {
        let mut next = Vec::new();
        for steps in found {
            let names = match find(document.root(), &steps) {
                Some(value) if step == "*" => (0..value.members().count())
                    .map(|at| at.to_string())
                    .collect(),
                _ => vec![step.clone()],
            };
            next.extend(
                names
                    .into_iter()
                    .map(|name| [steps.clone(), vec![name]].concat()),
            );
        }
        found = next;
    }
    found
}

/// The JSON with this value at the end of the steps; what is missing on the way comes about, at the end of
/// the object that it belongs in.
pub(in crate::language) fn with_member(
    old: &[u8],
    steps: &[String],
    value: Placed<'_>,
) -> Result<Vec<u8>, &'static str> {
    let old = if old.trim_ascii().is_empty() {
        b"{}"
    } else {
        old
    };
    let document = json::parse(old).map_err(|_| "what is there is no JSON")?;
    let text = std::str::from_utf8(value.bytes).map_err(|_| "JSON holds text only")?;
    let mut at = document.root();
    for (depth, step) in steps.iter().enumerate() {
        match inner(at, step) {
            Some(next) => at = next,
            None if at.is_object() => {
                let rest = steps.get(depth..).unwrap_or_default();
                let member = member(rest, &literal(text, value.form));
                let comma = if at.members().next().is_some() {
                    ","
                } else {
                    ""
                };
                // In front of the closing brace.
                let end = at.range().end.saturating_sub(1);
                return Ok(spliced(old, end..end, &format!("{comma}{member}")));
            }
            None => return Err("what it would be in is no object"),
        }
    }
    let form = match (value.form, at.kind()) {
        (PlacedForm::Number, JsonKind::String { .. }) => PlacedForm::Text,
        (PlacedForm::Text, JsonKind::Number { .. }) => PlacedForm::Number,
        (form, _) => form,
    };
    Ok(spliced(old, at.range(), &literal(text, form)))
}

/// `"a":{"b":value}`.
fn member(steps: &[String], value: &str) -> String {
    let mut text = String::new();
    for (depth, step) in steps.iter().enumerate() {
        text.push_str(if depth > 0 { "{\"" } else { "\"" });
        write_in_json(step, &mut text);
        text.push_str("\":");
    }
    text.push_str(value);
    text.push_str(&"}".repeat(steps.len().saturating_sub(1)));
    text
}

/// Text in quotes, or a whole number.
fn literal(text: &str, form: PlacedForm) -> String {
    let is_whole = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if form == PlacedForm::Json || form == PlacedForm::Number && is_whole {
        return text.to_owned();
    }
    // As most writers do, and none more than JSON asks for.
    let mut literal = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' | '\0'..='\u{1f}' => write_in_json(&character.to_string(), &mut literal),
            _ => literal.push(character),
        }
    }
    literal.push('"');
    literal
}

/// The bytes with this text in place of some.
pub(super) fn spliced(old: &[u8], place: std::ops::Range<usize>, new: &str) -> Vec<u8> {
    let before = old.get(..place.start).unwrap_or_default();
    let behind = old.get(place.end..).unwrap_or_default();
    [before, new.as_bytes(), behind].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::FieldPath;

    #[test]
    fn one_member_changes_and_all_else_stays() {
        for (old, path, value, new) in [
            ("", "sign", "x", r#"{"sign":"x"}"#),
            ("{ }", "sign", "x", r#"{ "sign":"x"}"#),
            (
                r#"{"a": 1.50 }"#,
                "sign",
                "x\"",
                r#"{"a": 1.50 ,"sign":"x\""}"#,
            ),
            (
                r#"{"sign":"y","a":1}"#,
                "sign",
                "x",
                r#"{"sign":"x","a":1}"#,
            ),
            (r#"{"t":1}"#, "t", "25", r#"{"t":25}"#),
            (r#"{"t":"1"}"#, "t", "25", r#"{"t":"25"}"#),
            (r#"{"a":{}}"#, "/a/b/c", "x", r#"{"a":{"b":{"c":"x"}}}"#),
            (
                r#"{"a":[{"s":1},{"s":2}]}"#,
                "/a/1/s",
                "3",
                r#"{"a":[{"s":1},{"s":3}]}"#,
            ),
        ] {
            let path = FieldPath::parse(path).unwrap();
            let placed = with_member(old.as_bytes(), path.steps(), Placed::text(value));
            assert_eq!(String::from_utf8(placed.unwrap()).unwrap(), new);
        }
        let path = FieldPath::parse("/a/b").unwrap();
        assert!(with_member(br#"{"a":1}"#, path.steps(), Placed::text("x")).is_err());
        assert!(with_member(b"a=1", path.steps(), Placed::text("x")).is_err());
    }

    #[test]
    fn every_item_is_found() {
        let each = ["a", "*", "b"].map(str::to_owned);
        let found = item_steps(br#"{"a":[{"b":1},{"b":2}]}"#, &each);
        assert_eq!(found, [["a", "0", "b"], ["a", "1", "b"]]);
    }
}
