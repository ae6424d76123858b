//! The strict reader accepts a subset of what `serde_json` accepts, and sees the same values.

use std::collections::BTreeMap;

use countersign::verify::json::{JsonErrorKind, JsonKind, JsonValue, parse};
use serde_json::Value as Other;

use super::cases;
use super::random::Random;

/// Documents to start from, in addition to the vectors' bodies.
const HANDWRITTEN: &[&str] = &[
    "{}",
    "[]",
    "null",
    " true ",
    "\"\"",
    "-0",
    "[0,-0,0.0,-0.0,1,-1,1.5,1e5,1E+5,1e-5,123456789012345678901234567890]",
    "[18446744073709551615,18446744073709551616,-9223372036854775808,-9223372036854775809]",
    "[1.7976931348623157e308,5e-324,2.2250738585072011e-308,0.1,1e400]",
    r#"{"a":1,"A":2,"a ":3,"":4,"é":5,"e\u0301":6}"#,
    r#"{"a":{"a":{"a":[{"a":1},{"a":2}]}}}"#,
    r#"["\"\\\/\b\f\n\r\t","\u0000\u001f\u00e9\u5ba2\ud83d\ude00\uffff"]"#,
    "[\"\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}\"]",
    "\t{ \"a\"\n:\r[ 1 , 2 ] , \"b\" : { } } ",
    r#"{"k1":1,"k2":2,"k3":3,"k4":4,"k5":5,"k6":6,"k7":7,"k8":8,"k9":9,"k10":10,"k11":11,"k12":12,"k13":13,"k14":14,"k15":15,"k16":16,"k17":17,"k18":18}"#,
];

/// Pieces that mutations insert.
const PIECES: &[&str] = &[
    "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u", "\\ud83d", "\\ude00", "\\u0061", "\\n", "0",
    "1", "-", "+", ".", "e", "E", "9e9", "null", "true", "false", " ", "\n", "\t", "\r", "\0",
    "\u{b}", "\u{a0}", "\u{feff}", "é", "\"a\":1,", ",\"a\":1", "{\"a\":[", "]}", "//", "/*", "'",
    "NaN", "Infinity", "0x", "00", "1.", ".5", "\u{2028}",
];

/// How many documents had which result.
#[derive(Debug, Default)]
struct Tally {
    accepted: usize,
    refused_by_both: usize,
    /// Documents that only the strict reader rejects, by reason.
    refused: BTreeMap<String, usize>,
    /// Numbers out of range for `serde_json`; the strict reader keeps numbers as written.
    out_of_range: usize,
}

impl Tally {
    fn compare(&mut self, text: &[u8]) {
        let shown = String::from_utf8_lossy(text);
        match (parse(text), serde_json::from_slice::<Other>(text)) {
            (Ok(document), Ok(other)) => {
                assert_same(document.root(), &other, &shown);
                self.accepted += 1;
            }
            (Ok(_), Err(error)) => {
                let range = error.to_string().starts_with("number out of range");
                assert!(range, "accepted, though {error}: {shown}");
                self.out_of_range += 1;
            }
            (Err(error), Ok(_)) => {
                // `serde_json` also rejects lone surrogates and byte-order marks.
                let allowed = [JsonErrorKind::RepeatedName, JsonErrorKind::TooDeep];
                assert!(allowed.contains(&error.kind), "{error:?}: {shown}");
                assert!(error.at <= text.len());
                *self.refused.entry(format!("{:?}", error.kind)).or_default() += 1;
            }
            (Err(error), Err(_)) => {
                assert!(error.at <= text.len());
                self.refused_by_both += 1;
            }
        }
    }

    fn refused(&self, kind: JsonErrorKind) -> usize {
        let count = self.refused.get(&format!("{kind:?}"));
        count.copied().unwrap_or_default()
    }
}

