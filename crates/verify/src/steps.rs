//! What a verification did, step by step.

use std::time::Duration;

use crate::keys::Key;

/// Who watches a verification. Every step does nothing unless it is implemented, so that of `()` nothing is
/// left once it is compiled.
pub trait Steps {
    /// This value was found in the callback.
    fn found(&mut self, what: Found, value: &[u8]) {
        let _ = (what, value);
    }

    /// This may be what was signed: the candidate of that number, counted from 0.
    fn content(&mut self, nth: usize, content: &[u8]) {
        let _ = (nth, content);
    }

    /// This key made the signature over the last candidate, or did not.
    fn tried(&mut self, key: &Key, matches: bool) {
        let _ = (key, matches);
    }

    /// It was signed at `signed`, in Unix seconds, and looked at at `now`.
    fn time(&mut self, signed: i64, now: i64, max_age: Option<Duration>) {
        let _ = (signed, now, max_age);
    }
}

impl Steps for () {}

/// What a value of a callback is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// The signature, decoded.
    Signature,
    /// The nonce.
    Nonce,
    /// What names the merchant or the key.
    KeyId,
}
