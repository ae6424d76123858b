//! What an unmarked CheezeePay callback may be, beside the one that was signed.

use serde_json::Value;

/// Each of its fields is as it was signed, but for scalars of another type.
pub(super) fn check(signed: &Value, found: &Value) {
    let [signed, found] = [signed, found].map(|body| body.as_object().unwrap());
    let holds_fields = signed.values().any(holds_separator);
    for (name, value) in found.iter().filter(|(name, value)| is_signed(name, value)) {
        match signed.get(name) {
            Some(signed) => assert!(
                is_same(signed, value) || is_beginning(signed, value),
                "{name}: {signed} became {value}"
            ),
            None => assert!(holds_fields, "{name} was not there"),
        }
    }
    let is_there = |name: &String| found.contains_key(name);
    let missing = signed
        .iter()
        .find(|(name, value)| is_signed(name, value) && !is_there(name));
    assert!(
        missing.is_none() || holds_fields,
        "{missing:?} is not there"
    );
}

fn is_signed(name: &str, value: &Value) -> bool {
    let is_empty = match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    };
    name != "sign" && !is_empty
}

/// Whether anything in it could pass for another field.
fn holds_separator(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('&'),
        Value::Array(list) => list.iter().any(holds_separator),
        Value::Object(map) => map
            .iter()
            .any(|(name, value)| name.contains('&') || holds_separator(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn is_same(a: &Value, b: &Value) -> bool {
    let same = |(a, b): ((&String, &Value), (&String, &Value))| a.0 == b.0 && is_same(a.1, b.1);
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => a.len() == b.len() && a.iter().zip(b).all(same),
        (Value::Array(_) | Value::Object(_), _) | (_, Value::Array(_) | Value::Object(_)) => false,
        (a, b) => {
            let [a, b] = [a, b].map(text);
            a == b || matches!((a.parse::<f64>(), b.parse::<f64>()), (Ok(a), Ok(b)) if a == b)
        }
    }
}

fn text(scalar: &Value) -> String {
    scalar
        .as_str()
        .map_or_else(|| scalar.to_string(), str::to_owned)
}

/// Whether it ends where what was signed goes on with what looks like another field.
fn is_beginning(signed: &Value, found: &Value) -> bool {
    let rest = signed
        .as_str()
        .and_then(|signed| signed.strip_prefix(&*text(found)));
    rest.is_some_and(|rest| rest.starts_with('&'))
}
