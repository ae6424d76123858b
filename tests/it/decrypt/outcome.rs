//! The result for values that decrypt and for those that do not.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use countersign::decrypt::{
    Cipher, ContentKind, DecryptFailure, DecryptPolicy, HeaderPath, OnDecryptFailure, Output, Path,
    Rule,
};
use countersign::verify::KeySet;

use super::{Keys, decrypt, policy, text};
use crate::support::encrypter::{self, Plain};

/// Texts that PHP encrypted for the merchant: "secret-0" to "secret-3", a text of two blocks, bytes
/// that are not text, and the empty text. The last text is encrypted for a stranger.
fn secrets() -> &'static [String] {
    static SECRETS: OnceLock<Vec<String>> = OnceLock::new();
    SECRETS.get_or_init(|| {
        let texts = [
            b"secret-0".to_vec(),
            b"secret-1".to_vec(),
            b"secret-2".to_vec(),
            b"secret-3".to_vec(),
            b"two blocks ".repeat(30),
            vec![0xff; 20],
        ];
        let plain = texts.map(|text| Plain {
            cipher: "OPENSSL_PKCS1_PADDING",
            text,
            ..Plain::default()
        });
        let mut all = encrypter::php(&Keys::get().public_file("merchant"), &plain);
        all.extend(encrypter::php(
            &Keys::get().public_file("stranger"),
            &plain[..1],
        ));
        all
    })
}

fn merchant(rule: Rule) -> DecryptPolicy {
    policy(rule, vec![Keys::get().private("merchant")])
}

fn with_paths(paths: &[&str]) -> Rule {
    let paths = paths.iter().map(|path| Path::parse(path).unwrap());
    Rule::new("test", Cipher::RsaPkcs1v15, paths.collect())
}

#[test]
fn values_are_decrypted_once_however_many_paths_lead_to_them() {
    let [a, b, ..] = secrets() else {
        unreachable!()
    };
    let body = format!(
        " {{\"data\":{{\"a\":\"{a}\",\"n\":[1.0,{{\"a\":\"{b}\"}}],\"é\":\"\\u00e9\"}}}}\r\n"
    );
    let mut policy = merchant(with_paths(&[
        "$..a",
        "$.data..a",
        "/data/a",
        "$.data.*",
        "$..*",
    ]));
    // Only two blocks may be decrypted.
    policy.max_operations = 2;
    let clear = decrypt(body.clone(), &policy).unwrap();
    assert_eq!(clear.decrypted().known(), ["/data/a", "/data/n/1/a"]);
    let expected = body.replace(a, "secret-0").replace(b, "secret-1");
    assert_eq!(text(&clear), expected);
    // `$..*` also matches lists, objects, numbers and a text that is not a ciphertext.
    assert_eq!(clear.failed().count(), 5);
    assert_eq!(clear.first_failure(), Some(DecryptFailure::NotText));
}

#[test]
fn empty_values_stay_empty() {
    for body in [r#"{"a":""}"#, r#"{"a":null}"#, r#"{"b":"x"}"#, "{}"] {
        let clear = decrypt(body, &merchant(with_paths(&["$..a"]))).unwrap();
        assert!(clear.body().is_none(), "{body}");
        assert_eq!((clear.decrypted().count(), clear.failed().count()), (0, 0));
    }
}

