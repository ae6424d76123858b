//! What makes two callbacks the same.

use std::fmt;

use crate::body::FieldPath;

/// A part of what makes two callbacks the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum IdentityPart {
    /// The bytes that were signed.
    Content,
    /// What names the key.
    KeyId,
    /// The nonce.
    Nonce,
    /// A field of the body.
    #[cfg_attr(feature = "serde", serde(with = "crate::scheme::serial::path"))]
    Field(FieldPath),
}

impl IdentityPart {
    /// The field, if it is one.
    #[must_use]
    pub const fn field(&self) -> Option<&FieldPath> {
        match self {
            Self::Field(path) => Some(path),
            Self::Content | Self::KeyId | Self::Nonce => None,
        }
    }
}

/// In the configuration's syntax.
impl fmt::Display for IdentityPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Content => f.write_str("{content}"),
            Self::KeyId => f.write_str("{key_id}"),
            Self::Nonce => f.write_str("{nonce}"),
            Self::Field(path) => path.fmt(f),
        }
    }
}
