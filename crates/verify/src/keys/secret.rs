//! Secrets that both sides know.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::key_error::KeyError;

/// The fewest bytes of a secret that nobody can guess: 128 bits, if it is random.
const STRONG_BYTES: usize = 16;

/// A secret that both sides know, as the provider hands it out: no encoding is taken off. It is
/// overwritten when it is dropped, and appears in no message.
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<Vec<u8>>>);

impl Secret {
    /// Takes a secret.
    ///
    /// # Errors
    /// If it is empty, or white space.
    pub fn new(bytes: Zeroizing<Vec<u8>>) -> Result<Self, KeyError> {
        if bytes.trim_ascii().is_empty() {
            return Err(KeyError::EmptySecret);
        }
        Ok(Self(Arc::new(bytes)))
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Its characters; `None` if it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(self.bytes()).ok()
    }

    /// Whether it has less than 16 bytes: whoever saw one callback could guess it.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.0.len() < STRONG_BYTES
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
