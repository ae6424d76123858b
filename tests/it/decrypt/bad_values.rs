//! The table of bad inputs in docs/decryption.md. Each goes through the proxy, once with failures
//! kept and once with failures rejected.

use std::fmt::Write as _;
use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::proxy::{encrypted, event};
use super::{Keys, keys};
use crate::support::encrypter::{self, Plain};
use crate::support::signer::Signer;
use crate::support::{Origin, Setup};

const PAGE: &str = "docs/decryption.md";
const HEAD: &str = "| `cardno` | where it is kept, the backend's `X-Verified-Decrypt-Failed` | `decrypted`, `decrypt_failed` in the access log | why, in the error log | where it is refused |\n|---|---|---|---|---|\n";

/// The values sent as `cardno`, with their descriptions on the page.
fn inputs() -> Vec<(&'static str, String)> {
    let quoted = |text: &str| format!("\"{text}\"");
    let good = &encrypted()[2];
    let bytes = STANDARD.decode(good).unwrap();
    let cut = STANDARD.encode(&bytes[..255]);
    let two = [&bytes[..], &[7; 256]].concat();
    let plain = [
        ("stranger", b"6222".to_vec()),
        ("merchant", vec![0xff, 0xfe, 0x00]),
    ];
    let [other, no_text] = plain.map(|(to, text)| {
        let plain = Plain {
            cipher: "OPENSSL_PKCS1_PADDING",
            text,
            ..Plain::default()
        };
        encrypter::php(&Keys::get().public_file(to), &[plain]).remove(0)
    });
    let blocks = STANDARD.encode(bytes.repeat((10 << 20) / 4 * 3 / 256));
    assert!((10_000_000..11_000_000).contains(&blocks.len()));
    vec![
        ("encrypted to the merchant", quoted(good)),
        ("`\"\"`", quoted("")),
        ("`null`", "null".to_owned()),
        ("missing", String::new()),
        ("a number", "6222".to_owned()),
        ("an object", "{\"a\":1}".to_owned()),
        ("not base64", quoted("6222 0000 1111 2222")),
        ("base64 with a line end", quoted(&format!("{good}\\n"))),
        ("base64, but not of whole blocks", quoted("QUJD")),
        ("truncated by a byte", quoted(&cut)),
        ("encrypted to another key", quoted(&other)),
        (
            "damaged",
            quoted(&STANDARD.encode([&[bytes[0] ^ 1], &bytes[1..]].concat())),
        ),
        ("a second block that is none", quoted(&STANDARD.encode(two))),
        ("clear text that is no text", quoted(&no_text)),
        ("10 MB of blocks", quoted(&blocks)),
        (
            "there twice in its object",
            format!("{0},\"cardno\":{0}", quoted(good)),
        ),
    ]
}

fn body(card: &str) -> String {
    let body = event(["\"\"", "\"\"", card, "\"\"", "\"\""]);
    if card.is_empty() {
        return body.replace("\"cardno\":,", "");
    }
    body
}

#[test]
fn the_table_of_bad_inputs_is_true() {
    let origin = Origin::start();
    let route = |name: &str, rule: &str| {
        format!(
            "name = \"{name}\"\npath = \"/{name}\"\ndecrypt = \"{rule}\"\n\
             decrypt_keys = [\"merchant\"]\nbody_limit = \"12MiB\""
        )
    };
    let refusing = r#"
[[decryption]]
name = "refusing"
cipher = "rsa-pkcs1-v1_5"
paths = ["$.data..cardno"]
on_failure = "reject"
"#;
    let proxy = Setup::new()
        .tables(&keys())
        .tables(refusing)
        .sgate(&route("kept", "sgate-sensitive"))
        .sgate(&route("refused", "refusing"))
        .origin(&origin)
        .start();
    let mut table = String::new();
    for (name, card) in inputs() {
        let body = body(&card);
        let answer = Signer::get().sgate("/kept", body.clone()).send(&proxy);
        assert_eq!(answer.status, 200, "{name}");
        let received = origin.last();
        let header = received.header("X-Verified-Decrypt-Failed");
        let line = proxy.access();
        let counts = (&line["decrypted"], &line["decrypt_failed"]);
        if line["decrypted"] == 0 {
            assert_eq!(received.body, body.as_bytes(), "{name}");
        }
        let error = header.map(|_| {
            let line = proxy.error_line("not decrypted");
            let (before, why) = line.rsplit_once(": ").unwrap();
            assert!(before.contains("route kept: 1 not decrypted, the first at "));
            why.trim_end_matches("\"}").to_owned()
        });

        let reached = origin.count();
        let answer = Signer::get().sgate("/refused", body).send(&proxy);
        let line = proxy.access();
        let refused = match answer.status {
            200 => "not refused".to_owned(),
            400 => {
                assert_eq!(origin.count(), reached, "{name}");
                assert_eq!(answer.json()["reason"], line["reason"]);
                proxy.error_line("route refused: ");
                let at = line["at"]
                    .as_str()
                    .map_or(String::new(), |at| format!(" at={at}"));
                format!("400 `{}{at}`", line["reason"].as_str().unwrap())
            }
            other => panic!("{name}: {other}"),
        };
        writeln!(
            table,
            "| {name} | {} | {}, {} | {} | {refused} |",
            header.map_or("none".to_owned(), |header| format!("`{header}`")),
            counts.0,
            counts.1,
            error.unwrap_or_default(),
        )
        .unwrap();
    }
    let page = fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once(HEAD).unwrap();
    let (seen, after) = rest.split_once("\n\n").unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(PAGE, format!("{before}{HEAD}{table}\n{after}")).unwrap();
        return;
    }
    assert_eq!(
        format!("{seen}\n"),
        table,
        "run the tests once with UPDATE_DOCS=1"
    );
}
