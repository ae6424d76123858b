//! One key, of any kind.

use std::fmt;

use super::decode::decode;
use super::key_error::KeyError;
use super::rsa::Engine;
use super::verifying_key::VerifyingKey;
use crate::algorithm::{Algorithm, KeyKind};

/// A key with an id, which verifies signatures.
pub struct Key {
    id: String,
    kind: Box<dyn VerifyingKey>,
}

impl Key {
    /// Decodes a public key: PEM, DER or one-line base64 of a SubjectPublicKeyInfo, a PKCS#1 key or
    /// an X.509 certificate (only its key is used, not its validity or issuer). The label of a PEM
    /// block may be that of another of these formats, and text may start with a byte order mark.
    ///
    /// # Errors
    /// If the bytes are none of these, or the key is unsafe: a modulus that is even, or has less
    /// than 1024 or more than 8192 bits; an exponent that is even, less than 3, or has more than 33
    /// bits.
    pub fn decode(id: &str, bytes: &[u8]) -> Result<Self, KeyError> {
        Ok(Self {
            id: id.to_owned(),
            kind: decode(bytes)?,
        })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The kind of key.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.kind.kind()
    }

    /// Its length in bits; for an RSA key, that of its modulus.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.kind.bits()
    }

    /// Whether it is too short by today's standards: RSA with less than 2048 bits.
    #[must_use]
    pub fn is_legacy(&self) -> bool {
        self.kind.is_legacy()
    }

    /// Whether the key can also make signatures. Such a key must not appear in any log or message.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.kind.is_secret()
    }

    /// A SHA-256 of the key itself: the same for two ids of one key.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        self.kind.fingerprint()
    }

    /// Whether it can verify signatures of the algorithm.
    #[must_use]
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        self.kind.fits(algorithm)
    }

    /// Whether the signature could be from this key, judging by its form alone: RSA signatures have
    /// as many bytes as the modulus. This is cheap, so it is checked before the signed content is
    /// built.
    #[must_use]
    pub fn candidate(&self, algorithm: Algorithm, signature: &[u8]) -> bool {
        self.fits(algorithm) && self.kind.candidate(algorithm, signature)
    }

    /// The engine that verifies this key's signatures.
    #[must_use]
    pub fn engine(&self, algorithm: Algorithm) -> Engine {
        self.kind.engine(algorithm)
    }

    /// Whether this key made the signature over the message. Always `false` if the algorithm does
    /// not fit.
    #[must_use]
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.fits(algorithm) && self.kind.verify(algorithm, message, signature)
    }

    /// The same with one engine, to compare the engines. `None` if that engine does not support the
    /// algorithm for this key.
    #[must_use]
    pub fn verify_with(
        &self,
        engine: Engine,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        self.fits(algorithm)
            .then(|| self.kind.verify_with(engine, algorithm, message, signature))
            .flatten()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("id", &self.id)
            .field("kind", &self.kind())
            .field("bits", &self.bits())
            .finish_non_exhaustive()
    }
}
