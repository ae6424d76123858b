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
    /// Neither PEM, DER, base64 nor JSON.
    #[error("neither PEM, DER, base64 of DER, a JWK, nor an Ed25519 key in hex or base64")]
    NotAKey,
    /// DER that is not a public key of a known kind.
    #[error(
        "not an {kinds} public key (SubjectPublicKeyInfo, PKCS#1 or X.509 certificate): {0}",
        kinds = KeyKind::public_names()
    )]
    Unknown(String),
    /// Numbers that do not make a safe key.
    #[error("the key is unusable: {0}")]
    Unusable(&'static str),
    /// A secret without a character.
    #[error("the secret is empty")]
    EmptySecret,
    /// JSON that is no JWK (RFC 7517) of a supported kind.
    #[error("not a usable JWK: {0}")]
    BadJwk(JwkError),
    /// A set of several JWKs, where one key is needed.
    #[error("the JWK set contains {0} usable keys, but one key is needed")]
    SeveralJwks(usize),
}

/// What is wrong with a JWK.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwkError {
    /// Not JSON that every parser reads alike.
    #[error("invalid JSON, or a name twice, at byte {0}")]
    Json(usize),
    /// A member is missing, or has the wrong type.
    #[error("the member `{0}` is missing or has the wrong type")]
    Member(&'static str),
    /// A text with control characters.
    #[error("the member `{0}` has control characters")]
    Characters(&'static str),
    /// A number that is not base64url, or has the wrong length.
    #[error("the member `{0}` is not base64url of the right length")]
    Number(&'static str),
    /// Its kind, curve or algorithm is not supported.
    #[error("its `{0}` is not supported")]
    Unsupported(&'static str),
    /// Its `alg` is for another kind of key.
    #[error("its `alg` is for another kind of key")]
    WrongAlgorithm,
    /// `use` or `key_ops` say that it does not verify signatures.
    #[error("its `{0}` says that it is not for verifying signatures")]
    OtherUse(&'static str),
    /// The set has no key that verifies signatures.
    #[error("the set has no key for verifying signatures")]
    NoKeys,
    /// Several keys, of which one has no id.
    #[error("a key of the set has no `kid`")]
    NoId,
    /// Two keys with one id.
    #[error("two keys of the set have the same `kid`")]
    SameId,
}

impl From<JwkError> for KeyError {
    fn from(error: JwkError) -> Self {
        Self::BadJwk(error)
    }
}

pub(super) fn unknown(error: impl std::fmt::Display) -> KeyError {
    KeyError::Unknown(error.to_string())
}
