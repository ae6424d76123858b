//! Requests that providers, their libraries and others signed, verified by schemes that are data.
//!
//! `conf/schemes/SLUG.toml` holds the rules; `tests/vectors/providers` the requests that must be accepted
//! (`valid.jsonl`; `vendors.jsonl`, with the libraries of providers) and those that must be refused. Their
//! `source` says where each comes from.

// Helpers outside of `#[test]` functions panic, as tests do.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::string_slice
)]

mod provider_attacks;
mod provider_cases;

use std::collections::BTreeSet;

use provider_cases::{Case, genuine_cases, tampered_cases};
use sha2::{Digest as _, Sha256};

/// Whether a content is told as it is, or, because it holds a secret, by its digest.
fn is_told(told: &[u8], content: &[u8]) -> bool {
    told == content || told == Sha256::digest(content).as_slice()
}

#[test]
fn requests_that_providers_signed_are_genuine() {
    let mut schemes = BTreeSet::new();
    let mut failures = Vec::new();
    let mut count = 0;
    for Case {
        request,
        schemes: rules,
    } in genuine_cases()
    {
        count += 1;
        schemes.insert(request.slug.clone());
        match (request.accepted_by(&rules), &request.signed_content) {
            (Ok(content), Some(signed)) if !is_told(&content, signed) => {
                failures.push(format!(
                    "{}: other content: {}",
                    request.id,
                    content.escape_ascii()
                ));
            }
            (Ok(_), _) => {}
            (Err(why), _) => failures.push(format!("{}: {why}", request.id)),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(
        count >= 100 && schemes.len() >= 90,
        "{count} requests of {} schemes",
        schemes.len()
    );
}

#[test]
fn tampered_requests_are_refused() {
    let valid: BTreeSet<String> = genuine_cases().map(|case| case.request.id).collect();
    let mut count = 0;
    for Case { request, schemes } in tampered_cases() {
        count += 1;
        assert!(
            valid.contains(request.twin_of.as_ref().unwrap()),
            "{}",
            request.id
        );
        assert!(request.accepted_by(&schemes).is_err(), "{}", request.id);
    }
    assert!(count >= 200, "{count}");
}

/// Every byte of body, target and headers.
#[test]
fn no_byte_that_is_signed_can_be_changed() {
    for Case { request, schemes } in genuine_cases() {
        let Some(content) = request.signed_content.clone() else {
            continue;
        };
        for tampered in request.each_byte_changed() {
            // A change in a part that is not signed leaves the content as it was.
            if let Ok(signed) = tampered.accepted_by(&schemes) {
                assert!(is_told(&signed, &content), "{}: {tampered:?}", request.id);
            }
        }
    }
}
