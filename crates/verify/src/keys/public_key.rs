//! The seam between two engines that must always agree.

use std::fmt;

use super::engine::Engine;
use super::fast::FastKey;
use super::opened_signature::OpenedSignature;
use super::verifying_key::VerifyingKey;
use crate::algorithm::{Algorithm, KeyKind};

/// A kind of public key in pure Rust.
pub(super) trait ReferenceKey: Send + Sync {
    /// The kind of key.
    fn kind(&self) -> KeyKind;

    /// Its length in bits.
    fn bits(&self) -> usize;

    /// Whether it is too short by today's standards.
    fn is_legacy(&self) -> bool;

    /// A digest that is the same for two copies of one key.
    fn fingerprint(&self) -> [u8; 32];

    /// How many bytes each of its signatures has.
    fn signature_length(&self) -> usize;

    /// Whether the key made the signature over the message.
    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool;

    /// What a signature holds, if that can be seen.
    fn open(&self, signature: &[u8]) -> Option<OpenedSignature> {
        let _ = signature;
        None
    }

    /// The key as the fast engine reads it; `None` if that engine does not take it.
    fn for_fast(&self) -> Option<Vec<u8>>;
}

/// One public key, prepared for both engines.
pub(super) struct PublicKey<R> {
    reference: R,
    /// None for keys that the fast engine does not support.
    fast: Option<FastKey>,
}

impl<R: ReferenceKey> PublicKey<R> {
    pub(super) fn new(reference: R) -> Self {
        let bytes = reference.for_fast();
        Self {
            fast: bytes.and_then(|bytes| FastKey::new(reference.kind(), &bytes)),
            reference,
        }
    }
}

impl<R: ReferenceKey> VerifyingKey for PublicKey<R> {
    fn kind(&self) -> KeyKind {
        self.reference.kind()
    }

    fn bits(&self) -> usize {
        self.reference.bits()
    }

    fn is_legacy(&self) -> bool {
        self.reference.is_legacy()
    }

    fn is_secret(&self) -> bool {
        false
    }

    fn fingerprint(&self) -> [u8; 32] {
        self.reference.fingerprint()
    }

    fn candidate(&self, _algorithm: Algorithm, signature: &[u8]) -> bool {
        signature.len() == self.reference.signature_length()
    }

    fn engine(&self, algorithm: Algorithm) -> Engine {
        match &self.fast {
            Some(key) if key.offers(algorithm) => Engine::Fast,
            _ => Engine::Reference,
        }
    }

    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.verify_with(Engine::Fast, algorithm, message, signature)
            .unwrap_or_else(|| self.reference.verify(algorithm, message, signature))
    }

    fn verify_with(
        &self,
        engine: Engine,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        match engine {
            Engine::Reference => Some(self.reference.verify(algorithm, message, signature)),
            Engine::Fast => self.fast.as_ref()?.verify(algorithm, message, signature),
        }
    }

    fn open(&self, signature: &[u8]) -> Option<OpenedSignature> {
        self.reference.open(signature)
    }
}

impl<R: ReferenceKey> fmt::Debug for PublicKey<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PublicKey").field(&self.kind()).finish()
    }
}
