//! Why a key could not be read.

use crate::algorithm::KeyKind;

/// Why a key could not be read. No message contains key material.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Nothing but white space.
    #[error("the key is empty")]
    Empty,
    /// A private key or an encrypted one.
    #[error("this is a private key (`{0}`), but a public key is needed")]
    Private(String),
    /// More than one PEM block.
    #[error("the file contains {0} PEM blocks, but one key is needed")]
    Several(usize),
    /// A PEM block of another kind.
    #[error("a PEM block `{0}` is not a public key or a certificate")]
    WrongLabel(String),
    /// A damaged PEM armour.
    #[error("the PEM block is damaged: {0}")]
    BadPem(String),
    /// Neither PEM, DER nor base64.
    #[error("neither PEM, DER nor base64 of DER")]
    NotAKey,
    /// DER that is not a public key of a known kind.
    #[error(
        "not an {kinds} public key (SubjectPublicKeyInfo, PKCS#1 or X.509 certificate): {0}",
        kinds = KeyKind::names()
    )]
    Unknown(String),
    /// Numbers that do not make a safe RSA key.
    #[error("the RSA key is unusable: {0}")]
    Unusable(&'static str),
}

pub(super) fn unknown(error: impl std::fmt::Display) -> KeyError {
    KeyError::Unknown(error.to_string())
}
