//! Algorithms: what is no signature of theirs.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use countersign_verify::language::SchemeDefinition;

use crate::attempt::Attempt;

/// What the signature is.
pub(crate) const INPUTS: [&str; 7] = [
    "missing",
    "repeated",
    "empty",
    "in another encoding",
    "one byte",
    "10,000 bytes",
    "another's",
];

/// Each algorithm with the answers to these.
pub(crate) fn rows() -> Vec<(String, Vec<String>)> {
    let names = SchemeDefinition::algorithms().into_iter();
    names.map(|name| (name.to_owned(), answers(name))).collect()
}

fn answers(algorithm: &str) -> Vec<String> {
    let line = format!("algorithm = \"{algorithm}\"\n");
    if let Some(name) = algorithm.strip_prefix("jws-") {
        let scheme = line + "signature = \"{header:X-Sign}\"\n";
        let alg = match name {
            "eddsa" => "EdDSA".to_owned(),
            "ed25519" => "Ed25519".to_owned(),
            name => name.to_uppercase(),
        };
        let input = format!(
            "{}.e30",
            URL_SAFE_NO_PAD.encode(format!("{{\"alg\":\"{alg}\"}}"))
        );
        let write = |bytes: &[u8]| format!("{input}.{}", URL_SAFE_NO_PAD.encode(bytes));
        return of_header(&scheme, algorithm, &write, &format!("{input}.%"));
    }
    if algorithm.starts_with("rfc9421-") {
        let scheme = line + "components = [\"@method\"]\n";
        let input = "sig=(\"@method\")";
        let with = |signature: &str| {
            let attempt = Attempt::unsigned().header("Signature-Input", input);
            attempt.header("Signature", signature)
        };
        let write = |bytes: &[u8]| format!("sig=:{}:", STANDARD.encode(bytes));
        let own = write(&vec![1; length(algorithm)]);
        let attempts = [
            Attempt::unsigned().header("Signature-Input", input),
            with(&own).header("Signature", &own),
            with(""),
            with("sig=:%:"),
            with(&write(&[1])),
            with(&write(&[1; 10_000])),
            with(&own),
        ];
        return attempts
            .iter()
            .map(|attempt| attempt.answer(&scheme))
            .collect();
    }
    if algorithm == "token" {
        let scheme = line + "signature = \"{header:X-Sign}\"\n";
        let write = |bytes: &[u8]| bytes.iter().map(|byte| char::from(*byte | 0x30)).collect();
        return of_header(&scheme, algorithm, &write, "é");
    }
    let form = if algorithm.starts_with("ecdsa-") {
        "signature_form = \"raw\"\n"
    } else {
        ""
    };
    let is_digest = ["md5", "sha"]
        .iter()
        .any(|start| algorithm.starts_with(start));
    let content = if is_digest {
        "{body}{secret}"
    } else {
        "{body}"
    };
    let scheme = format!(
        "{line}{form}signature = \"{{header:X-Sign|unbase64}}\"\ncontent = \"{content}\"\n"
    );
    of_header(&scheme, algorithm, &|bytes| STANDARD.encode(bytes), "%")
}

fn of_header(
    scheme: &str,
    algorithm: &str,
    write: &dyn Fn(&[u8]) -> String,
    bad: &str,
) -> Vec<String> {
    let with = |value: &str| Attempt::unsigned().header("X-Sign", value);
    let own = write(&vec![1; length(algorithm)]);
    let attempts = [
        Attempt::unsigned(),
        with(&own).header("X-Sign", &own),
        with(""),
        with(bad),
        with(&write(&[1])),
        with(&write(&[1; 10_000])),
        with(&own),
    ];
    attempts
        .iter()
        .map(|attempt| attempt.answer(scheme))
        .collect()
}

/// How many bytes a signature has.
fn length(algorithm: &str) -> usize {
    let is = |parts: &[&str]| parts.iter().any(|part| algorithm.contains(part));
    match algorithm {
        "token" => 48,
        _ if is(&["p521", "es512"]) => 132,
        _ if is(&["p384", "es384"]) => 96,
        _ if is(&["p256", "es256", "ed25519", "eddsa"]) => 64,
        _ if is(&["rsa", "jws-rs", "jws-ps"]) => 256,
        _ if is(&["md5"]) => 16,
        _ if is(&["sha1"]) => 20,
        _ if is(&["384"]) => 48,
        _ if is(&["512"]) => 64,
        _ => 32,
    }
}