#[test]
fn why_a_value_is_not_decrypted() {
    let [a, .., two, bytes, strangers] = secrets() else {
        unreachable!()
    };
    let cut = &a[..a.len() / 2 / 4 * 4];
    let many = "AAAA".repeat(5950);
    for (value, failure) in [
        ("17".to_owned(), DecryptFailure::NotText),
        ("[]".to_owned(), DecryptFailure::NotText),
        ("{}".to_owned(), DecryptFailure::NotText),
        ("true".to_owned(), DecryptFailure::NotText),
        ("\"no base64!\"".to_owned(), DecryptFailure::NotEncoded),
        (format!("\"{a} \""), DecryptFailure::NotEncoded),
        (format!("\"{cut}\""), DecryptFailure::WrongLength),
        ("\"AAAA\"".to_owned(), DecryptFailure::WrongLength),
        (format!("\"{many}\""), DecryptFailure::WrongLength),
        (format!("\"{strangers}\""), DecryptFailure::NotDecrypted),
        // Decrypts, but not to text.
        (format!("\"{bytes}\""), DecryptFailure::NotDecrypted),
        // The second of two blocks is not a ciphertext.
        (
            format!("\"{}\"", joined(a, &"A".repeat(344))),
            DecryptFailure::NotDecrypted,
        ),
    ] {
        let body = format!("{{\"a\":{value}}}");
        let clear = decrypt(body.clone(), &merchant(with_paths(&["a"]))).unwrap();
        assert_eq!(clear.first_failure(), Some(failure), "{value}");
        assert!(clear.body().is_none());
        assert_eq!(clear.failed().known(), ["/a"]);

        let mut refusing = with_paths(&["a"]);
        refusing.on_failure = OnDecryptFailure::Reject;
        let refused = decrypt(body, &merchant(refusing)).unwrap_err();
        assert_eq!(
            (refused.at.as_deref(), refused.failure),
            (Some("/a"), failure)
        );
    }
    let mut bounded = merchant(with_paths(&["a"]));
    bounded.max_operations = 1;
    let clear = decrypt(format!("{{\"a\":\"{two}\"}}"), &bounded).unwrap();
    assert_eq!(clear.first_failure(), Some(DecryptFailure::TooMany));
}

/// Base64 of the concatenated bytes of both.
fn joined(a: &str, b: &str) -> String {
    use base64::Engine as _;
    let standard = &base64::engine::general_purpose::STANDARD;
    let lenient = base64::engine::GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        base64::engine::GeneralPurposeConfig::new()
            .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let mut bytes = standard.decode(a).unwrap();
    bytes.extend(&lenient.decode(b).unwrap()[..256]);
    standard.encode(bytes)
}

#[test]
fn several_keys_and_keys_by_header() {
    let [a, .., strangers] = secrets() else {
        unreachable!()
    };
    let (merchant, stranger) = (
        Keys::get().private("merchant"),
        Keys::get().private("stranger"),
    );
    let body = format!("{{\"a\":\"{a}\",\"b\":\"{strangers}\"}}");
    let both = policy(
        with_paths(&["a", "b"]),
        vec![Arc::clone(&merchant), Arc::clone(&stranger)],
    );
    assert_eq!(
        text(&decrypt(body.clone(), &both).unwrap()),
        "{\"a\":\"secret-0\",\"b\":\"secret-0\"}"
    );
    for (value, expected) in [("mk", ["/a"]), ("mk_other", ["/b"])] {
        let sets = BTreeMap::from([
            (value.to_owned(), vec![Arc::clone(&merchant)]),
            ("unused".to_owned(), vec![Arc::clone(&stranger)]),
        ]);
        let header = "merchant".parse().unwrap();
        let mut by_header = policy(with_paths(&["a", "b"]), Vec::new());
        by_header.keys = KeySet::ByHeader { header, sets };
        let clear = decrypt(body.clone(), &by_header).unwrap();
        if value == "mk" {
            assert_eq!(clear.decrypted().known(), expected);
            assert_eq!(clear.failed().known(), ["/b"]);
        } else {
            assert_eq!(clear.first_failure(), Some(DecryptFailure::NoKey));
            assert_eq!(clear.failed().known(), ["/a", "/b"]);
        }
    }
}

