//! The seam between two engines that must always agree.

use md5::Md5;
use rsa::traits::PublicKeyParts as _;
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use super::fast::FastKey;
use crate::algorithm::{Algorithm, Digest};

/// The smallest modulus, in bits, that the fast engine supports.
const FAST_MIN_BITS: u32 = 2048;

/// What verifies signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Engine {
    /// `rsa`: pure Rust, every algorithm and key size.
    Reference,
    /// `aws-lc-rs`: about four times as fast; no MD5, and no keys of less than 2048 bits.
    Fast,
}

impl Engine {
    /// The library behind it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reference => "rsa",
            Self::Fast => "aws-lc-rs",
        }
    }
}

/// One key, prepared for both engines.
pub(super) struct Engines {
    reference: rsa::PublicKey,
    /// None for keys that the fast engine does not support.
    fast: Option<FastKey>,
}

impl Engines {
    pub(super) fn new(key: rsa::PublicKey) -> Self {
        // The fast engine accepts smaller keys, but then rejects all of their signatures.
        let fast = if key.n().bit_width() < FAST_MIN_BITS {
            None
        } else {
            FastKey::new(&key)
        };
        Self {
            reference: key,
            fast,
        }
    }

    pub(super) fn reference(&self) -> &rsa::PublicKey {
        &self.reference
    }

    /// The engine that [`Self::verify`] uses.
    pub(super) fn preferred(&self, algorithm: Algorithm) -> Engine {
        match &self.fast {
            Some(key) if key.offers(algorithm) => Engine::Fast,
            _ => Engine::Reference,
        }
    }

    /// Whether the key made the signature over the message.
    pub(super) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.verify_with(Engine::Fast, algorithm, message, signature)
            .unwrap_or_else(|| self.verify_reference(algorithm, message, signature))
    }

    /// The same with one engine; `None` if it does not support the algorithm for this key.
    pub(super) fn verify_with(
        &self,
        engine: Engine,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        match engine {
            Engine::Reference => Some(self.verify_reference(algorithm, message, signature)),
            Engine::Fast => self.fast.as_ref()?.verify(algorithm, message, signature),
        }
    }

    fn verify_reference(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let key = &self.reference;
        match algorithm.digest() {
            Digest::Md5 => key.pkcs1v15_verify::<Md5>(message, signature),
            Digest::Sha1 => key.pkcs1v15_verify::<Sha1>(message, signature),
            Digest::Sha256 => key.pkcs1v15_verify::<Sha256>(message, signature),
            Digest::Sha384 => key.pkcs1v15_verify::<Sha384>(message, signature),
            Digest::Sha512 => key.pkcs1v15_verify::<Sha512>(message, signature),
        }
        .is_ok()
    }
}
