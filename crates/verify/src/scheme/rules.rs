//! Where the values of a callback are, and how they are encoded.

use http::HeaderName;

/// Where one value of the callback is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Source {
    /// A header that must occur exactly once.
    #[cfg_attr(feature = "serde", serde(with = "super::serial::header"))]
    Header(HeaderName),
    /// A top-level field of the body.
    Field(String),
}

impl Source {
    /// A header.
    ///
    /// # Panics
    /// If the name is not a lower-case header name. Meant for names in source code.
    #[must_use]
    pub const fn static_header(name: &'static str) -> Self {
        Self::Header(HeaderName::from_static(name))
    }

    /// A top-level field of the body.
    #[must_use]
    pub fn field(name: impl Into<String>) -> Self {
        Self::Field(name.into())
    }

    /// The header, if it is one.
    #[must_use]
    pub fn header(&self) -> Option<&HeaderName> {
        match self {
            Self::Header(name) => Some(name),
            Self::Field(_) => None,
        }
    }

    /// Whether it is the field with this name.
    pub(crate) fn is_field(&self, name: &str) -> bool {
        matches!(self, Self::Field(field) if field == name)
    }
}

/// Where the signature is and how it is encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct SignatureRule {
    /// The header or field.
    pub source: Source,
    /// The encoding of its bytes.
    pub encoding: SignatureEncoding,
}

impl SignatureRule {
    /// A signature in this place and encoding.
    #[must_use]
    pub const fn new(source: Source, encoding: SignatureEncoding) -> Self {
        Self { source, encoding }
    }
}

/// How signature bytes are encoded as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum SignatureEncoding {
    /// Standard alphabet, padded, no white space (RFC 4648, section 4).
    Base64,
    /// Two digits for each byte, in either case.
    Hex,
}

/// Where the timestamp is and its unit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct TimestampRule {
    /// The header or field.
    pub source: Source,
    /// The unit in which it counts from 1970-01-01T00:00:00Z.
    pub unit: TimeUnit,
}

impl TimestampRule {
    /// A timestamp in this place and unit.
    #[must_use]
    pub const fn new(source: Source, unit: TimeUnit) -> Self {
        Self { source, unit }
    }
}

/// The unit of a timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum TimeUnit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
}

/// Where the nonce is and its largest length.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct NonceRule {
    /// The header or field.
    pub source: Source,
    /// The most characters that it may have.
    pub max_length: usize,
}

impl NonceRule {
    /// A nonce in this place with at most this many characters.
    #[must_use]
    pub const fn new(source: Source, max_length: usize) -> Self {
        Self { source, max_length }
    }
}
