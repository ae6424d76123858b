//! Verdicts on requests from other programs: `scripts/compare-verdicts` runs it.
//!
//! Each line of the input is a request as in `tests/vectors/providers`, which may have schemes of its own in
//! `schemes`. Each line of the output says whether one of its schemes accepts it, with the signed content
//! in base64, or why none does.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/provider_cases/mod.rs"]
mod provider_cases;

use std::collections::BTreeMap;
use std::io::{BufWriter, Write as _, stdin, stdout};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use provider_cases::{SignedRequest, schemes_in, schemes_of};

fn main() {
    let mut out = BufWriter::new(stdout().lock());
    let mut schemes = BTreeMap::new();
    for line in stdin().lines() {
        let line = line.unwrap();
        let request = SignedRequest::read(&line);
        let line: Value = serde_json::from_str(&line).unwrap();
        let own = line["schemes"].as_str();
        let name = own.unwrap_or(&request.slug).to_owned();
        let rules = schemes.entry(name).or_insert_with(|| match own {
            Some(own) => schemes_in(own).unwrap(),
            None => schemes_of(&request.slug).unwrap().unwrap(),
        });
        let verdict = match request.accepted_by(rules) {
            Ok(content) => json!({ "content": STANDARD.encode(content) }),
            Err(why) => json!({ "why": why }),
        };
        writeln!(out, "{verdict}").unwrap();
    }
}
