//! Each algorithm against vectors that others made: Wycheproof, RFCs, OpenSSL, providers.

#![cfg(test)]
// Tests fail by panicking; clippy.toml has no switch for these lints.
#![allow(clippy::arithmetic_side_effects, clippy::string_slice)]

mod jwks;
mod made_by_openssl;
mod opened_signatures;
#[allow(dead_code, reason = "the program's tests use the rest")]
#[path = "../../../../tests/it/openssl.rs"]
mod openssl;
mod provider_vectors;
mod published_macs;
mod raw_ed25519_keys;
mod secrets;
mod signature_forms;
mod unsound_algorithms;
mod wycheproof_vectors;

use countersign_verify::keys::Engine;
use countersign_verify::{Algorithm, Key};

/// The verdict on which all engines agree that offer the algorithm.
fn verdict(key: &Key, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
    let verdict = key.verify(algorithm, message, signature);
    let reference = key.verify_with(Engine::Reference, algorithm, message, signature);
    assert_eq!(reference, Some(verdict), "{algorithm} {signature:x?}");
    let fast = key.verify_with(Engine::Fast, algorithm, message, signature);
    assert!(
        fast.is_none_or(|fast| fast == verdict),
        "{algorithm} {signature:x?}"
    );
    assert_eq!(fast.is_some(), key.engine(algorithm) == Engine::Fast);
    verdict
}

/// Bytes of hexadecimal digits.
fn hex(digits: &str) -> Vec<u8> {
    countersign_verify::decode_hex(digits).unwrap()
}
