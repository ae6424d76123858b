//! The signature algorithms.

use std::fmt;

/// RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2) with a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// `MD5withRSA`. Broken against collisions: use it only if a provider leaves no choice.
    RsaMd5,
    /// `SHA1withRSA`. Broken against collisions: use it only if a provider leaves no choice.
    RsaSha1,
    /// `SHA256withRSA`.
    RsaSha256,
    /// `SHA384withRSA`.
    RsaSha384,
    /// `SHA512withRSA`.
    RsaSha512,
}

/// The kind of key that an algorithm needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyKind {
    /// An RSA public key.
    Rsa,
}

impl KeyKind {
    /// Every kind of key.
    pub const ALL: &'static [Self] = &[Self::Rsa];

    /// The names of all kinds, as a list for messages.
    pub(crate) fn names() -> String {
        let names: Vec<String> = Self::ALL.iter().map(ToString::to_string).collect();
        names.join(" or ")
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rsa => "RSA",
        })
    }
}

/// The digest that an algorithm signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Digest {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: &'static [Self] = &[
        Self::RsaSha256,
        Self::RsaSha384,
        Self::RsaSha512,
        Self::RsaSha1,
        Self::RsaMd5,
    ];

    /// The name in configurations and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RsaMd5 => "rsa-md5",
            Self::RsaSha1 => "rsa-sha1",
            Self::RsaSha256 => "rsa-sha256",
            Self::RsaSha384 => "rsa-sha384",
            Self::RsaSha512 => "rsa-sha512",
        }
    }

    /// The kind of key that checks its signatures.
    #[must_use]
    pub const fn key_kind(self) -> KeyKind {
        match self {
            Self::RsaMd5 | Self::RsaSha1 | Self::RsaSha256 | Self::RsaSha384 | Self::RsaSha512 => {
                KeyKind::Rsa
            }
        }
    }

    pub(crate) const fn digest(self) -> Digest {
        match self {
            Self::RsaMd5 => Digest::Md5,
            Self::RsaSha1 => Digest::Sha1,
            Self::RsaSha256 => Digest::Sha256,
            Self::RsaSha384 => Digest::Sha384,
            Self::RsaSha512 => Digest::Sha512,
        }
    }

    /// The algorithm with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|algorithm| algorithm.name() == name)
    }

    /// Whether its digest is broken against collisions.
    #[must_use]
    pub const fn is_legacy(self) -> bool {
        matches!(self, Self::RsaMd5 | Self::RsaSha1)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
