//! What a receiver reads of a request wherever its signature covers it.

use std::collections::BTreeMap;

use countersign_verify::body::{Charset, Field, FieldPath, Query, Repeats};
use countersign_verify::language::Coverage;
use countersign_verify::scheme::IdentityPart;
use countersign_verify::{Ambiguous, Plenty, Verified};
use serde_json::Value;

use super::random_message::Written;

/// Every covered part and its value.
pub(crate) type Readings = BTreeMap<String, String>;

/// What is covered of a request, apart from the fields of its body. `signature`: the header that the
/// signature is in.
pub(crate) fn outside_of_fields(
    coverage: &Coverage,
    written: &Written,
    verified: &Verified<'_>,
    signature: Option<&str>,
) -> Readings {
    let mut out = Readings::new();
    // Where values end is not covered.
    if verified.ambiguous() == Some(&Ambiguous::Join) {
        return out;
    }
    let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
    let target = &written.target;
    let path = target
        .split(|byte| *byte == b'?')
        .next()
        .unwrap_or_default();
    let timestamp = verified.timestamp().map(|time| time.to_string());
    for (is_covered, name, value) in [
        (
            coverage.covers_method(),
            "method",
            Some(written.method.clone()),
        ),
        (coverage.covers_target(), "target", Some(text(target))),
        (coverage.covers_path(), "path", Some(text(path))),
        (
            coverage.covers_raw_body(),
            "body",
            Some(text(&written.body)),
        ),
        (coverage.covers_timestamp(), "timestamp", timestamp),
        (
            coverage.covers(&IdentityPart::Nonce),
            "nonce",
            verified.nonce().map(str::to_owned),
        ),
        (
            coverage.covers(&IdentityPart::KeyId),
            "key_id",
            verified.key_id().map(str::to_owned),
        ),
    ] {
        if is_covered && let Some(value) = value {
            out.insert(name.to_owned(), value);
        }
    }
    for (name, value) in &written.headers {
        let value = text(value.as_bytes().trim_ascii());
        let is_signed = Some(name.as_str()) != signature && coverage.covers_header(name);
        // One without text may be left out of what is signed.
        if is_signed && !value.is_empty() {
            *out.entry(format!("header {name}")).or_default() += &format!("{value}|");
        }
    }
    if let Ok(query) = Query::read(target, Charset::Utf8, Repeats::Keep, &mut Plenty) {
        for pair in query.pairs() {
            let name = pair.name.text();
            if coverage.covers_parameter(&name) && !pair.value.text().is_empty() {
                *out.entry(format!("parameter {name}")).or_default() +=
                    &format!("{}&", pair.value.text());
            }
        }
    }
    out
}

/// What is covered of the fields of a body. A field that is left out of the signed text for what it is
/// counts as missing, and so does one that is null or empty.
pub(crate) fn fields(coverage: &Coverage, verified: &Verified<'_>) -> Readings {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let body = verified.body();
    for (name, field) in body.fields() {
        let path = FieldPath::parse(&pointer(&[&name])).unwrap();
        if coverage.covers_field(&path) && !verified.scheme().leaves_out(&name, field) {
            all.entry(format!("field {name}"))
                .or_default()
                .extend(reading(verified, field));
        }
    }
    for steps in [["data", "a"], ["data", "b"], ["a", "a"]] {
        let path = FieldPath::parse(&pointer(&steps)).unwrap();
        let outer = body.field(steps[0]);
        if coverage.covers_field(&path)
            && outer.is_none_or(|outer| !verified.scheme().leaves_out(steps[0], outer))
            && !coverage.leaves_out_value(&path, body)
            && let Some(reading) = body.find(&path).and_then(|field| reading(verified, field))
        {
            all.insert(format!("field {}", steps.join("/")), vec![reading]);
        }
    }
    let written = |(name, mut values): (String, Vec<String>)| {
        if coverage.may_repeat() {
            values.sort();
            values.dedup();
        }
        (!values.is_empty()).then(|| (name, values.join("|")))
    };
    all.into_iter().filter_map(written).collect()
}

fn pointer(steps: &[&str]) -> String {
    let step = |step: &&str| format!("/{}", step.replace('~', "~0").replace('/', "~1"));
    steps.iter().map(step).collect()
}

/// A scalar's text as it was signed: nobody promises the type of scalars.
fn reading<'a>(verified: &Verified<'a>, field: Field<'_, 'a>) -> Option<String> {
    if let Some(text) = verified.text_as_signed(field) {
        return something(&text);
    }
    let value: Value = serde_json::from_str(field.as_json()?.source()).unwrap();
    untyped(&value)
}

fn something(text: &str) -> Option<String> {
    (!text.is_empty() && text != "null").then(|| text.to_owned())
}

/// The same text for what is written alike but for the type of scalars.
fn untyped(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => something(text),
        Value::Array(items) => Some(format!(
            "{:?}",
            items.iter().map(untyped).collect::<Vec<_>>()
        )),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name, untyped(value)));
            Some(format!("{:?}", members.collect::<BTreeMap<_, _>>()))
        }
        other => Some(other.to_string()),
    }
}
