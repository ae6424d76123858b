//! The signed text of any callback can be built or is refused, under schemes of every form; and
//! CheezeePay's is what a simple builder over `serde_json` makes.

use std::sync::LazyLock;

use countersign::verify::scheme::{
    Content, ContentDigest, Form, JsonEscape, JsonMember, JsonObject, NumberStyle, Part,
    SignatureEncoding, SignatureRule, SortedFields, Source, TimeUnit, TimestampRule,
};
use countersign::verify::{Scheme, signed_text};
use http::HeaderName;
use serde_json::Value;

use super::request::Request;

/// The built-in schemes, and others with all that they do not use.
static SCHEMES: LazyLock<Vec<Scheme>> = LazyLock::new(|| {
    let mut schemes = Scheme::built_in().to_vec();
    let sgate = Scheme::find_built_in("sgate").unwrap();
    let header = HeaderName::from_static("v-more");
    let parts = vec![
        Part::Text("\u{2028}".into()),
        Part::Method,
        Part::Target,
        Part::Timestamp,
        Part::Nonce,
        Part::KeyId,
        Part::Header(header),
        Part::Body,
    ];
    let member = |value: &Part| match value {
        Part::Timestamp => JsonMember::time("m"),
        _ => JsonMember::new("m", value.clone()),
    };
    let mut object = JsonObject::new(parts.iter().map(member).collect());
    object.escapes = vec![
        JsonEscape::Jackson,
        JsonEscape::Php,
        JsonEscape::PhpRawLineSeparators,
    ];
    let mut fields = SortedFields::default();
    fields.assign = ":".into();
    fields.separator = "".into();
    fields.json_fields = vec!["a".into()];
    fields.numbers = vec![NumberStyle::JavaDouble, NumberStyle::AsWritten];
    for form in [
        Form::Concat(parts),
        Form::JsonObject(object),
        Form::SortedFields(fields),
    ] {
        let mut scheme = sgate.clone();
        scheme.signature = SignatureRule::new(Source::field("sign"), SignatureEncoding::Hex);
        scheme.timestamp = Some(TimestampRule::new(
            Source::field("time"),
            TimeUnit::Milliseconds,
        ));
        scheme.content = Content::digested(form, ContentDigest::Sha256Hex);
        schemes.push(scheme);
    }
    schemes
});

/// Builds what every scheme signs.
pub fn check(text: &[u8]) {
    let Some(request) = Request::parse(text) else {
        return;
    };
    for scheme in SCHEMES.iter() {
        let Ok(candidates) = signed_text(scheme, request.callback()) else {
            continue;
        };
        assert!((1..=3).contains(&candidates.len()));
        if scheme.name == "cheezeepay"
            && let Ok(Value::Object(body)) = serde_json::from_slice::<Value>(request.body)
            && body.values().all(is_plain)
        {
            assert_eq!(candidates, [cheezeepay(body).into_bytes()]);
        }
    }
}

/// Whether it has no number but whole ones that `serde_json` prints as they were written.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_i64() || number.is_u64(),
        Value::Array(list) => list.iter().all(is_plain),
        Value::Object(members) => members.values().all(is_plain),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

fn cheezeepay(body: serde_json::Map<String, Value>) -> String {
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    };
    let mut fields: Vec<(String, Value)> = body.into_iter().collect();
    fields.retain(|(name, value)| name != "sign" && !is_empty(value));
    fields.sort_by_key(|(name, _)| name.encode_utf16().collect::<Vec<_>>());
    let written = fields.iter().map(|(name, value)| {
        let value = if name == "data" {
            jackson(value)
        } else {
            java(value)
        };
        format!("{name}={value}")
    });
    written.collect::<Vec<_>>().join("&")
}

/// `String.valueOf`.
fn java(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => {
            let list: Vec<_> = list.iter().map(java).collect();
            format!("[{}]", list.join(", "))
        }
        Value::Object(members) => {
            let pair = |(name, value): (&String, &Value)| format!("{name}={}", java(value));
            let members: Vec<_> = members.iter().map(pair).collect();
            format!("{{{}}}", members.join(", "))
        }
        other => other.to_string(),
    }
}

/// Compact JSON, with upper-case digits in escapes.
fn jackson(value: &Value) -> String {
    match value {
        Value::String(text) => {
            let escaped = text.chars().map(|character| match character {
                '"' | '\\' => format!("\\{character}"),
                '\u{8}' => "\\b".to_owned(),
                '\t' => "\\t".to_owned(),
                '\n' => "\\n".to_owned(),
                '\u{c}' => "\\f".to_owned(),
                '\r' => "\\r".to_owned(),
                '\0'..' ' => format!("\\u{:04X}", u32::from(character)),
                other => other.to_string(),
            });
            format!("\"{}\"", escaped.collect::<String>())
        }
        Value::Array(list) => {
            let list: Vec<_> = list.iter().map(jackson).collect();
            format!("[{}]", list.join(","))
        }
        Value::Object(members) => {
            let pair = |(name, value): (&String, &Value)| {
                format!(
                    "{}:{}",
                    jackson(&Value::String(name.clone())),
                    jackson(value)
                )
            };
            let members: Vec<_> = members.iter().map(pair).collect();
            format!("{{{}}}", members.join(","))
        }
        other => other.to_string(),
    }
}
