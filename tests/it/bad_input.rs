//! Every kind of bad input, with the reason and place that its rejection names.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::verify::{Callback, Key, KeySet, Scheme, VerifyPolicy, verify};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::cases::{self, Case, NOW};

/// A well-formed signature of the right length that no key made.
fn forged() -> String {
    STANDARD.encode([0x55; 256])
}

/// The verdict on a CheezeePay callback with this body.
fn body(body: &[u8]) -> String {
    let headers = HeaderMap::new();
    let callback = Callback::new("POST", b"/", &headers, body);
    verdict(&cases::policy("cheezeepay"), callback)
}

/// The verdict on a CheezeePay callback whose `sign` has this value, written as JSON.
fn sign(value: &str) -> String {
    body(format!("{{\"a\":1,\"sign\":{value}}}").as_bytes())
}

/// The verdict on a genuine SGate callback with changed headers.
fn headers(change: impl FnOnce(&mut HeaderMap)) -> String {
    let mut case = sgate();
    change(&mut case.headers);
    verdict(&cases::policy("sgate"), case.callback())
}

/// The verdict on a genuine SGate callback with another value in one header.
fn header(name: &'static str, value: impl AsRef<[u8]>) -> String {
    headers(|headers| {
        let value = HeaderValue::from_bytes(value.as_ref()).unwrap();
        headers.insert(HeaderName::from_static(name), value);
    })
}

fn sgate() -> Case {
    cases::of("sgate").remove(0)
}

fn verdict(policy: &VerifyPolicy, callback: Callback<'_>) -> String {
    verdict_at(policy, callback, NOW)
}

fn verdict_at(policy: &VerifyPolicy, callback: Callback<'_>, now: i64) -> String {
    match verify(policy, callback, now) {
        Ok(_) => "verified".to_owned(),
        Err(rejection) => rejection.to_string(),
    }
}

#[test]
fn bodies_that_are_not_json_objects_are_refused() {
    for (bad, expected) in [
        ("", "body_empty"),
        (" ", "json_invalid (body:1)"),
        ("a=1&sign=x", "json_invalid (body:0)"),
        ("<xml/>", "json_invalid (body:0)"),
        ("{\"a\":1", "json_invalid (body:6)"),
        ("{\"a\":01}", "json_invalid (body:6)"),
        ("{\"a\":1,}", "json_invalid (body:7)"),
        ("{'a':1}", "json_invalid (body:1)"),
        ("{\"a\":\"\n\"}", "json_invalid (body:6)"),
        ("{\"a\":NaN}", "json_invalid (body:5)"),
        ("{\"a\":1/**/}", "json_invalid (body:6)"),
        ("[]", "json_not_object"),
        ("[{\"sign\":\"AAAA\"}]", "json_not_object"),
        ("\"sign\"", "json_not_object"),
        ("1", "json_not_object"),
        ("null", "json_not_object"),
        ("\u{feff}{}", "json_byte_order_mark (body:0)"),
        ("{}\0", "json_trailing_bytes (body:2)"),
        ("{} {}", "json_trailing_bytes (body:3)"),
        ("{}}", "json_trailing_bytes (body:2)"),
        ("{\"a\":1}\nsign=x", "json_trailing_bytes (body:8)"),
        ("{\"a\":\"\\ud800\"}", "json_lone_surrogate (body:6)"),
        ("{\"a\":\"\\udc00\\ud800\"}", "json_lone_surrogate (body:6)"),
        ("{\"\\ud800x\":1}", "json_lone_surrogate (body:2)"),
    ] {
        assert_eq!(body(bad.as_bytes()), expected, "{bad}");
    }
    assert_eq!(body(b"{\"a\":\"\xff\"}"), "body_not_utf8 (body:6)");
    assert_eq!(body(b"\xff\xfe{\0}\0"), "body_not_utf8 (body:0)");
    // An overlong encoding of a slash, and one half of a surrogate pair encoded as UTF-8.
    assert_eq!(body(b"{\"a\":\"\xc0\xaf\"}"), "body_not_utf8 (body:6)");
    assert_eq!(body(b"{\"a\":\"\xed\xa0\x80\"}"), "body_not_utf8 (body:6)");
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| {
        let lists = depth - 1;
        let (open, close) = ("[".repeat(lists), "]".repeat(lists));
        format!("{{\"a\":{open}{close},\"sign\":\"{}\"}}", forged())
    };
    assert_eq!(body(nested(64).as_bytes()), "signature_mismatch");
    assert_eq!(body(nested(65).as_bytes()), "json_too_deep (body:68)");
    assert_eq!(body(nested(200).as_bytes()), "json_too_deep (body:68)");
    let bomb = "{\"a\":".repeat(100_000);
    assert_eq!(body(bomb.as_bytes()), "json_too_deep (body:320)");
}

