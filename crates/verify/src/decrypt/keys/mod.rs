//! The secret keys for decryption.

mod private_key;
mod rsa_key;

use std::fmt;

use zeroize::Zeroizing;

pub use private_key::PrivateKeyError;
pub(super) use rsa_key::{Padding, RsaKey};

/// A secret key with an id. It is never printed, and its memory is overwritten on drop.
pub struct Key {
    id: String,
    secret: Secret,
}

/// The key itself.
pub(super) enum Secret {
    Rsa(Box<RsaKey>),
    /// 16 or 32 bytes.
    Aes(Zeroizing<Vec<u8>>),
}

/// What a key can be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyKind {
    /// RSA with this many bits.
    Rsa(usize),
    /// AES with this many bits.
    Aes(usize),
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa(bits) => write!(f, "{bits}-bit RSA"),
            Self::Aes(bits) => write!(f, "{bits}-bit AES"),
        }
    }
}

impl Key {
    /// Decodes an RSA private key: PEM, DER or one-line base64 of PKCS#8 or PKCS#1.
    ///
    /// # Errors
    /// If the bytes are none of these, or the key does not have 2048 to 8192 bits, or its numbers
    /// are inconsistent.
    pub fn rsa(id: &str, bytes: &[u8]) -> Result<Self, PrivateKeyError> {
        let key = RsaKey::new(private_key::decode(bytes)?)?;
        Ok(Self {
            id: id.to_owned(),
            secret: Secret::Rsa(Box::new(key)),
        })
    }

    /// An AES key of 16 or 32 bytes; `None` for any other length.
    #[must_use]
    pub fn aes(id: &str, bytes: Zeroizing<Vec<u8>>) -> Option<Self> {
        matches!(bytes.len(), 16 | 32).then(|| Self {
            id: id.to_owned(),
            secret: Secret::Aes(bytes),
        })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it can be used for.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        match &self.secret {
            Secret::Rsa(key) => KeyKind::Rsa(key.bits()),
            Secret::Aes(bytes) => KeyKind::Aes(bytes.len().saturating_mul(8)),
        }
    }

    pub(super) fn secret(&self) -> &Secret {
        &self.secret
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("id", &self.id)
            .field("kind", &self.kind())
            .finish_non_exhaustive()
    }
}
