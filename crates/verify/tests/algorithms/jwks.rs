//! JSON Web Keys and sets of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign_verify::keys::JwkError;
use countersign_verify::{Algorithm, Key, KeyError};
use serde_json::{Value, json};

use super::openssl::OpenSsl;

/// RFC 7517, appendix A.1: the public keys of its examples.
fn published() -> Value {
    json!({ "keys": [
        {
            "kty": "EC",
            "crv": "P-256",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
            "use": "sig",
            "kid": "1",
        },
        {
            "kty": "RSA",
            "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
            "e": "AQAB",
            "alg": "RS256",
            "kid": "2011-04-29",
        },
        // RFC 8037, appendix A.2.
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            "kid": "ed",
        },
        // RFC 7515, appendix A.1.1.
        {
            "kty": "oct",
            "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
            "alg": "HS256",
            "kid": "mac",
        },
    ] })
}

fn set(json: &Value) -> Result<Vec<Key>, KeyError> {
    Key::decode_set("own", json.to_string().as_bytes())
}

/// The key of the published set at this place, changed.
fn changed(at: usize, change: impl FnOnce(&mut Value)) -> Result<Key, KeyError> {
    let mut key = published()["keys"][at].take();
    change(&mut key);
    Key::decode("own", key.to_string().as_bytes())
}

#[test]
fn a_set_gives_its_keys_with_their_ids() {
    let keys = set(&published()).unwrap();
    let kinds: Vec<_> = keys
        .iter()
        .map(|key| (key.id(), key.kind().to_string()))
        .collect();
    let expected = [
        ("own/1", "P-256"),
        ("own/2011-04-29", "RSA"),
        ("own/ed", "Ed25519"),
        ("own/mac", "secret"),
    ];
    assert_eq!(kinds, expected.map(|(id, kind)| (id, kind.to_owned())));
    assert_eq!(keys[1].kid(), Some("2011-04-29"));
    assert!(keys[3].is_secret());
}

/// RFC 7515, appendix A.1.
#[test]
fn a_published_jws_verifies_under_its_published_key() {
    let keys = set(&published()).unwrap();
    let content = b"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let mac = URL_SAFE_NO_PAD
        .decode("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        .unwrap();
    assert!(keys[3].verify(Algorithm::HmacSha256, content, &mac));
    assert!(!keys[3].verify(Algorithm::HmacSha256, &content[1..], &mac));
}

#[test]
fn a_key_that_names_its_algorithm_fits_no_other() {
    let rsa = changed(1, |_| {}).unwrap();
    assert_eq!(rsa.only(), Some(Algorithm::RsaSha256));
    for algorithm in Algorithm::ALL {
        assert_eq!(
            rsa.fits(*algorithm),
            *algorithm == Algorithm::RsaSha256,
            "{algorithm}"
        );
    }
    let free = changed(1, |key| drop(key.as_object_mut().unwrap().remove("alg"))).unwrap();
    assert!(free.fits(Algorithm::RsaPssSha512) && free.fits(Algorithm::RsaSha1));
    for (at, alg) in [
        (1, "ES256"),
        (1, "HS256"),
        (0, "ES384"),
        (0, "RS256"),
        (2, "ES256"),
        (3, "EdDSA"),
    ] {
        let error = changed(at, |key| key["alg"] = alg.into()).unwrap_err();
        assert_eq!(error, KeyError::BadJwk(JwkError::WrongAlgorithm), "{alg}");
    }
    for alg in ["none", "RSA-OAEP", "ES256K", "rs256"] {
        let error = changed(1, |key| key["alg"] = alg.into()).unwrap_err();
        assert_eq!(
            error,
            KeyError::BadJwk(JwkError::Unsupported("alg")),
            "{alg}"
        );
    }
}

#[test]
fn private_keys_are_refused_alone_and_in_a_set() {
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth"] {
        let private = KeyError::Private("JWK".to_owned());
        for at in 0..3 {
            let error = changed(at, |key| key[name] = "AQAB".into()).unwrap_err();
            assert_eq!(error, private, "{name}");
        }
        let mut keys = published();
        keys["keys"][1][name] = "AQAB".into();
        // Even where its use would have it skipped.
        keys["keys"][1]["use"] = "enc".into();
        assert_eq!(set(&keys).unwrap_err(), private, "{name}");
    }
}