#[test]
fn a_repeated_field_is_refused_at_any_depth() {
    let genuine = cases::of("cheezeepay").remove(0);
    let text = String::from_utf8(genuine.body).unwrap();
    assert_eq!(body(text.as_bytes()), "verified");
    for (extra, at) in [
        ("\"sign_type\":1", 2),
        ("\"sign_type\":null", 2),
        ("\"sign\":\"AAAA\"", 2),
        ("\"\\u0073ign\":\"AAAA\"", 2),
        ("\"x\":{\"y\":1,\"y\":1}", 13),
        ("\"x\":[[{\"y\":[],\"z\":0,\"y\":[]}]]", 22),
    ] {
        let doubled = format!("{{{extra},{}", &text[1..]);
        // A repeat within the addition is reported there, any other one in the genuine body.
        let at = if extra.starts_with("\"x\"") {
            at
        } else {
            let name = if extra.contains("type") {
                "sign_type\""
            } else {
                "sign\""
            };
            doubled.rfind(name).unwrap()
        };
        let expected = format!("field_repeated (body:{at})");
        assert_eq!(body(doubled.as_bytes()), expected, "{extra}");
    }
}

#[test]
fn malformed_signatures_are_refused() {
    assert_eq!(body(b"{}"), "signature_missing (field:sign)");
    assert_eq!(
        body(b"{\"Sign\":\"AAAA\"}"),
        "signature_missing (field:sign)"
    );
    assert_eq!(
        body(b"{\"data\":{\"sign\":\"AAAA\"}}"),
        "signature_missing (field:sign)"
    );
    let quoted = |signature: &str| format!("\"{signature}\"");
    for (value, expected) in [
        ("null", "signature_missing"),
        ("\"\"", "signature_missing"),
        ("1", "signature_malformed"),
        ("1.5", "signature_malformed"),
        ("true", "signature_malformed"),
        ("[]", "signature_malformed"),
        ("[\"AAAA\"]", "signature_malformed"),
        ("{\"sign\":\"AAAA\"}", "signature_malformed"),
        ("\" AAAA\"", "signature_malformed"),
        ("\"AAAA \"", "signature_malformed"),
        ("\"AA AA\"", "signature_malformed"),
        ("\"AAAA\\n\"", "signature_malformed"),
        ("\"AA\\r\\nAA\"", "signature_malformed"),
        ("\"AAA\"", "signature_malformed"),
        ("\"AA\"", "signature_malformed"),
        ("\"AA=\"", "signature_malformed"),
        ("\"AAA==\"", "signature_malformed"),
        ("\"AAAA=\"", "signature_malformed"),
        ("\"AAAA====\"", "signature_malformed"),
        ("\"=\"", "signature_malformed"),
        ("\"A===\"", "signature_malformed"),
        ("\"AB==\"", "signature_malformed"),
        ("\"AAB=\"", "signature_malformed"),
        ("\"AA-_\"", "signature_malformed"),
        ("\"AA\\u0000A\"", "signature_malformed"),
        ("\"\u{ff21}AAA\"", "signature_malformed"),
    ] {
        assert_eq!(sign(value), format!("{expected} (field:sign)"), "{value}");
    }
    for (length, expected) in [
        (1, "signature_wrong_length"),
        (128, "signature_wrong_length"),
        (255, "signature_wrong_length"),
        (256, "signature_mismatch"),
        (257, "signature_wrong_length"),
        (512, "signature_wrong_length"),
        (3072, "signature_wrong_length"),
        (3073, "signature_too_long (field:sign)"),
        (1 << 20, "signature_too_long (field:sign)"),
    ] {
        let value = quoted(&STANDARD.encode(vec![1; length]));
        assert_eq!(sign(&value), expected, "{length}");
    }
}

