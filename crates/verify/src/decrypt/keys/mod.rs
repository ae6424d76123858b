//! The secret keys that values are decrypted with.

mod private_key;
mod rsa_key;

use std::fmt;

use zeroize::Zeroizing;

pub use private_key::PrivateKeyError;
pub(super) use rsa_key::{Padding, RsaKey};

/// A secret key with an id. Nothing prints it, and its memory is overwritten when it is dropped.
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
    /// RSA with so many bits.
    Rsa(usize),
    /// AES with so many bits.
    Aes(usize),
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa(bits) => write!(f, "RSA with {bits} bits"),
            Self::Aes(bits) => write!(f, "AES with {bits} bits"),
        }
    }
}

impl Key {
    /// Reads an RSA private key: PEM, DER or one-line base64, holding PKCS#8 or PKCS#1.
    ///
    /// # Errors
    /// If the bytes are none of these, or the key is not one of 2048 to 8192 bits whose numbers fit
    /// together.
    pub fn rsa(id: &str, bytes: &[u8]) -> Result<Self, PrivateKeyError> {
        let key = RsaKey::new(private_key::decode(bytes)?)?;
        Ok(Self {
            id: id.to_owned(),
            secret: Secret::Rsa(Box::new(key)),
        })
    }

    /// An AES key of 16 or 32 bytes; `None` if it has another length.
    #[must_use]
    pub fn aes(id: &str, bytes: Zeroizing<Vec<u8>>) -> Option<Self> {
        matches!(bytes.len(), 16 | 32).then(|| Self {
            id: id.to_owned(),
            secret: Secret::Aes(bytes),
        })
    }

    /// The id it was given.
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