#[test]
fn keys_for_other_uses_are_refused_alone_and_skipped_in_a_set() {
    let changes: [(&str, Value); 5] = [
        ("use", "enc".into()),
        ("key_ops", json!(["encrypt"])),
        ("key_ops", json!([])),
        ("key_ops", json!(["sign"])),
        ("alg", "RSA-OAEP-256".into()),
    ];
    for (name, value) in changes {
        assert!(
            changed(1, |key| key[name] = value.clone()).is_err(),
            "{name}"
        );
        let mut keys = published();
        keys["keys"][1][name] = value;
        let keys = set(&keys).unwrap();
        let ids: Vec<_> = keys.iter().map(Key::id).collect();
        assert_eq!(ids, ["own/1", "own/ed", "own/mac"], "{name}");
    }
    for (name, value) in [
        ("use", json!("sig")),
        ("key_ops", json!(["sign", "verify"])),
    ] {
        assert!(changed(1, |key| key[name] = value).is_ok(), "{name}");
    }
    for (at, name, value) in [
        (0, "kty", "QR"),
        (0, "crv", "secp256k1"),
        (2, "crv", "X25519"),
    ] {
        assert!(
            changed(at, |key| key[name] = value.into()).is_err(),
            "{value}"
        );
        let mut keys = published();
        keys["keys"][at][name] = value.into();
        assert_eq!(set(&keys).unwrap().len(), 3, "{value}");
    }
    let none = json!({ "keys": [{ "kty": "RSA", "use": "enc", "n": "AQ", "e": "AQAB" }] });
    assert_eq!(set(&none).unwrap_err(), KeyError::BadJwk(JwkError::NoKeys));
    assert_eq!(
        set(&json!({ "keys": [] })).unwrap_err(),
        KeyError::BadJwk(JwkError::NoKeys)
    );
}

/// A key that verifies, but is damaged, is a mistake and never skipped.
#[test]
fn damaged_keys_are_refused_alone_and_in_a_set() {
    let changes: [(usize, &str, Value); 14] = [
        (0, "x", "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D".into()),
        (
            0,
            "x",
            "AMKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4".into(),
        ),
        (0, "y", "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyI".into()),
        (0, "y", Value::Null),
        (0, "crv", "P-384".into()),
        (0, "use", 1.into()),
        (0, "key_ops", "verify".into()),
        (1, "n", "0vx7*".into()),
        (1, "n", "".into()),
        (1, "n", 5.into()),
        (1, "e", "Ag".into()),
        (2, "x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUR".into()),
        (3, "k", "".into()),
        (3, "k", "AyM1Sw==".into()),
    ];
    for (at, name, value) in changes {
        let alone = changed(at, |key| key[name] = value.clone());
        assert!(alone.is_err(), "{at} {name} {value}");
        let mut keys = published();
        keys["keys"][at][name] = value;
        assert_eq!(set(&keys).unwrap_err(), alone.unwrap_err(), "{at} {name}");
    }
    for text in [
        "{",
        "{}",
        r#"{"kty":"oct"}"#,
        r#"{"keys":{}}"#,
        r#"{"keys":[1]}"#,
        r#"{"kty":"oct","k":"QQ","k":"Qg"}"#,
        r#"{"kty":"oct","k":"QQ"}x"#,
        r#"{"kty":7}"#,
    ] {
        let error = Key::decode("own", text.as_bytes()).unwrap_err();
        assert!(matches!(error, KeyError::BadJwk(_)), "{text} {error}");
    }
}