/// Each case is another encoding of the same bytes as a genuine signature.
#[test]
fn a_signature_is_accepted_in_one_encoding_only() {
    let case = cases::published().pay_in;
    let text = String::from_utf8(case.body.clone()).unwrap();
    let key = Key::decode("p", cases::published().cheezeepay_key.as_bytes()).unwrap();
    let policy = cases::policy_with("cheezeepay", key);
    let with = |from: &str, to: &str| {
        assert!(text.contains(from));
        let body = text.replacen(from, to, 1);
        let mut callback = case.callback();
        callback.body = body.as_bytes();
        verdict(&policy, callback)
    };
    assert_eq!(with("AAg==", "AAg=="), "verified");
    assert_eq!(with("AAg==", "\\u0041Ag=="), "verified");
    for other in [
        "AAg", "AAg=", "AAg== ", "AAg==\\n", "AAh==", "AAo==", "A Ag==",
    ] {
        let expected = "signature_malformed (field:sign)";
        assert_eq!(with("AAg==", other), expected, "{other}");
    }
    assert_eq!(with("/", "_"), "signature_malformed (field:sign)");
    assert_eq!(with("+", "-"), "signature_malformed (field:sign)");
    assert_eq!(with("+", " "), "signature_malformed (field:sign)");
    assert_eq!(with("+", "%2B"), "signature_malformed (field:sign)");
}

#[test]
fn each_required_header_must_occur_once_with_a_value() {
    assert_eq!(headers(|_| {}), "verified");
    for (name, role) in [
        ("v-signature", "signature"),
        ("v-api-key", "key_id"),
        ("v-timestamp", "timestamp"),
        ("v-nonce-str", "nonce"),
    ] {
        let expected = |what: &str| format!("{role}_{what} (header:{name})");
        assert_eq!(
            headers(|headers| drop(headers.remove(name))),
            expected("missing")
        );
        assert_eq!(header(name, ""), expected("missing"));
        for second in ["", "x"] {
            let doubled = headers(|headers| {
                headers.append(name, HeaderValue::from_static(second));
            });
            assert_eq!(doubled, expected("repeated"), "{second}");
        }
        let same_twice = headers(|headers| {
            let value = headers[name].clone();
            headers.append(name, value);
        });
        assert_eq!(same_twice, expected("repeated"));
        assert_eq!(header(name, b"\xff"), expected("malformed"));
    }
    // This header is not signed, so it may have any value.
    let version = "v-api-version";
    assert_eq!(headers(|headers| drop(headers.remove(version))), "verified");
    assert_eq!(header(version, b"\xff"), "verified");
    let doubled = headers(|headers| {
        headers.append(version, HeaderValue::from_static("2"));
    });
    assert_eq!(doubled, "verified");
}

/// These headers are not signed, but they decide how a backend parses the signed body.
#[test]
fn content_types_that_change_the_meaning_of_the_body_are_refused() {
    for (name, value, expected) in [
        (
            "content-encoding",
            "gzip",
            "content_encoded (header:content-encoding)",
        ),
        ("content-encoding", "identity", "verified"),
        ("content-type", "application/json", "verified"),
        (
            "content-type",
            "application/json; charset=utf-8",
            "verified",
        ),
        (
            "content-type",
            "application/json; charset=utf-7",
            "content_type_ambiguous (header:content-type)",
        ),
        // SGate signs the raw bytes, but they are JSON, from which the event is read.
        (
            "content-type",
            "application/x-www-form-urlencoded",
            "content_type_not_json (header:content-type)",
        ),
        ("content-type", "text/plain", "verified"),
    ] {
        assert_eq!(header(name, value), expected, "{name}: {value}");
    }
    let case = cases::of("cheezeepay").remove(0);
    let policy = cases::policy("cheezeepay");
    for (value, expected) in [
        ("application/json", "verified"),
        (
            "application/x-www-form-urlencoded",
            "content_type_not_json (header:content-type)",
        ),
        (
            "multipart/form-data; boundary=x",
            "content_type_not_json (header:content-type)",
        ),
        ("", "content_type_not_json (header:content-type)"),
    ] {
        let mut case = case.clone();
        case.headers
            .insert("content-type", HeaderValue::from_static(value));
        assert_eq!(verdict(&policy, case.callback()), expected, "{value}");
    }
}