fn assert_same(value: JsonValue<'_, '_>, other: &Other, text: &str) {
    match other {
        Other::Null => assert_eq!((value.kind(), value.source()), (JsonKind::Null, "null")),
        Other::Bool(word) => {
            assert_eq!(value.kind(), JsonKind::Bool);
            assert_eq!(value.source(), word.to_string());
        }
        Other::Number(number) => {
            let source = value.source();
            let fraction = source.contains(['.', 'e', 'E']);
            assert_eq!(value.kind(), JsonKind::Number { fraction }, "{text}");
            let whole = number.as_i128().map(|number| number.to_string());
            if let Some(whole) = whole {
                assert_eq!(source, whole, "{text}");
            } else {
                let (ours, theirs) = (source.parse().unwrap(), number.as_f64().unwrap());
                assert!(nearly_same(ours, theirs), "{source} {theirs}: {text}");
            }
        }
        Other::String(string) => {
            assert!(matches!(value.kind(), JsonKind::String { .. }), "{text}");
            assert_eq!(value.as_str().unwrap(), string.as_str(), "{text}");
        }
        Other::Array(list) => {
            assert_eq!(value.kind(), JsonKind::Array);
            assert_eq!(value.members().count(), list.len(), "{text}");
            for (nth, ((name, member), other)) in value.members().zip(list).enumerate() {
                assert_eq!(name, "");
                assert_eq!(value.at(nth).unwrap().source(), member.source());
                assert_same(member, other, text);
            }
        }
        Other::Object(members) => {
            assert_eq!(value.kind(), JsonKind::Object);
            assert_eq!(value.members().count(), members.len(), "{text}");
            for ((name, member), (other_name, other)) in value.members().zip(members) {
                assert_eq!(name, other_name.as_str(), "{text}");
                assert_eq!(value.get(&name).unwrap().source(), member.source());
                assert_same(member, other, text);
            }
        }
    }
    let empty = match other {
        Other::Null => true,
        Other::Bool(_) | Other::Number(_) => false,
        Other::String(string) => string.is_empty(),
        Other::Array(list) => list.is_empty(),
        Other::Object(members) => members.is_empty(),
    };
    assert_eq!(value.is_empty(), empty, "{text}");
}

/// Without its feature `float_roundtrip`, `serde_json` may be a few units off the nearest double.
fn nearly_same(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= 4.0 * f64::EPSILON * a.abs().max(b.abs()) || (a - b).abs() < 1e-300
}

/// The handwritten documents and the vectors' bodies.
fn originals() -> Vec<Vec<u8>> {
    let handwritten = HANDWRITTEN.iter().map(|text| text.as_bytes().to_vec());
    let bodies = cases::all().into_iter().map(|case| case.body);
    handwritten.chain(bodies).collect()
}

#[test]
fn parsers_agree_on_accepted_documents() {
    let mut tally = Tally::default();
    for text in originals() {
        tally.compare(&text);
    }
    assert_eq!(tally.accepted + tally.out_of_range, 80 + HANDWRITTEN.len());
    assert_eq!(tally.out_of_range, 1);
}

#[test]
fn parsers_agree_on_mutations_or_they_are_refused() {
    let originals = originals();
    let mut random = Random::new(1);
    let mut tally = Tally::default();
    for _ in 0..200_000 {
        let mut text = random.pick(&originals).clone();
        for _ in 0..=random.below(3) {
            mutate(&mut text, &originals, &mut random);
        }
        tally.compare(&text);
    }
    assert!(tally.accepted > 50_000, "{tally:?}");
    assert!(tally.refused_by_both > 50_000, "{tally:?}");
    assert!(tally.refused(JsonErrorKind::RepeatedName) > 50, "{tally:?}");
}

fn mutate(text: &mut Vec<u8>, originals: &[Vec<u8>], random: &mut Random) {
    let from = random.below(text.len() + 1);
    let to = from + random.below(text.len() - from + 1).min(random.below(12));
    match random.below(6) {
        0 => {
            if let Some(byte) = text.get_mut(from) {
                *byte ^= 1 << random.below(8);
            }
        }
        1 => drop(text.drain(from..to)),
        2 => {
            let copy = text[from..to].to_vec();
            let at = random.below(text.len() + 1);
            drop(text.splice(at..at, copy));
        }
        3 => {
            let other = random.pick(originals);
            let start = random.below(other.len() + 1);
            let end = (start + random.below(24)).min(other.len());
            drop(text.splice(from..to, other[start..end].iter().copied()));
        }
        _ => drop(text.splice(from..from, random.pick(PIECES).bytes())),
    }
}

