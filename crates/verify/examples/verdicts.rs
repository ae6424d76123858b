//! Verdicts on requests from other programs: `scripts/compare-verdicts` runs it.
//!
//! Each line of the input is a request as in `tests/providers`. Each line of the output says whether
//! one of its provider's schemes accepts it, with the signed content in base64, or why none does.

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
use serde_json::json;

use provider_cases::{SignedRequest, schemes_of};

fn main() {
    let mut out = BufWriter::new(stdout().lock());
    let mut schemes = BTreeMap::new();
    for line in stdin().lines() {
        let request = SignedRequest::read(&line.unwrap());
        let rules = schemes
            .entry(request.slug.clone())
            .or_insert_with(|| schemes_of(&request.slug).unwrap().unwrap());
        let verdict = match request.accepted_by(rules) {
            Ok(content) => json!({ "content": STANDARD.encode(content) }),
            Err(why) => json!({ "why": why }),
        };
        writeln!(out, "{verdict}").unwrap();
    }
}
