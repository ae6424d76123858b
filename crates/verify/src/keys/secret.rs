//! Secrets that both sides know.

use std::fmt;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::engine::Engine;
use super::key_error::KeyError;
use super::mac::{MacKey, is_same_secret};
use super::verifying_key::VerifyingKey;
use crate::algorithm::{Algorithm, Construction, KeyKind};

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

/// Its bytes are the key.
impl VerifyingKey for Secret {
    fn kind(&self) -> KeyKind {
        KeyKind::Secret
    }

    /// Unsaid: it would be a hint to whoever guesses.
    fn bits(&self) -> usize {
        0
    }

    fn is_legacy(&self) -> bool {
        false
    }

    fn is_secret(&self) -> bool {
        true
    }

    fn secret(&self) -> Option<&Secret> {
        Some(self)
    }

    fn fingerprint(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(b"secret\0");
        digest.update(self.bytes());
        digest.finalize().into()
    }

    fn candidate(&self, algorithm: Algorithm, signature: &[u8]) -> bool {
        let length = match algorithm.construction() {
            Construction::Hmac(digest) | Construction::Plain(digest) => digest.length(),
            Construction::Token => self.0.len(),
            _ => return false,
        };
        signature.len() == length
    }

    fn engine(&self, _algorithm: Algorithm) -> Engine {
        Engine::Reference
    }

    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        if let Some(mut mac) = MacKey::new(algorithm, self.bytes()) {
            mac.update(message);
            return mac.matches(signature);
        }
        // A digest proves nothing unless the message holds the secret, which only its builder knows:
        // `DigestCheck`.
        algorithm == Algorithm::Token && is_same_secret(self.bytes(), signature)
    }

    fn verify_with(
        &self,
        engine: Engine,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        match engine {
            Engine::Reference => Some(self.verify(algorithm, message, signature)),
            Engine::Fast => None,
        }
    }
}
