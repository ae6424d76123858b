//! The secret keys for decryption.

mod private_key;
mod rsa_key;

use std::fmt;

use zeroize::Zeroizing;

pub use private_key::PrivateKeyError;
pub(super) use rsa_key::{Padding, RsaPrivateKey};

/// A secret key with an id. It is never printed, and its memory is overwritten on drop.
pub struct DecryptionKey {
    id: String,
    secret: KeyMaterial,
}

/// The key itself.
pub(super) enum KeyMaterial {
    Rsa(Box<RsaPrivateKey>),
    /// 16 or 32 bytes.
    Aes(Zeroizing<Vec<u8>>),
}

/// What a key can be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecryptionKeyKind {
    /// RSA with this many bits.
    Rsa(usize),
    /// AES with this many bits.
    Aes(usize),
}

impl fmt::Display for DecryptionKeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa(bits) => write!(f, "{bits}-bit RSA"),
            Self::Aes(bits) => write!(f, "{bits}-bit AES"),
        }
    }
}

impl DecryptionKey {
    /// Decodes an RSA private key: PEM, DER or one-line base64 of PKCS#8 or PKCS#1.
    ///
    /// # Errors
    /// If the bytes are none of these, or the key does not have 2048 to 8192 bits, or its numbers
    /// are inconsistent.
    pub fn rsa(id: &str, bytes: &[u8]) -> Result<Self, PrivateKeyError> {
        let key = RsaPrivateKey::new(private_key::decode(bytes)?)?;
        Ok(Self {
            id: id.to_owned(),
            secret: KeyMaterial::Rsa(Box::new(key)),
        })
    }

    /// An AES key of 16 or 32 bytes; `None` for any other length.
    #[must_use]
    pub fn aes(id: &str, bytes: Zeroizing<Vec<u8>>) -> Option<Self> {
        matches!(bytes.len(), 16 | 32).then(|| Self {
            id: id.to_owned(),
            secret: KeyMaterial::Aes(bytes),
        })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it can be used for.
    #[must_use]
    pub fn kind(&self) -> DecryptionKeyKind {
        match &self.secret {
            KeyMaterial::Rsa(key) => DecryptionKeyKind::Rsa(key.bits()),
            KeyMaterial::Aes(bytes) => DecryptionKeyKind::Aes(bytes.len().saturating_mul(8)),
        }
    }

    pub(super) fn secret(&self) -> &KeyMaterial {
        &self.secret
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("id", &self.id)
            .field("kind", &self.kind())
            .finish_non_exhaustive()
    }
}
