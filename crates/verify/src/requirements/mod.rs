//! What a route requires of a callback's body besides a valid signature.

mod required_field;
mod requirement_check;

pub use required_field::{JsonType, Required};

/// What a route requires of a callback's body besides a valid signature. By default: nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Requirements {
    /// Whether body fields are used after the verification, so that Content-Type must not name
    /// another format than the scheme's (JSON, if the scheme's is opaque). Required fields have the
    /// same effect.
    pub fields: bool,
    /// Fields that must be present.
    pub require: Vec<Required>,
    /// What to do with a body that could have been signed as another.
    pub ambiguous: OnAmbiguity,
    /// What to do with fields that the scheme does not sign.
    pub unsigned_fields: OnUnsigned,
    /// Whether there must be no body, because the scheme signs none.
    pub no_body: bool,
}

/// What to do with a body that could have been signed as another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnAmbiguity {
    /// Accept it, and mark it.
    #[default]
    Flag,
    /// Refuse it.
    Refuse,
}

/// What to do with fields that the scheme does not sign: top-level ones, and those in objects that it signs
/// a part of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnUnsigned {
    /// Keep them.
    #[default]
    Pass,
    /// Refuse a callback that has any.
    Refuse,
}

impl Requirements {
    /// Whether a backend must not read the body in another format.
    pub(super) fn needs_fields(&self) -> bool {
        self.fields || !self.require.is_empty()
    }

    /// Whether the check uses body fields.
    pub(super) fn reads_body(&self) -> bool {
        self.unsigned_fields == OnUnsigned::Refuse || !self.require.is_empty()
    }
}