#[test]
fn ids_are_there_and_distinct_where_there_are_several_keys() {
    let mut keys = published();
    keys["keys"][2]["kid"] = "1".into();
    assert_eq!(set(&keys).unwrap_err(), KeyError::BadJwk(JwkError::SameId));
    keys["keys"][2].as_object_mut().unwrap().remove("kid");
    assert_eq!(set(&keys).unwrap_err(), KeyError::BadJwk(JwkError::NoId));
    // A second key in the set does not change the id of the first.
    let mut alone = json!({ "keys": [published()["keys"][0]] });
    assert_eq!(set(&alone).unwrap()[0].id(), "own/1");
    alone["keys"][0].as_object_mut().unwrap().remove("kid");
    assert_eq!(set(&alone).unwrap()[0].id(), "own");
    assert_eq!(
        Key::decode("own", alone.to_string().as_bytes())
            .unwrap()
            .id(),
        "own"
    );
    // It stands in logs and headers.
    keys["keys"][2]["kid"] = "a\nb".into();
    assert_eq!(
        set(&keys).unwrap_err(),
        KeyError::BadJwk(JwkError::Characters("kid"))
    );
    let several = Key::decode("own", published().to_string().as_bytes()).unwrap_err();
    assert_eq!(several, KeyError::SeveralJwks(4));
}

/// Whoever published a set with a private key or a secret in it has more to mend than to ignore it.
#[test]
fn a_set_with_a_private_key_or_a_secret_for_another_use_is_refused() {
    let private = KeyError::Private("JWK".to_owned());
    for (name, key) in [
        ("k", json!({ "kty": "oct", "use": "enc", "k": "c2VjcmV0" })),
        (
            "k",
            json!({ "kty": "oct", "alg": "A256GCM", "k": "c2VjcmV0" }),
        ),
        ("k", json!({ "kty": "new", "k": "c2VjcmV0" })),
        ("d", json!({ "kty": "new", "d": "c2VjcmV0" })),
        ("d", json!({ "d": "c2VjcmV0" })),
    ] {
        let mut keys = published();
        keys["keys"].as_array_mut().unwrap().push(key.clone());
        assert_eq!(set(&keys).unwrap_err(), private, "{key}");
        keys["keys"][4].as_object_mut().unwrap().remove(name);
        let is_of_other_use =
            key.get("use").is_some() || key.get("alg").is_some() || key["kty"] == "new";
        assert_eq!(set(&keys).is_ok(), is_of_other_use, "{key}");
    }
    let mut keys = published();
    keys["d"] = "c2VjcmV0".into();
    assert_eq!(set(&keys).unwrap_err(), private);
    let beside = changed(2, |key| key["k"] = "c2VjcmV0".into());
    assert_eq!(beside.unwrap_err(), private);
}

#[test]
fn no_message_shows_a_secret() {
    let errors = [
        changed(3, |key| key["alg"] = "ES256".into()).unwrap_err(),
        changed(3, |key| key["k"] = "c2VjcmV0*".into()).unwrap_err(),
        Key::decode("own", br#"{"kty":"oct","k":"c2VjcmV0"#).unwrap_err(),
    ];
    for error in errors {
        let shown = format!("{error} {error:?}");
        assert!(
            !shown.contains("c2VjcmV0") && !shown.contains("AyM1"),
            "{shown}"
        );
    }
}

#[test]
fn a_key_is_the_same_as_its_jwk() {
    let openssl = OpenSsl::new();
    openssl.run(
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out key.pem",
        b"",
    );
    let der = openssl.run("pkey -in key.pem -pubout -outform DER", b"");
    let point = &der[der.len() - 132..];
    let jwk = json!({
        "kty": "EC",
        "crv": "P-521",
        "x": URL_SAFE_NO_PAD.encode(&point[..66]),
        "y": URL_SAFE_NO_PAD.encode(&point[66..]),
        "alg": "ES512",
    });
    let jwk = Key::decode("key", jwk.to_string().as_bytes()).unwrap();
    assert_eq!(
        jwk.fingerprint(),
        Key::decode("key", &der).unwrap().fingerprint()
    );
}
