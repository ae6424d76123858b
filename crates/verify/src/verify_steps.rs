//! The steps of a verification, for observers.

use std::time::Duration;

use crate::keys::Key;

/// Observes a verification. Every method does nothing by default, so that `()` compiles to nothing.
pub trait VerifySteps {
    /// A value that was found in the callback.
    fn found(&mut self, what: CallbackValue, value: &[u8]) {
        let _ = (what, value);
    }

    /// A candidate for the signed content, with its number, counted from 0.
    fn content(&mut self, nth: usize, content: &[u8]) {
        let _ = (nth, content);
    }

    /// The candidate that is tried next, for whoever tests a scheme: also one that holds a secret of the
    /// key. `text` builds the content to which the scheme applies `signed`; `None` without `signed`.
    fn built(&mut self, applied_to: &[u8], text: impl FnOnce() -> Option<Vec<u8>>) {
        let _ = (applied_to, text);
    }

    /// Whether this key made the signature over the last candidate.
    fn tried(&mut self, key: &Key, matches: bool) {
        let _ = (key, matches);
    }

    /// What the signature over the last candidate would have been with this key, which whoever is shown it can
    /// send: for tools that may show it. `make` has nothing for private keys.
    #[cfg(feature = "sign")]
    fn expected(&mut self, make: impl FnOnce() -> Option<Vec<u8>>) {
        let _ = make;
    }

    /// The callback was signed at `signed` and checked at `now`, in Unix seconds.
    fn time(&mut self, signed: i64, now: i64, max_age: Option<Duration>) {
        let _ = (signed, now, max_age);
    }
}

impl VerifySteps for () {}

/// The role of a value in a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallbackValue {
    /// The signature, decoded.
    Signature,
    /// The timestamp, in Unix seconds.
    Timestamp,
    /// The nonce.
    Nonce,
    /// The value that names the merchant or the key.
    KeyId,
}
