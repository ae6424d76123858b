//! The signed text of any callback can be built or is refused, under schemes of every form; and
//! CheezeePay's is what a simple builder over `serde_json` makes.

use std::sync::LazyLock;

use countersign::verify::language::{
    Choice, LetDefinition, SchemeDefinition, SelectionDefinition, TimestampDefinition,
};
use countersign::verify::{Scheme, signed_text};
use serde_json::Value;

use super::request::Request;

/// The built-in schemes, and others with all that they do not use.
static SCHEMES: LazyLock<Vec<Scheme>> = LazyLock::new(|| {
    let mut schemes = Scheme::built_in().to_vec();
    let styles = [
        "jackson",
        "php+unicode+slashes",
        "php+unicode+slashes+lines",
    ];
    let object = |style: &str| {
        let quoted = [
            "method",
            "target",
            "nonce",
            "key_id",
            "header:V-More",
            "body",
        ];
        let members = quoted.map(|value| format!("\"m\":{{{value}|json:{style}}}"));
        format!("{{{{\"t\":{{timestamp}},{}}}}}", members.join(","))
    };
    let parts = "\u{2028}{method}{target}{timestamp}{nonce}{key_id}{header:V-More}{body}";
    let fields = SelectionDefinition {
        from: Some("json".to_owned()),
        leave_out: vec!["sign".to_owned()],
        null: Some("null".to_owned()),
        nested: Some("pair".to_owned()),
        order: Some("bytes".to_owned()),
        pair: "{name}:{value|java:double}".to_owned(),
        pair_of: vec![(
            "a".to_owned(),
            "{name}:{value|json:jackson+double}".to_owned(),
        )],
        ..SelectionDefinition::default()
    };
    for content in [
        vec![parts.to_owned()],
        styles.map(object).to_vec(),
        vec!["{fields}".to_owned()],
        vec!["{step}[{query:a|nonempty|urldecode|urlencode:form}]".to_owned()],
    ] {
        let definition = SchemeDefinition {
            algorithm: Choice::Fixed("rsa-sha256".to_owned()),
            signature: vec!["{field:sign|unhex}".to_owned()],
            timestamp: Some(TimestampDefinition {
                value: "{field:time}".to_owned(),
                unit: "ms".to_owned(),
            }),
            nonce: Some("{header:V-Nonce-Str|max:128}".to_owned()),
            key_id: Some("{header:V-Api-Key}".to_owned()),
            lets: vec![(
                "step".to_owned(),
                LetDefinition::Candidates(vec![
                    "{document|sorted|json:js}".to_owned(),
                    "{document|without:a|flatten}".to_owned(),
                ]),
            )],
            content,
            signed: Some("{content|sha256|hex}".to_owned()),
            selections: vec![(None, fields.clone())],
            ..SchemeDefinition::default()
        };
        schemes.push(Scheme::compile("other", definition).unwrap());
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
        assert!((1..=6).contains(&candidates.len()));
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