#[test]
fn a_signature_in_a_header_is_strict_base64() {
    let genuine = sgate().headers["v-signature"].clone();
    let genuine = genuine.to_str().unwrap();
    assert_eq!(header("v-signature", genuine), "verified");
    assert!(genuine.ends_with("==") && genuine.contains('/'));
    for bad in [
        format!(" {genuine}"),
        format!("{genuine} "),
        format!("\"{genuine}\""),
        format!("{genuine},{genuine}"),
        genuine.replace('/', "_"),
        genuine.replace('=', ""),
        genuine.replace("==", "="),
        format!("{} {}", &genuine[..64], &genuine[64..]),
        "*".to_owned(),
        hex(&STANDARD.decode(genuine).unwrap()),
    ] {
        let expected = match bad.len() {
            // The hexadecimal form also happens to be valid base64, of other bytes.
            512 => "signature_wrong_length",
            _ => "signature_malformed (header:v-signature)",
        };
        assert_eq!(header("v-signature", &bad), expected, "{bad}");
    }
    assert_eq!(
        header("v-signature", "A".repeat(4097)),
        "signature_too_long (header:v-signature)"
    );
    assert_eq!(
        header("v-signature", "A".repeat(4096)),
        "signature_wrong_length"
    );
    assert_eq!(header("v-signature", forged()), "signature_mismatch");
}

