//! Signing is the inverse of the verification, for random schemes.

// Helpers outside of `#[test]` functions panic, as tests do.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects
)]
#![cfg(all(test, feature = "aws-lc-rs", feature = "sign"))]

#[allow(dead_code, reason = "`random_schemes` uses the rest")]
mod random_cases;

use countersign_verify::sign::{
    ContentSigner, DraftRequest, SigningError, SigningInput, Tampering, sign, tamper,
};
use countersign_verify::{Algorithm, verify};

use random_cases::{case, choices, random_signer};

/// How many inputs are drawn, and how long one is.
const INPUTS: u64 = 400;
const LENGTH: usize = 1_500;

/// The time of the random requests.
const NOW: i64 = 1_700_000_000;

/// The private keys of the random schemes.
struct RandomKeys;

impl ContentSigner for RandomKeys {
    fn sign(&self, algorithm: Algorithm, content: &[u8]) -> Option<Vec<u8>> {
        let form = algorithm.curve().map(|_| "raw");
        Some(random_signer::sign(algorithm.name(), form, None, content))
    }
}

#[test]
fn what_a_random_scheme_verifies_can_be_damaged_and_signed_again() {
    let (mut genuine, mut signed_again) = (0, 0);
    for seed in 0..INPUTS {
        let Some(case) = case(&choices::input(seed, LENGTH)) else {
            continue;
        };
        genuine += 1;
        let written = case.message.write();
        let draft = DraftRequest {
            method: written.method,
            target: written.target,
            headers: written.headers,
            body: written.body,
        };
        let key = case.policy.keys.all().next().unwrap().clone();
        let mut input = SigningInput::new(&case.policy, &key, NOW, "a-nonce");
        input.signer = Some(&RandomKeys);
        let damaged = match tamper(input, draft.clone(), Tampering::FlippedSignature) {
            Ok(damaged) => damaged,
            Err(error) => {
                assert!(
                    matches!(error, SigningError::Place(_)),
                    "seed {seed}: {error}"
                );
                continue;
            }
        };
        let refused = verify(&case.policy, damaged.callback(), NOW);
        assert!(refused.is_err(), "seed {seed}");
        let again = sign(input, damaged).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        assert!(
            verify(&case.policy, again.callback(), NOW).is_ok(),
            "seed {seed}"
        );
        assert_eq!(again.method, draft.method, "seed {seed}");
        signed_again += 1;
    }
    assert!(
        genuine > 100 && signed_again * 10 > genuine * 9,
        "{signed_again} of {genuine}"
    );
}
