//! What bodies cost that are made to cost much, compared with ordinary ones: nanoseconds for each byte
//! until they are refused.
//!
//! `cargo run --release -p countersign-verify --no-default-features --example hostile_bodies` prints the
//! table of docs/performance.md.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout
)]

#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/provider_cases/definitions.rs"]
mod definitions;

use std::hint::black_box;
use std::time::Instant;

use countersign_verify::http::{HeaderMap, HeaderName, HeaderValue};
use countersign_verify::keys::Secret;
use countersign_verify::{Callback, Key, KeySet, VerifyPolicy, verify};

/// The length of each body.
const SIZE: usize = 64 << 10;

/// How often each is measured; the least counts.
const ROUNDS: usize = 200;

/// A format: how its fields are signed, and its bodies. The first is an ordinary one.
struct Format {
    name: &'static str,
    scheme: &'static str,
    content_type: &'static str,
    bodies: Vec<(&'static str, String)>,
}

fn main() {
    println!("| body | | ns/byte | of an ordinary one |\n|---|---|---|---|");
    for format in [json(), form(), xml()] {
        let policy = policy(format.scheme);
        let mut ordinary = None;
        for (name, body) in &format.bodies {
            let cost = cost(&policy, format.content_type, body);
            let ratio = cost / *ordinary.get_or_insert(cost);
            let kind = format.name;
            println!("| {kind} | {name} | {cost:.2} | {ratio:.2} |");
        }
    }
}

fn policy(scheme: &str) -> VerifyPolicy {
    let head = "[[scheme]]\nname = \"s\"\nalgorithm = \"hmac-sha256\"\nsignature = \"{header:X-Sign|unhex}\"\n";
    let scheme = definitions::schemes(&format!("{head}{scheme}")).remove(0);
    let secret = Secret::new(b"a secret of thirty-two bytes....".to_vec().into()).unwrap();
    VerifyPolicy::new(
        scheme,
        KeySet::Any(vec![Key::of_secret("k", secret).into()]),
    )
}

/// The least time for a byte.
fn cost(policy: &VerifyPolicy, content_type: &str, body: &str) -> f64 {
    let mut headers = HeaderMap::new();
    let sign = "00".repeat(32);
    for (name, value) in [("content-type", content_type), ("x-sign", sign.as_str())] {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.insert(name, HeaderValue::from_str(value).unwrap());
    }
    let once = || {
        let start = Instant::now();
        let callback = Callback::new("POST", b"/cb", &headers, black_box(body.as_bytes()));
        assert!(black_box(verify(policy, callback, 0)).is_err());
        start.elapsed().as_secs_f64()
    };
    let least = (0..ROUNDS).map(|_| once()).fold(f64::INFINITY, f64::min);
    least * 1e9 / body.len().max(1) as f64
}

/// As often as it fits, with commas or the like between.
fn filled(start: &str, item: impl Fn(usize) -> String, end: &str) -> String {
    let mut text = start.to_owned();
    for nth in 0.. {
        let item = item(nth);
        if text.len() + item.len() + end.len() > SIZE {
            break;
        }
        text.push_str(&item);
    }
    text.push_str(end);
    text
}

fn json() -> Format {
    let ordinary = |nth: usize| format!(",\"field_{nth}\":\"a value of the usual length {nth}\"");
    let of = |item: &dyn Fn(usize) -> String| filled("{\"a\":1", item, "}");
    Format {
        name: "JSON",
        scheme: "content = \"{fields}\"\nfields = { from = \"json\", order = \"bytes\", pair = \"{name}={value}\", between = \"&\", null = \"leave-out\", nested = \"leave-out\" }\n",
        content_type: "application/json",
        bodies: vec![
            ("ordinary", of(&ordinary)),
            (
                "escapes alone",
                of(&|nth| format!(",\"{nth}\":\"{}\"", "\\u0041".repeat(50))),
            ),
            ("short members", of(&|nth| format!(",\"{nth:x}\":1"))),
            (
                "long names with one beginning",
                of(&|nth| format!(",\"{}{nth:05}\":1", "n".repeat(200))),
            ),
            (
                "names that differ in case alone",
                of(&|nth| format!(",\"{}\":1", cased(nth))),
            ),
            (
                "empty lists",
                filled("{\"a\":[1", |_| ",[]".to_owned(), "]}"),
            ),
            (
                "64 levels",
                of(&|nth| format!(",\"{nth}\":{}{}", "[".repeat(62), "]".repeat(62))),
            ),
            (
                "a name twice, at the end",
                of(&ordinary)
                    .replacen("{\"a\":1", "{\"z\":1", 1)
                    .replace('}', ",\"z\":1}"),
            ),
            ("not closed", of(&ordinary).replace('}', " ")),
        ],
    }
}

fn form() -> Format {
    let ordinary =
        |nth: usize| format!("&field_{nth}=a+value+of+the+usual+length+as+platforms+send+{nth}");
    let of = |item: &dyn Fn(usize) -> String| filled("a=1", item, "");
    Format {
        name: "form",
        scheme: "content = \"{fields}\"\nfields = { from = \"form\", order = \"bytes\", pair = \"{name}={value}\", between = \"&\" }\n",
        content_type: "application/x-www-form-urlencoded",
        bodies: vec![
            (
                "ordinary",
                of(&|nth| {
                    if nth < 900 {
                        ordinary(nth)
                    } else {
                        "x".repeat(50)
                    }
                }),
            ),
            (
                "percent codes alone",
                of(&|nth| {
                    if nth < 900 {
                        format!("&%66{nth}={}", "%41".repeat(20))
                    } else {
                        "%41".repeat(20)
                    }
                }),
            ),
            (
                "one long value of codes",
                filled("a=", |_| "%E4%B8%AD".to_owned(), ""),
            ),
            (
                "names with brackets",
                of(&|nth| {
                    if nth < 900 {
                        format!("&f{nth}[a][b][c][d]={}", "x".repeat(50))
                    } else {
                        "x".repeat(50)
                    }
                }),
            ),
            (
                "1,000 empty parts, then refused",
                filled("a=1", |_| "&".to_owned(), ""),
            ),
            (
                "a code of one digit, at the end",
                filled(
                    "a=1",
                    |nth| {
                        if nth < 900 {
                            ordinary(nth)
                        } else {
                            "x".repeat(50)
                        }
                    },
                    "%4",
                ),
            ),
        ],
    }
}

fn xml() -> Format {
    let ordinary =
        |nth: usize| format!("<field_{nth}>a value of the usual length {nth}</field_{nth}>");
    let of = |item: &dyn Fn(usize) -> String| filled("<xml><a>1</a>", item, "</xml>");
    Format {
        name: "XML",
        scheme: "content = \"{fields}\"\nfields = { from = \"xml\", order = \"bytes\", pair = \"{name}={value}\", between = \"&\" }\n",
        content_type: "text/xml",
        bodies: vec![
            ("ordinary", of(&ordinary)),
            (
                "references alone",
                of(&|nth| format!("<f{nth}>{}</f{nth}>", "&amp;".repeat(60))),
            ),
            ("short elements", of(&|nth| format!("<e{nth:x}/>"))),
            (
                "CDATA",
                of(&|nth| format!("<f{nth}><![CDATA[{}]]></f{nth}>", "]".repeat(60))),
            ),
            (
                "long names with one beginning",
                of(&|nth| format!("<{}{nth}/>", "n".repeat(200))),
            ),
            ("not closed", of(&ordinary).replace("</xml>", "")),
        ],
    }
}

/// A name of 16 letters, in upper and lower case by the bits of a number.
fn cased(number: usize) -> String {
    let letter = |bit: usize| if number >> bit & 1 == 1 { 'N' } else { 'n' };
    (0..16).map(letter).collect()
}
