//! HMACs, digests and tokens: what both sides can make.

use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use sha3::Sha3_256;
use subtle::ConstantTimeEq as _;

use crate::algorithm::{Algorithm, Construction, Digest};

/// An HMAC's key, worked into the digest's state once. A clone of it is the state for one message.
#[derive(Clone)]
pub struct MacKey(HmacState);

impl MacKey {
    /// The key for an HMAC; `None` if the algorithm is another. A key of any length is right, even
    /// an empty one: whoever decodes a secret refuses that.
    #[must_use]
    pub fn new(algorithm: Algorithm, key: &[u8]) -> Option<Self> {
        match algorithm.construction() {
            Construction::Hmac(digest) => HmacState::new(digest, key).map(Self),
            _ => None,
        }
    }

    /// Adds bytes to the message.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Whether the signature is the HMAC of the message. Takes equally long wherever they differ.
    #[must_use]
    pub fn matches(self, signature: &[u8]) -> bool {
        self.0.matches(signature)
    }

    /// The HMAC of the message.
    #[cfg(feature = "sign")]
    pub(crate) fn finish(self) -> Vec<u8> {
        self.0.finish()
    }
}

/// A plain digest of a message that holds the secret.
#[derive(Clone)]
pub struct DigestCheck(DigestState);

impl DigestCheck {
    /// An empty message; `None` if the algorithm is no plain digest.
    #[must_use]
    pub fn new(algorithm: Algorithm) -> Option<Self> {
        match algorithm.construction() {
            Construction::Plain(digest) => Some(Self(DigestState::new(digest))),
            _ => None,
        }
    }

    /// Adds bytes to the message.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Whether the signature is the digest of the message. Takes equally long wherever they differ.
    #[must_use]
    pub fn matches(self, signature: &[u8]) -> bool {
        self.0.matches(signature)
    }

    /// The digest of the message.
    #[cfg(feature = "sign")]
    pub(crate) fn finish(self) -> Vec<u8> {
        self.0.finish()
    }
}

/// Whether two values are equal. Takes equally long wherever they differ; only a difference in
/// length shows.
#[must_use]
pub fn is_same_secret(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

/// The state of each digest, and of an HMAC with it.
macro_rules! states {
    ($($digest:ident),+) => {
        #[derive(Clone)]
        enum HmacState {
            $($digest(Hmac<$digest>),)+
        }

        impl HmacState {
            /// No HMAC is made with SHA-3.
            fn new(digest: Digest, key: &[u8]) -> Option<Self> {
                match digest {
                    $(Digest::$digest => Hmac::new_from_slice(key).ok().map(Self::$digest),)+
                    Digest::Sha3_256 => None,
                }
            }

            fn update(&mut self, bytes: &[u8]) {
                match self {
                    $(Self::$digest(state) => state.update(bytes),)+
                }
            }

            fn matches(self, signature: &[u8]) -> bool {
                match self {
                    $(Self::$digest(state) => state.verify_slice(signature).is_ok(),)+
                }
            }

            #[cfg(feature = "sign")]
            fn finish(self) -> Vec<u8> {
                match self {
                    $(Self::$digest(state) => state.finalize().into_bytes().to_vec(),)+
                }
            }
        }

        #[derive(Clone)]
        enum DigestState {
            $($digest($digest),)+
            Sha3_256(Sha3_256),
        }

        impl DigestState {
            fn new(digest: Digest) -> Self {
                match digest {
                    $(Digest::$digest => Self::$digest($digest::new()),)+
                    Digest::Sha3_256 => Self::Sha3_256(Sha3_256::new()),
                }
            }

            fn update(&mut self, bytes: &[u8]) {
                match self {
                    $(Self::$digest(state) => sha2::Digest::update(state, bytes),)+
                    Self::Sha3_256(state) => sha2::Digest::update(state, bytes),
                }
            }

            fn matches(self, signature: &[u8]) -> bool {
                match self {
                    $(Self::$digest(state) => is_same_secret(&sha2::Digest::finalize(state), signature),)+
                    Self::Sha3_256(state) => is_same_secret(&sha2::Digest::finalize(state), signature),
                }
            }

            #[cfg(feature = "sign")]
            fn finish(self) -> Vec<u8> {
                match self {
                    $(Self::$digest(state) => sha2::Digest::finalize(state).to_vec(),)+
                    Self::Sha3_256(state) => sha2::Digest::finalize(state).to_vec(),
                }
            }
        }
    };
}

states!(Md5, Sha1, Sha256, Sha384, Sha512);
