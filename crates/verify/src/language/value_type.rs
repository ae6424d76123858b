//! What a value of an expression is.

use std::fmt;

/// The type of a value, known when the expression is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueType {
    /// Characters.
    Text,
    /// Any bytes.
    Bytes,
    /// A JSON value, with its text in the source.
    Json,
    /// Names with values, such as `t=1,v1=abc`.
    Pairs,
    /// Several texts.
    Texts,
    /// Several byte strings.
    ByteStrings,
}

impl ValueType {
    /// The type of one item of a list; any other type is its own.
    pub(super) const fn item(self) -> Self {
        match self {
            Self::Texts => Self::Text,
            Self::ByteStrings => Self::Bytes,
            other => other,
        }
    }

    /// The type of a list of such items.
    pub(super) const fn list(self) -> Self {
        match self {
            Self::Text => Self::Texts,
            Self::Bytes => Self::ByteStrings,
            other => other,
        }
    }

    pub(super) const fn is_list(self) -> bool {
        matches!(self, Self::Texts | Self::ByteStrings)
    }

    /// Whether it can stand in text: JSON can if it is a scalar, which only the callback decides.
    pub(super) const fn fits_in_text(self) -> bool {
        matches!(self, Self::Text | Self::Bytes | Self::Json)
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Bytes => "bytes",
            Self::Json => "a JSON value",
            Self::Pairs => "pairs",
            Self::Texts => "a list of texts",
            Self::ByteStrings => "a list of byte strings",
        })
    }
}
