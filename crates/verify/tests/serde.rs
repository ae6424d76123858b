//! Schemes as JSON, with the feature `serde`.
#![cfg(feature = "serde")]

use countersign_verify::Scheme;
use serde_json::{Value, json};

/// A minimal scheme.
fn short() -> Value {
    json!({
        "name": "shop",
        "algorithm": "rsa-sha256",
        "signature": { "source": { "header": "X-Signature" }, "encoding": "hex" },
        "content": { "form": { "concat": ["timestamp", { "text": "." }, "body"] } },
        "timestamp": { "source": { "header": "X-Time" }, "unit": "seconds" },
    })
}

fn read(value: Value) -> Result<Scheme, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

#[test]
fn built_in_schemes_survive_a_round_trip() {
    for scheme in Scheme::built_in() {
        let text = serde_json::to_string_pretty(scheme).unwrap();
        let read: Scheme = serde_json::from_str(&text).unwrap();
        assert_eq!(read, *scheme, "{text}");
    }
}

#[test]
fn names_are_those_of_the_configuration() {
    let scheme = Scheme::find_built_in("cheezeepay").unwrap();
    let written = serde_json::to_value(scheme).unwrap();
    let expected = json!({
        "name": "cheezeepay",
        "algorithm": "rsa-sha256",
        "signature": { "source": { "field": "sign" }, "encoding": "base64" },
        "content": { "form": { "sorted-fields": {
            "order": "utf16",
            "omit_empty": true,
            "assign": "=",
            "separator": "&",
            "json_fields": ["data"],
            "numbers": ["as-written", "java-double"],
        } } },
        "body": "json",
        "ambiguous_join": false,
        "identity": ["content"],
        "keep": 604_800,
        "failure": [],
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(written[name], *value, "{name}");
    }
}

#[test]
fn missing_fields_have_the_defaults_of_a_new_scheme() {
    let scheme = read(short()).unwrap();
    let content = scheme.content.clone();
    let mut new = Scheme::new("shop", scheme.algorithm, scheme.signature.clone(), content);
    new.timestamp = scheme.timestamp.clone();
    assert_eq!(scheme, new);
}

/// Otherwise a misspelt setting would be ignored silently.
#[test]
fn unknown_names_are_refused() {
    let places: [&[&str]; 5] = [
        &[],
        &["signature"],
        &["timestamp"],
        &["content"],
        &["signature", "source"],
    ];
    for place in places {
        let mut value = short();
        let table = place
            .iter()
            .fold(&mut value, |value, name| value.get_mut(*name).unwrap());
        table["max_agee"] = json!(300);
        read(value).unwrap_err();
    }
    let mut value = short();
    value["content"] = json!({ "form": { "sorted-fields": { "omit_emtpy": true } } });
    assert!(read(value).unwrap_err().contains("omit_emtpy"));
}

/// The same check as in a configuration.
#[test]
fn schemes_in_which_one_signature_fits_two_callbacks_are_refused() {
    let with = |name: &str, value: Value| {
        let mut scheme = short();
        scheme[name] = value;
        read(scheme).unwrap_err()
    };
    let open = json!({ "form": { "concat": [{ "header": "x-a" }, "body"] } });
    assert!(with("content", open).contains("which follows it"));
    let unquoted = json!({ "form": { "json-object": { "members": [
        { "name": "body", "value": "body", "number": true },
    ] } } });
    assert!(with("content", unquoted).contains("no quotes"));
    assert!(with("identity", json!(["key_id"])).contains("does not cover"));
    assert!(with("ambiguous_join", json!(true)).contains("ambiguous_join"));
}

#[test]
fn unknown_values_are_refused() {
    for (name, value) in [
        ("algorithm", json!("rsa-sha3")),
        ("key_id", json!("not a header")),
        ("identity", json!([{ "field": "/a~2" }])),
        ("max_age", json!("5m")),
        ("keep", json!(-1)),
    ] {
        let mut scheme = short();
        scheme[name] = value;
        read(scheme).unwrap_err();
    }
}
