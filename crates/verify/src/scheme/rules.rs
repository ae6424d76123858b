//! Where the values of a callback are, and how they are written.

use http::HeaderName;

/// Where one value of the callback is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Source {
    /// A header that must be there exactly once.
    #[cfg_attr(feature = "serde", serde(with = "super::serial::header"))]
    Header(HeaderName),
    /// A top-level field of the body.
    Field(String),
}

impl Source {
    /// A header.
    ///
    /// # Panics
    /// If the name is not a lower-case header name; meant for names that the program knows.
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

    /// Whether it is the field of that name.
    pub(crate) fn is_field(&self, name: &str) -> bool {
        matches!(self, Self::Field(field) if field == name)
    }
}

/// Where the signature is and how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct SignatureRule {
    /// The header or field.
    pub source: Source,
    /// How its bytes are written.
    pub encoding: SignatureEncoding,
}

impl SignatureRule {
    /// A signature that is there and written so.
    #[must_use]
    pub const fn new(source: Source, encoding: SignatureEncoding) -> Self {
        Self { source, encoding }
    }
}

/// How signature bytes are written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum SignatureEncoding {
    /// Standard alphabet, padded, no white space (RFC 4648, section 4).
    Base64,
    /// Two digits a byte, either case.
    Hex,
}

/// Where the signing time is and what it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct TimestampRule {
    /// The header or field.
    pub source: Source,
    /// What it counts since 1970-01-01T00:00:00Z.
    pub unit: TimeUnit,
}

impl TimestampRule {
    /// A signing time that is there and counts that.
    #[must_use]
    pub const fn new(source: Source, unit: TimeUnit) -> Self {
        Self { source, unit }
    }
}

/// What a time stamp counts.
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

/// Where the nonce is and how long it may be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct NonceRule {
    /// The header or field.
    pub source: Source,
    /// The most characters it may have.
    pub max_length: usize,
}

impl NonceRule {
    /// A nonce that is there and has at most so many characters.
    #[must_use]
    pub const fn new(source: Source, max_length: usize) -> Self {
        Self { source, max_length }
    }
}
