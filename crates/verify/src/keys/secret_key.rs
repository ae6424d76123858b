//! A secret as a key.

use sha2::{Digest as _, Sha256};

use super::engine::Engine;
use super::mac::{MacKey, is_same_secret};
use super::secret::Secret;
use super::verifying_key::VerifyingKey;
use crate::algorithm::{Algorithm, Construction, KeyKind};

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
            Construction::Token => self.bytes().len(),
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
