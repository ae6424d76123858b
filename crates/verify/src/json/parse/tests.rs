//! What the reader accepts, refuses and gives.

use super::*;

fn kind(json: &str) -> Option<JsonErrorKind> {
    parse(json.as_bytes()).err().map(|error| error.kind)
}

#[test]
fn accepts_what_rfc_8259_does() {
    for json in [
        "0",
        "-0",
        "1.5e+3",
        "1E-9",
        "\"\"",
        " [ ] ",
        "{}",
        "[1,[2,{\"a\":null}],true]",
        "\"\\ud83d\\ude00\\u0000\"",
        "{\"a\":1,\"A\":2}",
        "\r\n\t{\"a\" : false }\n",
        "\"\u{7f}\"",
    ] {
        assert_eq!(kind(json), None, "{json}");
        assert!(
            serde_json::from_str::<serde_json::Value>(json).is_ok(),
            "{json}"
        );
    }
}

#[test]
fn refuses_what_rfc_8259_does_not_accept() {
    for json in [
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "--1",
        "NaN",
        "tru",
        "nul",
        "'a'",
        "\"\t\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"abc",
        "[1,]",
        "[,1]",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\"}",
        "{\"a\" 1}",
        "[1 2]",
        "[",
        "{",
        "[1",
        "{\"a\":",
        "//c\n1",
        " ",
    ] {
        assert_eq!(kind(json), Some(JsonErrorKind::Syntax), "{json}");
    }
    assert_eq!(kind(""), Some(JsonErrorKind::Empty));
}

#[test]
fn refuses_what_parsers_read_differently() {
    use JsonErrorKind::*;
    for (json, expected) in [
        ("\u{feff}{}", ByteOrderMark),
        ("{} {}", TrailingBytes),
        ("{}\0", TrailingBytes),
        ("\"\\ud800\"", LoneSurrogate),
        ("\"\\udc00\"", LoneSurrogate),
        ("\"\\ud800\\u0041\"", LoneSurrogate),
        ("\"\\ud800\\ud800\"", LoneSurrogate),
        ("{\"a\":1,\"a\":1}", RepeatedName),
        ("{\"a\":1,\"\\u0061\":1}", RepeatedName),
        ("[{\"x\":{\"a\":1,\"b\":2,\"a\":1}}]", RepeatedName),
    ] {
        assert_eq!(kind(json), Some(expected), "{json}");
    }
    assert_eq!(
        parse(b"\"\xff\"").err().map(|error| error.kind),
        Some(NotUtf8)
    );
    assert_eq!(
        parse(b"{\"a\":1,\"a\":2}").err().map(|error| error.at),
        Some(8)
    );
}

#[test]
fn finds_a_repeated_name_among_many() {
    let member = |n: usize| format!("\"k{n}\":[{{\"k1\":0}}]");
    for count in [15, 16, 17, 1000] {
        let mut members: Vec<String> = (0..count).map(member).collect();
        assert_eq!(kind(&format!("{{{}}}", members.join(","))), None);
        members.push("\"\\u006b7\":0".into());
        let json = format!("{{{}}}", members.join(","));
        assert_eq!(kind(&json), Some(JsonErrorKind::RepeatedName), "{count}");
    }
}

#[test]
fn bounds_the_depth() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert_eq!(kind(&nested(MAX_DEPTH)), None);
    assert_eq!(kind(&nested(MAX_DEPTH + 1)), Some(JsonErrorKind::TooDeep));
    assert_eq!(kind(&"[".repeat(1_000_000)), Some(JsonErrorKind::TooDeep));
}

#[test]
fn values_have_their_source_text() {
    let document =
        parse(br#" {"a":-0.50,"b":["x\n\u00e9\ud83d\ude00",{}],"c":{"d":[1,2]}} "#).unwrap();
    let root = document.root();
    assert_eq!(root.kind(), JsonKind::Object);
    assert_eq!(root.get("a").unwrap().source(), "-0.50");
    let list = root.get("b").unwrap();
    assert_eq!(list.at(0).unwrap().as_str().unwrap(), "x\né😀");
    assert!(list.at(1).unwrap().is_empty());
    assert!(list.at(2).is_none());
    assert_eq!(root.get("c").unwrap().source(), r#"{"d":[1,2]}"#);
    let names: Vec<_> = root.members().map(|(name, _)| name).collect();
    assert_eq!(names, ["a", "b", "c"]);
}

#[test]
fn the_bound_on_values_counts_each_comma_and_opening_bracket_whatever_the_length() {
    let text = br#"{"a": [1, 2, {"b": ";Z\\]}"}], "c": "x[{,"} "#;
    for length in 0..3000 {
        let source: Vec<u8> = text.iter().copied().cycle().take(length).collect();
        let begins = source.iter().filter(|byte| b",[{".contains(byte));
        assert_eq!(values_at_most(&source), begins.count() + 1, "{length}");
    }
    assert_eq!(values_at_most(&[b'['; 100_000]), 100_001);
    // Every other byte counts for nothing.
    for byte in 0..=u8::MAX {
        let is_one = b",[{".contains(&byte);
        assert_eq!(values_at_most(&[byte; 600]) > 1, is_one, "{byte}");
    }
}
