//! One public key.

use rsa::traits::PublicKeyParts as _;
use sha2::{Digest as _, Sha256};

use super::decode::{KeyError, decode};
use super::engine::{Engine, Engines};
use crate::algorithm::Algorithm;

/// The smallest modulus, in bits, that is not legacy (NIST SP 800-131A).
const MODERN_BITS: usize = 2048;

/// An RSA public key with an id.
#[derive(Debug)]
pub struct PublicKey {
    id: String,
    bits: usize,
    engines: Engines,
}

impl PublicKey {
    /// Reads a key: PEM, DER or one-line base64, holding a SubjectPublicKeyInfo, a PKCS#1 key or
    /// an X.509 certificate (of which only the key counts, not its validity or issuer).
    ///
    /// # Errors
    /// If the bytes are none of these, or the key is unsafe: a modulus under 1024 or over 8192
    /// bits or even, an exponent under 3, even or over 33 bits.
    pub fn decode(id: &str, bytes: &[u8]) -> Result<Self, KeyError> {
        let key = decode(bytes)?;
        let bits = usize::try_from(key.n().bit_width()).unwrap_or(usize::MAX);
        Ok(Self {
            id: id.to_owned(),
            bits,
            engines: Engines::new(key),
        })
    }

    /// The id it was given.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The length of its modulus, in bits.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.bits
    }

    /// The SHA-256 of its numbers: the same for two ids of one key.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        let key = self.engines.reference();
        let exponent = key.e_bytes();
        let length = u64::try_from(exponent.len()).unwrap_or(u64::MAX);
        let mut digest = Sha256::new();
        digest.update(length.to_be_bytes());
        digest.update(exponent);
        digest.update(key.n_bytes());
        digest.finalize().into()
    }

    /// Whether it has fewer than 2048 bits.
    #[must_use]
    pub fn is_legacy(&self) -> bool {
        self.bits < MODERN_BITS
    }

    /// How many bytes its signatures have.
    #[must_use]
    pub fn signature_length(&self) -> usize {
        self.engines.reference().size()
    }

    /// The engine that checks this key's signatures.
    #[must_use]
    pub fn engine(&self, algorithm: Algorithm) -> Engine {
        self.engines.preferred(algorithm)
    }

    /// Whether this key made the signature over the message.
    #[must_use]
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.engines.verify(algorithm, message, signature)
    }

    /// The same, by one engine, to hold both to the same answers. `None` if that engine does not
    /// offer the algorithm for this key.
    #[must_use]
    pub fn verify_with(
        &self,
        engine: Engine,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        self.engines
            .verify_with(engine, algorithm, message, signature)
    }
}