/// Unauthenticated input must cost no more than a look at its headers, however large its body is.
#[test]
fn a_signature_in_a_header_and_its_key_are_checked_before_the_body_is_read() {
    let mut case = sgate();
    let verdict_of = |case: &Case| verdict(&cases::policy("sgate"), case.callback());
    // Building the signed text finds this error; parsing the JSON finds the next one.
    case.body = b"\xff".to_vec();
    assert_eq!(verdict_of(&case), "body_not_utf8 (body:0)");
    let mut read = cases::policy("sgate");
    let mut definition = read.scheme.definition().clone();
    definition.nonce = Some("{field:nonce}".to_owned());
    read.scheme = Arc::new(Scheme::compile("sgate", definition).unwrap());
    case.body = b"{".to_vec();
    assert_eq!(verdict(&read, case.callback()), "json_invalid (body:1)");
    for body in [b"\xff", b"{"] {
        case.body = body.to_vec();
        for (signature, expected) in [
            ("AAAA", "signature_wrong_length"),
            ("*", "signature_malformed (header:v-signature)"),
        ] {
            let value = HeaderValue::from_static(signature);
            case.headers.insert("v-signature", value);
            assert_eq!(verdict_of(&case), expected);
            assert_eq!(verdict(&read, case.callback()), expected);
        }
        case.headers.remove("v-signature");
        let expected = "signature_missing (header:v-signature)";
        assert_eq!(verdict(&read, case.callback()), expected);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_timestamp_has_one_spelling() {
    let genuine = sgate().headers["v-timestamp"].clone();
    let genuine = genuine.to_str().unwrap();
    for bad in [
        "x".to_owned(),
        format!("+{genuine}"),
        format!("-{genuine}"),
        format!("0{genuine}"),
        format!(" {genuine}"),
        format!("{genuine} "),
        format!("{genuine}.0"),
        format!("{genuine}e0"),
        format!("{genuine},{genuine}"),
        "00".to_owned(),
        "0x10".to_owned(),
        "1_000".to_owned(),
        "-0".to_owned(),
        // Digits outside ASCII.
        "\u{661}\u{662}".to_owned(),
        // The maximum plus one, and twenty digits.
        "9223372036854775808".to_owned(),
        "10000000000000000000".to_owned(),
        "2023-06-15T12:00:00Z".to_owned(),
    ] {
        let expected = "timestamp_malformed (header:v-timestamp)";
        assert_eq!(header("v-timestamp", &bad), expected, "{bad}");
    }
    // Well-formed values, so only the signature check rejects them.
    for other in ["0", "9", "1686831995", "9223372036854775807"] {
        assert_eq!(header("v-timestamp", other), "signature_mismatch");
    }
}

#[test]
fn a_nonce_has_at_most_128_characters() {
    let too_long = "nonce_too_long (header:v-nonce-str)";
    for character in ["a", "é", "客", "😀"] {
        let nonce = |length| header("v-nonce-str", character.repeat(length));
        assert_eq!(nonce(128), "signature_mismatch", "{character}");
        assert_eq!(nonce(129), too_long, "{character}");
        assert_eq!(nonce(4000), too_long, "{character}");
    }
    let malformed = "nonce_malformed (header:v-nonce-str)";
    assert_eq!(header("v-nonce-str", b"abc\xe9"), malformed);
}

#[test]
fn text_that_sgate_signs_must_be_utf_8() {
    let policy = cases::policy("sgate");
    let mut case = sgate();
    case.body[7] = 0xff;
    assert_eq!(verdict(&policy, case.callback()), "body_not_utf8 (body:7)");
    let case = sgate();
    let mut callback = case.callback();
    callback.target = b"/cb\xff";
    assert_eq!(verdict(&policy, callback), "target_malformed");
    // A body that is not valid JSON may still be signed.
    for body in [&b""[..], b"[]", b"{\"a\":1,\"a\":2}", b"\xef\xbb\xbf{}"] {
        let mut callback = case.callback();
        callback.body = body;
        assert_eq!(verdict(&policy, callback), "signature_mismatch");
    }
    for method in ["GET", "post", "PUT", ""] {
        let mut callback = case.callback();
        callback.method = method;
        assert_eq!(verdict(&policy, callback), "signature_mismatch", "{method}");
    }
}

#[test]
fn a_key_is_selected_by_the_exact_header_value() {
    let case = sgate();
    let id = case.headers["v-api-key"].to_str().unwrap().to_owned();
    let key = std::fs::read(cases::key_file("sgate")).unwrap();
    let key = Arc::new(Key::decode("merchant", &key).unwrap());
    let other = std::fs::read(cases::key_file("cheezeepay")).unwrap();
    let other = Arc::new(Key::decode("other", &other).unwrap());
    let mut policy = cases::policy("sgate");
    policy.keys = KeySet::ByHeader {
        header: HeaderName::from_static("v-api-key"),
        sets: BTreeMap::from([
            (id.clone(), vec![Arc::clone(&other), key]),
            ("mk_other".to_owned(), vec![other]),
            ("mk_none".to_owned(), vec![]),
        ]),
    };
    let with = |value: &str| {
        let mut case = case.clone();
        case.headers
            .insert("v-api-key", HeaderValue::try_from(value).unwrap());
        verdict(&policy, case.callback())
    };
    let verified = verify(&policy, case.callback(), NOW).unwrap();
    assert_eq!(verified.key().id(), "merchant");
    for stranger in [
        id.to_uppercase(),
        format!("{id} "),
        format!(" {id}"),
        id[1..].to_owned(),
        format!("{id}0"),
        "mk_stranger".to_owned(),
        "*".to_owned(),
    ] {
        assert_eq!(with(&stranger), "key_unknown (header:v-api-key)");
    }
    assert_eq!(with("mk_other"), "signature_mismatch");
    assert_eq!(with("mk_none"), "key_unknown");
}

#[test]
fn a_timestamp_may_differ_from_now_by_the_routes_max_age() {
    let case = sgate();
    let signed: i64 = case.headers["v-timestamp"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    let at = |max_age: u64, offset: i64| {
        let policy = cases::policy("sgate").with_max_age(Some(Duration::from_secs(max_age)));
        verdict_at(&policy, case.callback(), signed + offset)
    };
    for (max_age, offset, expected) in [
        (300, 0, "verified"),
        (300, 300, "verified"),
        (300, 301, "timestamp_stale"),
        (300, -300, "verified"),
        (300, -301, "timestamp_future"),
        (300, 100_000_000, "timestamp_stale"),
        (300, -signed, "timestamp_future"),
        (0, 0, "verified"),
        (0, 1, "timestamp_stale"),
        (0, -1, "timestamp_future"),
    ] {
        assert_eq!(at(max_age, offset), expected, "{max_age} {offset}");
    }
    let forever = cases::policy("sgate");
    assert_eq!(verdict_at(&forever, case.callback(), i64::MAX), "verified");
    // The verdict on a forgery reveals nothing about the clock.
    let mut forgery = case.clone();
    forgery.body.push(b' ');
    let strict = cases::policy("sgate").with_max_age(Some(Duration::from_secs(1)));
    assert_eq!(verdict(&strict, forgery.callback()), "signature_mismatch");
}
