//! The decryption library: from a verified callback to clear text in its body and headers.
//!
//! Pure as [the verification](crate): no I/O, no clock, no async, no logging. A [`Policy`] names the
//! [`Rule`], the keys and a bound; a [`Task`] is made from a [`Verified`](crate::Verified),
//! which is the proof that the signature passed, and worked off in steps of at most one private
//! operation, so that whoever runs it can share the processors out. At its end is a [`Clear`].
//!
//! Nothing here prints clear text or keys, and what holds them is overwritten when it is dropped.

mod cipher;
mod clear;
mod edit;
mod failure;
mod keys;
mod path;
mod rule;
mod task;
mod text;

use std::sync::Arc;

use crate::keys::KeySet;

pub use cipher::{Cipher, Digest};
pub use clear::{Clear, ClearHeader, Places, Refused};
pub use failure::Failure;
pub use keys::{Key, KeyKind, PrivateKeyError};
pub use path::{Path, PathError};
pub use rule::{ContentKind, Encoding, HeaderPath, Iv, OnFailure, Output, Rule, Sibling};
pub use task::Task;

/// How the callbacks of one route are decrypted.
#[derive(Debug)]
#[non_exhaustive]
pub struct Policy {
    /// What, how, and where to.
    pub rule: Arc<Rule>,
    /// The keys that may fit.
    pub keys: KeySet<Key>,
    /// The most private operations (RSA) for one callback.
    pub max_operations: usize,
    /// The longest value of a header with clear text, encoded, in bytes.
    pub max_header: usize,
}

/// The most private operations for one callback, where nobody says. Genuine callbacks take a few dozen.
const MAX_OPERATIONS: usize = 256;

/// The longest header with clear text, where nobody says.
const MAX_HEADER: usize = 4096;

impl Policy {
    /// A policy with at most 256 private operations, and headers of at most 4096 bytes.
    #[must_use]
    pub fn new(rule: impl Into<Arc<Rule>>, keys: KeySet<Key>) -> Self {
        Self {
            rule: rule.into(),
            keys,
            max_operations: MAX_OPERATIONS,
            max_header: MAX_HEADER,
        }
    }
}
