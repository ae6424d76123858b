//! What each kind of key can do.

use super::engine::Engine;
use super::opened_signature::OpenedSignature;
use super::secret::Secret;
use crate::algorithm::{Algorithm, KeyKind};

/// What each kind of key can do.
pub(super) trait VerifyingKey: Send + Sync {
    /// The kind of key.
    fn kind(&self) -> KeyKind;

    /// Its length in bits; 0 for a secret.
    fn bits(&self) -> usize;

    /// Whether it is too short by today's standards.
    fn is_legacy(&self) -> bool;

    /// Whether the key can also make signatures.
    fn is_secret(&self) -> bool;

    /// The secret, if it is one.
    fn secret(&self) -> Option<&Secret> {
        None
    }

    /// A digest that is the same for two copies of one key.
    fn fingerprint(&self) -> [u8; 32];

    /// Whether the signature could be from this key, judging by its form alone. Only called for
    /// algorithms that fit.
    fn candidate(&self, algorithm: Algorithm, signature: &[u8]) -> bool;

    /// The engine that verifies its signatures.
    fn engine(&self, algorithm: Algorithm) -> Engine;

    /// Whether the key made the signature over the message.
    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool;

    /// The same with one engine; `None` if it does not support the algorithm for this key.
    fn verify_with(
        &self,
        engine: Engine,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Option<bool>;

    /// What a signature holds, for kinds whose signatures can be opened with the public key.
    fn open(&self, signature: &[u8]) -> Option<OpenedSignature> {
        let _ = signature;
        None
    }
}
