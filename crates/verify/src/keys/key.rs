//! One key, of whichever kind.

use std::fmt;

use super::Engine;
use super::decode::{KeyError, decode};
use crate::algorithm::{Algorithm, KeyKind};

/// What each kind of key can do.
pub(super) trait Kind: Send + Sync {
    /// Which kind it is.
    fn kind(&self) -> KeyKind;

    /// Its length in bits.
    fn bits(&self) -> usize;

    /// Whether it is too short by today's standards.
    fn is_legacy(&self) -> bool;

    /// Whether whoever knows the key can also sign with it.
    fn is_secret(&self) -> bool;

    /// A digest that is the same for two copies of one key.
    fn fingerprint(&self) -> [u8; 32];

    /// Whether it can check signatures of the algorithm.
    fn fits(&self, algorithm: Algorithm) -> bool;

    /// Whether the signature could be one of this key, from its form alone. Only asked of algorithms
    /// that fit.
    fn candidate(&self, algorithm: Algorithm, signature: &[u8]) -> bool;

    /// What checks its signatures.
    fn engine(&self, algorithm: Algorithm) -> Engine;

    /// Whether the key made the signature over the message.
    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool;

    /// The same, by one engine; `None` if it does not offer the algorithm for this key.
    fn verify_with(
        &self,
        engine: Engine,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Option<bool>;
}

/// A key with an id, which checks signatures.
pub struct Key {
    id: String,
    kind: Box<dyn Kind>,
}

impl Key {
    /// Reads a public key: PEM, DER or one-line base64, holding a SubjectPublicKeyInfo, a PKCS#1 key or
    /// an X.509 certificate (of which only the key counts, not its validity or issuer).
    ///
    /// # Errors
    /// If the bytes are none of these, or the key is unsafe: a modulus under 1024 or over 8192
    /// bits or even, an exponent under 3, even or over 33 bits.
    pub fn decode(id: &str, bytes: &[u8]) -> Result<Self, KeyError> {
        Ok(Self {
            id: id.to_owned(),
            kind: decode(bytes)?,
        })
    }

    /// The id it was given.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Which kind of key it is.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.kind.kind()
    }

    /// Its length in bits; of an RSA key, that of its modulus.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.kind.bits()
    }

    /// Whether it is too short by today's standards: RSA with fewer than 2048 bits.
    #[must_use]
    pub fn is_legacy(&self) -> bool {
        self.kind.is_legacy()
    }

    /// Whether whoever knows the key can also sign with it. No log or message may show such a key.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.kind.is_secret()
    }

    /// A SHA-256 of the key itself: the same for two ids of one key.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        self.kind.fingerprint()
    }

    /// Whether it can check signatures of the algorithm.
    #[must_use]
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        self.kind.fits(algorithm)
    }

    /// Whether the signature could be one of this key, from its form alone: RSA signatures have as many
    /// bytes as the modulus. It costs nothing, so it is asked before the signed content is built.
    #[must_use]
    pub fn candidate(&self, algorithm: Algorithm, signature: &[u8]) -> bool {
        self.fits(algorithm) && self.kind.candidate(algorithm, signature)
    }

    /// The engine that checks this key's signatures.
    #[must_use]
    pub fn engine(&self, algorithm: Algorithm) -> Engine {
        self.kind.engine(algorithm)
    }

    /// Whether this key made the signature over the message. Never, if the algorithm does not fit.
    #[must_use]
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.fits(algorithm) && self.kind.verify(algorithm, message, signature)
    }

    /// The same, by one engine, to hold several engines to the same answers. `None` if that engine does
    /// not offer the algorithm for this key.
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
