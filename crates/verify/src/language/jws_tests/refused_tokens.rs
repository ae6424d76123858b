//! Tokens that must be refused.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::super::scheme_definition::SchemeDefinition;
use super::{ES256_TOKEN, definition, detached, mac, mac_key, refusal, signed, verified};
use crate::memory::{MemoryBudget, OutOfMemory, Plenty};
use crate::reason::{At, Reason, VerifyError};

#[test]
fn tokens_that_could_be_read_in_two_ways_are_refused() {
    let plain = definition("jws-hs256");
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#);
    let good = signed(r#"{"alg":"HS256"}"#, "{}");
    let input = good.rsplit_once('.').unwrap().0;
    let with_header = |header: &str| signed(header, "{}");
    let long = |length: usize| "A".repeat(length);
    let malformed = Reason::SignatureMalformed;
    for (token, reason) in [
        ("".to_owned(), malformed),
        (header.clone(), malformed),
        (input.to_owned(), malformed),
        (format!("{good}."), malformed),
        (format!("{good}.e30.e30"), malformed),
        (format!("{input}."), malformed),
        (format!(".{}", good.split_once('.').unwrap().1), malformed),
        // Base64 that is not the one way to write a part.
        (format!("{good}="), malformed),
        (format!("{good} "), malformed),
        (good.replacen("9.", "9=.", 1), malformed),
        (
            format!("{}+", good.get(..good.len() - 1).unwrap()),
            malformed,
        ),
        (
            // 32 bytes leave two bits of the last character: they must be zero.
            unclean(&good),
            malformed,
        ),
        // Headers.
        (with_header(""), malformed),
        (with_header("[]"), malformed),
        (with_header("\"HS256\""), malformed),
        (with_header(r#"{"alg":"HS256"} x"#), malformed),
        (with_header(r#"{"alg":"none","alg":"HS256"}"#), malformed),
        (with_header(r#"{"alg":"HS256","\u0061lg":"x"}"#), malformed),
        (with_header("{'alg':'HS256'}"), malformed),
        // Algorithms.
        (with_header("{}"), Reason::AlgorithmNotAllowed),
        (
            with_header(r#"{"alg":"none"}"#),
            Reason::AlgorithmNotAllowed,
        ),
        (
            format!("{}.e30.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#)),
            Reason::AlgorithmNotAllowed,
        ),
        (
            with_header(r#"{"alg":"hs256"}"#),
            Reason::AlgorithmNotAllowed,
        ),
        (
            with_header(r#"{"alg":"HS384"}"#),
            Reason::AlgorithmNotAllowed,
        ),
        (
            with_header(r#"{"alg":["HS256"]}"#),
            Reason::AlgorithmNotAllowed,
        ),
        (with_header(r#"{"alg":null}"#), Reason::AlgorithmNotAllowed),
        (ES256_TOKEN.to_owned(), Reason::AlgorithmNotAllowed),
        // Extensions.
        (
            with_header(r#"{"alg":"HS256","crit":["exp"]}"#),
            Reason::ValueUnexpected,
        ),
        (
            with_header(r#"{"alg":"HS256","crit":null}"#),
            Reason::ValueUnexpected,
        ),
        (
            with_header(r#"{"alg":"HS256","b64":true}"#),
            Reason::ValueUnexpected,
        ),
        // Sizes.
        (
            with_header(&format!(r#"{{"alg":"HS256","x":"{}"}}"#, long(16_000))),
            Reason::SignatureTooLong,
        ),
        (format!("{input}.{}", long(4_000)), Reason::SignatureTooLong),
        (
            format!("{input}.{}", long(40)),
            Reason::SignatureWrongLength,
        ),
        (format!("{input}.{}", long(43)), Reason::SignatureMismatch),
        // A detached token where the payload belongs in it.
        (
            format!("{header}..{}", mac(&format!("{header}."))),
            malformed,
        ),
    ] {
        assert_eq!(refusal(&plain, &token, "").reason, reason, "{token}");
    }
    let refused = refusal(&plain, &with_header(r#"{"alg":"none"}"#), "");
    assert_eq!(refused.at, Some(At::Value("{jose:alg}".to_owned())));

    // The payload in the token, where it belongs outside, even if it is the same.
    let refused = refusal(&detached(), &good, "{}");
    assert_eq!(refused.reason, malformed);
    assert_eq!(refused.at, Some(At::Header("x-token".parse().unwrap())));
}

/// The same token, but with a bit behind the last byte that is not zero.
fn unclean(token: &str) -> String {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut characters = token.chars();
    let last = characters.next_back().unwrap();
    let at = alphabet.find(last).unwrap();
    assert_eq!(at % 4, 0);
    let next = alphabet.chars().skip(at).nth(1).unwrap();
    format!("{}{next}", characters.as_str())
}

#[test]
fn claims_are_read_from_a_json_object_only() {
    let scheme = SchemeDefinition {
        check: vec![("{claim:a|default:1}".to_owned(), vec!["1".to_owned()])],
        ..definition("jws-hs256")
    };
    let keys = [Arc::new(mac_key(""))];
    let header = r#"{"alg":"HS256"}"#;
    for good in [r#"{"a":1}"#, r#"{"a":"1"}"#, "{}"] {
        let token = signed(header, good);
        assert!(verified(&scheme, &keys, &token, "", &mut Plenty).is_ok());
    }
    for bad in [
        "text",
        "[1]",
        "1",
        "{\"a\":1}x",
        r#"{"a":1,"a":1}"#,
        "\u{feff}{}",
        r#"{"a":{}}"#,
    ] {
        let refused = refusal(&scheme, &signed(header, bad), "");
        assert_eq!(refused.reason, Reason::ValueMalformed, "{bad}");
    }
    let encoded = URL_SAFE_NO_PAD.encode(header);
    let input = format!("{encoded}.e31");
    let token = format!("{input}.{}", mac(&input));
    let refused = refusal(&scheme, &token, "");
    assert_eq!(refused.reason, Reason::ValueMalformed);
}

/// Grants nothing.
struct NoMemory;

impl MemoryBudget for NoMemory {
    fn take(&mut self, _bytes: usize) -> Result<(), OutOfMemory> {
        Err(OutOfMemory)
    }

    fn give(&mut self, _bytes: usize) {}
}

#[test]
fn the_memory_for_a_long_payload_is_asked_for() {
    let keys = [Arc::new(mac_key(""))];
    let token = signed(r#"{"alg":"HS256"}"#, &"[".repeat(30_000));
    let plain = definition("jws-hs256");
    let starved = verified(&plain, &keys, &token, "", &mut NoMemory);
    assert!(matches!(starved, Err(VerifyError::OutOfMemory(_))));
    assert!(verified(&plain, &keys, &token, "", &mut Plenty).is_ok());
}
