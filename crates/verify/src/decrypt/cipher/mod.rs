//! How a value is encrypted.

mod aes_cbc;
mod aes_gcm;
mod oaep_digest;

pub(super) use aes_cbc::decrypt as decrypt_cbc;
pub(super) use aes_gcm::decrypt as decrypt_gcm;
pub use oaep_digest::OaepDigest;

use std::fmt;

use super::keys::{DecryptionKeyKind, Padding};

/// The length of an AES block and of the IV for CBC, in bytes.
pub(super) const AES_BLOCK: usize = 16;
/// The length of GCM's nonce, in bytes.
pub(super) const GCM_NONCE: usize = 12;
/// The length of GCM's tag, which follows the cipher text, in bytes.
pub(super) const GCM_TAG: usize = 16;

/// How a value is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cipher {
    /// RSAES-PKCS1-v1_5 (RFC 8017, section 7.2), in blocks of the modulus' length.
    RsaPkcs1v15,
    /// RSAES-OAEP (RFC 8017, section 7.1) without label, in blocks of the modulus' length.
    RsaOaep {
        /// The digest.
        digest: OaepDigest,
        /// The digest of the mask generation function. Java uses SHA-1 by default.
        mgf1: OaepDigest,
    },
    /// AES-GCM with a nonce of 12 bytes, and a tag of 16 bytes after the cipher text.
    AesGcm {
        /// The key length in bits, 128 or 256.
        bits: usize,
    },
    /// AES-CBC with PKCS#7 padding. It does not authenticate: decrypt only signed content with it.
    AesCbc {
        /// The key length in bits, 128 or 256.
        bits: usize,
    },
}

impl fmt::Display for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RsaPkcs1v15 | Self::RsaOaep { .. } => f.write_str("RSA"),
            Self::AesGcm { bits } | Self::AesCbc { bits } => {
                write!(f, "AES with a {bits}-bit key")
            }
        }
    }
}

impl Cipher {
    /// Whether a key is suitable for this cipher.
    #[must_use]
    pub fn fits(self, key: DecryptionKeyKind) -> bool {
        match (self, key) {
            (Self::RsaPkcs1v15 | Self::RsaOaep { .. }, DecryptionKeyKind::Rsa(_)) => true,
            (Self::AesGcm { bits } | Self::AesCbc { bits }, DecryptionKeyKind::Aes(length)) => {
                bits == length
            }
            _ => false,
        }
    }

    /// Whether it needs an IV (GCM's nonce) besides the key.
    #[must_use]
    pub fn takes_iv(self) -> bool {
        matches!(self, Self::AesGcm { .. } | Self::AesCbc { .. })
    }

    /// Whether it accepts associated data.
    #[must_use]
    pub fn takes_aad(self) -> bool {
        matches!(self, Self::AesGcm { .. })
    }

    /// The length of its IV in bytes, if it needs one.
    #[must_use]
    pub fn iv_length(self) -> Option<usize> {
        match self {
            Self::AesGcm { .. } => Some(GCM_NONCE),
            Self::AesCbc { .. } => Some(AES_BLOCK),
            _ => None,
        }
    }

    /// The padding of its blocks, if it is RSA.
    pub(super) fn padding(self) -> Option<Padding> {
        match self {
            Self::RsaPkcs1v15 => Some(Padding::Pkcs1v15),
            Self::RsaOaep { digest, mgf1 } => Some(Padding::Oaep { digest, mgf1 }),
            _ => None,
        }
    }
}
