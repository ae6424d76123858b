//! The result of decrypting a callback.

use std::fmt;

use bytes::Bytes;
use zeroize::Zeroizing;

use super::failure::DecryptFailure;

/// A callback with clear text in it.
pub struct Clear {
    pub(super) body: Option<Bytes>,
    pub(super) headers: Vec<ClearHeader>,
    pub(super) body_sha256: [u8; 32],
    pub(super) decrypted: Places,
    pub(super) failed: Places,
    pub(super) first_failure: Option<DecryptFailure>,
}

/// A header that contains clear text.
#[non_exhaustive]
pub struct ClearHeader {
    /// Its name, as the rule spells it.
    pub name: String,
    /// Its value, encoded by [`header_text`](crate::header_text()).
    pub value: Zeroizing<String>,
}

/// The places of values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    pub(super) known: Vec<String>,
    pub(super) count: usize,
}

/// A callback with a value that could not be decrypted, under a rule that refuses such callbacks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a value could not be decrypted: {failure}")]
#[non_exhaustive]
pub struct Refused {
    /// The first such value's place as a JSON Pointer, if it can be given.
    pub at: Option<String>,
    /// Why it could not be decrypted.
    pub failure: DecryptFailure,
    /// How many such values there are.
    pub failed: usize,
    /// How many values were decrypted.
    pub decrypted: usize,
}

impl Clear {
    /// The body with clear text in it; `None` if the body is unchanged. It is overwritten when the
    /// last reference to it is dropped.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        self.body.as_ref()
    }

    /// The headers that contain clear text.
    #[must_use]
    pub fn headers(&self) -> &[ClearHeader] {
        &self.headers
    }

    /// The SHA-256 of the signed body.
    #[must_use]
    pub fn body_sha256(&self) -> &[u8; 32] {
        &self.body_sha256
    }

    /// Which values were decrypted.
    #[must_use]
    pub fn decrypted(&self) -> &Places {
        &self.decrypted
    }

    /// Which values were left encrypted.
    #[must_use]
    pub fn failed(&self) -> &Places {
        &self.failed
    }

    /// Why the first of them was.
    #[must_use]
    pub fn first_failure(&self) -> Option<DecryptFailure> {
        self.first_failure
    }
}

impl fmt::Debug for Clear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clear")
            .field("decrypted", &self.decrypted)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ClearHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClearHeader")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Places {
    /// How many places there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Their JSON Pointers, in body order; fewer than there are if some cannot be given.
    #[must_use]
    pub fn known(&self) -> &[String] {
        &self.known
    }

    pub(super) fn add(&mut self, pointer: Option<String>) {
        self.count = self.count.saturating_add(1);
        self.known.extend(pointer);
    }
}
