//! What came of the decryption of a callback.

use std::fmt;

use bytes::Bytes;
use zeroize::Zeroizing;

use super::failure::Failure;

/// A callback with clear text in it.
pub struct Clear {
    pub(super) body: Option<Bytes>,
    pub(super) headers: Vec<ClearHeader>,
    pub(super) body_sha256: [u8; 32],
    pub(super) decrypted: Places,
    pub(super) failed: Places,
    pub(super) first_failure: Option<Failure>,
}

/// A header with clear text in it.
#[non_exhaustive]
pub struct ClearHeader {
    /// Its name, as the rule spells it.
    pub name: String,
    /// Its value, encoded as [`header_text`](crate::header_text()) does.
    pub value: Zeroizing<String>,
}

/// The places of values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    pub(super) known: Vec<String>,
    pub(super) count: usize,
}

/// A callback with a value that does not decrypt, under a rule that refuses those.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a value was not decrypted: {failure}")]
#[non_exhaustive]
pub struct Refused {
    /// The first such value's place as a JSON Pointer, if that can be told.
    pub at: Option<String>,
    /// Why it was not decrypted.
    pub failure: Failure,
    /// How many there are.
    pub failed: usize,
    /// How many values were decrypted.
    pub decrypted: usize,
}

impl Clear {
    /// The body with clear text in it; `None` if the body is as signed. Overwritten when the last
    /// one who holds it drops it.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        self.body.as_ref()
    }

    /// The headers with clear text in them.
    #[must_use]
    pub fn headers(&self) -> &[ClearHeader] {
        &self.headers
    }

    /// The SHA-256 of the body as signed.
    #[must_use]
    pub fn body_sha256(&self) -> &[u8; 32] {
        &self.body_sha256
    }

    /// Which values were decrypted.
    #[must_use]
    pub fn decrypted(&self) -> &Places {
        &self.decrypted
    }

    /// Which values were left as they are.
    #[must_use]
    pub fn failed(&self) -> &Places {
        &self.failed
    }

    /// Why the first of them was.
    #[must_use]
    pub fn first_failure(&self) -> Option<Failure> {
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
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Their JSON Pointers, in the order of the body; fewer than there are if some cannot be told.
    #[must_use]
    pub fn known(&self) -> &[String] {
        &self.known
    }

    pub(super) fn add(&mut self, pointer: Option<String>) {
        self.count = self.count.saturating_add(1);
        self.known.extend(pointer);
    }
}
