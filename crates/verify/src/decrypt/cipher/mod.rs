//! How a value is encrypted.

mod aes_cbc;
mod aes_gcm;

pub(super) use aes_cbc::decrypt as decrypt_cbc;
pub(super) use aes_gcm::decrypt as decrypt_gcm;

use std::fmt;

use super::keys::{KeyKind, Padding};

/// The length of AES' blocks and of the IV of CBC, in bytes.
pub(super) const AES_BLOCK: usize = 16;
/// The length of GCM's nonce, in bytes.
pub(super) const GCM_NONCE: usize = 12;
/// The length of GCM's tag, which stands behind the cipher text, in bytes.
pub(super) const GCM_TAG: usize = 16;

/// A digest of OAEP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Digest {
    /// SHA-1, which OAEP can use safely: it needs no collision resistance.
    Sha1,
    /// SHA-256.
    Sha256,
}

/// How a value is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cipher {
    /// RSAES-PKCS1-v1_5 (RFC 8017, section 7.2), in blocks of the modulus' length.
    RsaPkcs1v15,
    /// RSAES-OAEP (RFC 8017, section 7.1) without label, in blocks of the modulus' length.
    RsaOaep {
        /// The digest.
        digest: Digest,
        /// The digest of the mask generation. Java's is SHA-1 unless told otherwise.
        mgf1: Digest,
    },
    /// AES-GCM with a nonce of 12 bytes, and the tag of 16 bytes behind the cipher text.
    AesGcm {
        /// The length of the key, 128 or 256.
        bits: usize,
    },
    /// AES-CBC with the padding of PKCS#7. It does not authenticate: only what is signed may be
    /// decrypted with it.
    AesCbc {
        /// The length of the key, 128 or 256.
        bits: usize,
    },
}

impl fmt::Display for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RsaPkcs1v15 | Self::RsaOaep { .. } => f.write_str("RSA"),
            Self::AesGcm { bits } | Self::AesCbc { bits } => {
                write!(f, "AES with a key of {bits} bits")
            }
        }
    }
}

impl Cipher {
    /// Whether a key is one for this cipher.
    #[must_use]
    pub fn fits(self, key: KeyKind) -> bool {
        match (self, key) {
            (Self::RsaPkcs1v15 | Self::RsaOaep { .. }, KeyKind::Rsa(_)) => true,
            (Self::AesGcm { bits } | Self::AesCbc { bits }, KeyKind::Aes(length)) => bits == length,
            _ => false,
        }
    }

    /// Whether it needs an IV (which GCM calls nonce) beside the key.
    #[must_use]
    pub fn takes_iv(self) -> bool {
        matches!(self, Self::AesGcm { .. } | Self::AesCbc { .. })
    }

    /// Whether it takes associated data.
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

    /// How its blocks are padded, if it is RSA.
    pub(super) fn padding(self) -> Option<Padding> {
        match self {
            Self::RsaPkcs1v15 => Some(Padding::Pkcs1v15),
            Self::RsaOaep { digest, mgf1 } => Some(Padding::Oaep { digest, mgf1 }),
            _ => None,
        }
    }
}
