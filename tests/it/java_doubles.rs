//! Numbers as Java prints them, compared with Java's own output.

use std::fs;

use countersign::verify::{Callback, Scheme, signed_text};
use http::HeaderMap;

/// The signed text for a body with this single field, in the candidate whose numbers were doubles.
fn printed(number: &str) -> String {
    // The text does not depend on the signature, but the field must be present.
    let body = format!("{{\"\":{number},\"sign\":\"AAAA\"}}");
    let headers = HeaderMap::new();
    let callback = Callback::new("POST", b"/", &headers, body.as_bytes());
    let scheme = Scheme::find_built_in("cheezeepay").unwrap();
    let texts = signed_text(scheme, callback).unwrap();
    // Those that are alike count once.
    assert!((1..=2).contains(&texts.len()), "{number}: {}", texts.len());
    assert_eq!(texts[0], format!("={number}").into_bytes());
    let text = String::from_utf8(texts[texts.len() - 1].clone()).unwrap();
    text.strip_prefix('=').unwrap().to_owned()
}

#[test]
fn numbers_are_printed_as_in_java() {
    let lines = fs::read_to_string("tests/vectors/java_doubles.tsv").unwrap();
    assert!(lines.lines().count() > 200);
    for line in lines.lines() {
        let (number, expected) = line.split_once('\t').unwrap();
        assert_eq!(printed(number), expected, "{number}");
    }
}

/// Java prints amounts below ten million with as many cents as needed, but at least one digit.
#[test]
fn amounts_of_money_lose_only_a_trailing_zero() {
    for cents in (0..30_000).chain(999_990_000..1_000_000_000) {
        let (whole, cents) = (cents / 100, cents % 100);
        let expected = if cents % 10 == 0 {
            format!("{whole}.{}", cents / 10)
        } else {
            format!("{whole}.{cents:02}")
        };
        assert_eq!(printed(&format!("{whole}.{cents:02}")), expected);
    }
}
