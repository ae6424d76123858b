//! Schemes as JSON, with the feature `serde`.
#![cfg(feature = "serde")]

use countersign_verify::Scheme;
use serde_json::{Value, json};

/// A minimal scheme.
fn short() -> Value {
    json!({
        "name": "shop",
        "definition": {
            "algorithm": "rsa-sha256",
            "signature": ["{header:X-Signature|unhex}"],
            "timestamp": { "value": "{header:X-Time}", "unit": "s" },
            "content": ["{timestamp}.{body}"],
        },
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
        "algorithm": "rsa-sha256",
        "signature": ["{field:sign|unbase64}"],
        "content": ["{fields}", "{fields:double}"],
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(written["definition"][name], *value, "{name}");
    }
    let fields = &written["definition"]["selections"][0];
    assert_eq!(fields[0], Value::Null);
    assert_eq!(fields[1]["pair"], json!("{name}={value|java}"));
    assert_eq!(
        fields[1]["pair_of"],
        json!([["data", "{name}={value|json:jackson}"]])
    );
    assert_eq!(written["identity"], json!(["content"]));
    assert_eq!(written["keep"], json!(604_800));
}

#[test]
fn missing_fields_have_the_defaults_of_a_new_scheme() {
    let scheme = read(short()).unwrap();
    let new = Scheme::compile("shop", scheme.definition().clone()).unwrap();
    assert_eq!(scheme, new);
}

/// Otherwise a misspelt setting would be ignored silently.
#[test]
fn unknown_names_are_refused() {
    let places: [&[&str]; 3] = [&[], &["definition"], &["definition", "timestamp"]];
    for place in places {
        let mut value = short();
        let table = place
            .iter()
            .fold(&mut value, |value, name| value.get_mut(*name).unwrap());
        table["max_agee"] = json!(300);
        read(value).unwrap_err();
    }
}

/// The same check as in a configuration.
#[test]
fn schemes_in_which_one_signature_fits_two_callbacks_are_refused() {
    let content = |content: &str| {
        let mut scheme = short();
        scheme["definition"]["content"] = json!([content]);
        read(scheme)
    };
    assert!(content("{timestamp}.{body}").is_ok());
    assert!(content("{header:X-A}{body}").unwrap_err().contains("touch"));
    assert!(content("{boddy}").unwrap_err().contains("boddy"));
    let with = |name: &str, value: Value| {
        let mut scheme = short();
        scheme[name] = value;
        read(scheme).unwrap_err()
    };
    assert!(with("identity", json!(["key_id"])).contains("does not cover"));
    assert!(with("ambiguous_join", json!(true)).contains("ambiguous_join"));
}

#[test]
fn unknown_values_are_refused() {
    for (name, value) in [
        ("identity", json!([{ "field": "/a~2" }])),
        ("max_age", json!("5m")),
        ("keep", json!(-1)),
    ] {
        let mut scheme = short();
        scheme[name] = value;
        read(scheme).unwrap_err();
    }
    let mut scheme = short();
    scheme["definition"]["algorithm"] = json!("rsa-sha3");
    assert!(read(scheme).unwrap_err().contains("rsa-sha3"));
}