#[test]
fn beside_and_in_headers() {
    let [a, b, ..] = secrets() else {
        unreachable!()
    };
    let mut rule = with_paths(&["$..a"]);
    rule.output = Output::Beside("_clear".into());
    rule.headers = vec![
        HeaderPath::new("X-A", Path::parse("/d/a").unwrap()),
        HeaderPath::new("X-B", Path::parse("b").unwrap()),
    ];
    let body = format!("{{\"d\":{{\"\\u0061\":\"{a}\"}},\"b\":\"{b}\"}}");
    let clear = decrypt(body, &merchant(rule.clone())).unwrap();
    let expected =
        format!("{{\"d\":{{\"\\u0061\":\"{a}\",\"\\u0061_clear\":\"secret-0\"}},\"b\":\"{b}\"}}");
    assert_eq!(text(&clear), expected);
    let headers: Vec<_> = clear
        .headers()
        .iter()
        .map(|header| (header.name.as_str(), header.value.as_str()))
        .collect();
    assert_eq!(headers, [("X-A", "secret-0"), ("X-B", "secret-1")]);

    // If the name already exists, in any case, it would occur twice.
    for taken in ["a_clear", "A_Clear", "\\u0061_CLEAR"] {
        let body = format!("{{\"d\":{{\"a\":\"{a}\",\"{taken}\":1}}}}");
        let clear = decrypt(body, &merchant(rule.clone())).unwrap();
        assert_eq!(clear.first_failure(), Some(DecryptFailure::NameTaken));
        assert!(clear.body().is_none() && clear.headers().is_empty());
    }
    // A list has no place for a name, and a header cannot hold several values.
    let mut several = with_paths(&[]);
    several.headers = vec![HeaderPath::new("X-A", Path::parse("$..a").unwrap())];
    let body = format!("{{\"a\":\"{a}\",\"d\":{{\"a\":\"{b}\"}}}}");
    let clear = decrypt(body, &merchant(several)).unwrap();
    assert_eq!(clear.failed().known(), ["/a", "/d/a"]);
    assert_eq!(clear.first_failure(), Some(DecryptFailure::Several));
    assert!(clear.headers().is_empty());
}

#[test]
fn a_header_with_clear_text_has_a_bounded_length() {
    let [.., two, _, _] = secrets() else {
        unreachable!()
    };
    let mut rule = with_paths(&["a"]);
    rule.headers = vec![HeaderPath::new("X-A", Path::parse("a").unwrap())];
    let mut policy = merchant(rule);
    policy.max_header = 329;
    let clear = decrypt(format!("{{\"a\":\"{two}\"}}"), &policy).unwrap();
    assert_eq!(clear.first_failure(), Some(DecryptFailure::TooLong));
    assert!(clear.body().is_none());
}

#[test]
fn decrypted_bytes_are_passed_on_as_base64() {
    let [.., bytes, _] = secrets() else {
        unreachable!()
    };
    let mut rule = with_paths(&["a"]);
    rule.content = ContentKind::Binary;
    let clear = decrypt(format!("{{\"a\":\"{bytes}\"}}"), &merchant(rule)).unwrap();
    assert_eq!(text(&clear), "{\"a\":\"//////////////////////////8=\"}");
}

#[test]
fn a_body_that_parsers_read_differently_is_left_as_it_is() {
    let [a, ..] = secrets() else { unreachable!() };
    for body in [
        format!("{{\"a\":\"{a}\",\"a\":\"{a}\"}}"),
        format!("{{\"a\":\"{a}\"}} x"),
        format!("[\"{a}\"]"),
        "no json".to_owned(),
    ] {
        let clear = decrypt(body, &merchant(with_paths(&["$..a"]))).unwrap();
        assert!(clear.body().is_none());
        assert_eq!(
            (clear.failed().count(), clear.failed().known().len()),
            (1, 0)
        );
        assert_eq!(clear.first_failure(), Some(DecryptFailure::Unread));
    }
}

#[test]
fn the_number_of_values_of_one_callback_is_bounded() {
    let body = format!("{{\"a\":[{}0]}}", "\"AAAA\",".repeat(3000));
    let clear = decrypt(body, &merchant(with_paths(&["$.a[*]"]))).unwrap();
    assert_eq!(clear.failed().count(), 3001);
    assert_eq!(clear.failed().known().len(), 1024);
}

#[test]
fn nothing_of_the_clear_text_is_printed() {
    let [a, ..] = secrets() else { unreachable!() };
    let mut rule = with_paths(&["a"]);
    rule.headers = vec![HeaderPath::new("X-A", Path::parse("a").unwrap())];
    let clear = decrypt(format!("{{\"a\":\"{a}\"}}"), &merchant(rule)).unwrap();
    for shown in [format!("{clear:?}"), format!("{:?}", clear.headers())] {
        assert!(!shown.contains("secret"), "{shown}");
    }
}