#[test]
fn parsers_agree_on_generated_documents_without_repeated_names() {
    let mut random = Random::new(2);
    let mut tally = Tally::default();
    for _ in 0..20_000 {
        let mut text = String::new();
        generate(&mut text, 4, &mut random);
        tally.compare(text.as_bytes());
    }
    assert!(tally.accepted > 10_000, "{tally:?}");
    assert_eq!(tally.refused_by_both, 0, "{tally:?}");
    assert!(
        tally.refused(JsonErrorKind::RepeatedName) > 500,
        "{tally:?}"
    );
    assert_eq!(tally.refused.len(), 1, "{tally:?}");
}

#[test]
fn parsers_agree_on_deep_documents_up_to_the_limit() {
    let mut tally = Tally::default();
    for depth in 1..120 {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        tally.compare(format!("{open}{close}").as_bytes());
        let (open, close) = ("{\"a\":".repeat(depth), "}".repeat(depth));
        tally.compare(format!("{open}1{close}").as_bytes());
    }
    assert_eq!(tally.accepted, 2 * 64);
    assert_eq!(tally.refused(JsonErrorKind::TooDeep), 2 * (119 - 64));
}

/// Writes valid JSON, except that names may repeat.
fn generate(out: &mut String, depth: usize, random: &mut Random) {
    space(out, random);
    match random.below(if depth == 0 { 5 } else { 8 }) {
        0 => one_of(out, random, &["null", "true", "false"]),
        1 | 2 => number(out, random),
        3 | 4 => string(out, random),
        5 => {
            out.push('[');
            for nth in 0..random.below(5) {
                out.push_str(if nth > 0 { "," } else { "" });
                generate(out, depth - 1, random);
            }
            space(out, random);
            out.push(']');
        }
        _ => {
            out.push('{');
            let most = if random.below(20) == 0 { 40 } else { 5 };
            for nth in 0..random.below(most) {
                out.push_str(if nth > 0 { "," } else { "" });
                space(out, random);
                string(out, random);
                space(out, random);
                out.push(':');
                generate(out, depth - 1, random);
            }
            space(out, random);
            out.push('}');
        }
    }
    space(out, random);
}

fn one_of(out: &mut String, random: &mut Random, pieces: &[&str]) {
    let piece: &&str = random.pick(pieces);
    out.push_str(piece);
}

fn space(out: &mut String, random: &mut Random) {
    while random.below(4) == 0 {
        one_of(out, random, &[" ", "\t", "\n", "\r"]);
    }
}

fn number(out: &mut String, random: &mut Random) {
    let digits = |out: &mut String, most: usize, random: &mut Random| {
        for _ in 0..=random.below(most) {
            one_of(out, random, &["0", "1", "2", "5", "7", "9"]);
        }
    };
    one_of(out, random, &["", "-"]);
    if random.below(3) == 0 {
        out.push('0');
    } else {
        one_of(out, random, &["1", "4", "9"]);
        digits(out, 24, random);
    }
    if random.below(3) == 0 {
        out.push('.');
        digits(out, 20, random);
    }
    if random.below(4) == 0 {
        one_of(out, random, &["e", "E", "e+", "E-", "e-"]);
        digits(out, 2, random);
    }
}

fn string(out: &mut String, random: &mut Random) {
    out.push('"');
    for _ in 0..random.below(6) {
        one_of(
            out,
            random,
            &[
                "a",
                "b",
                "c",
                "é",
                "客",
                "😀",
                "/",
                "\u{7f}",
                "\u{2028}",
                "\u{feff}",
                "\\\"",
                "\\\\",
                "\\/",
                "\\b",
                "\\f",
                "\\n",
                "\\r",
                "\\t",
                "\\u0061",
                "\\u00E9",
                "\\u0000",
                "\\uD83D\\ude00",
                "\\uFFFF",
            ],
        );
    }
    out.push('"');
}
