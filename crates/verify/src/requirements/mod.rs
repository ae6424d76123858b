//! What a route requires of a callback's body beyond a genuine signature.

mod required_field;
mod requirement_check;

pub use required_field::{JsonType, Required};

/// What a route requires of a callback's body beyond a genuine signature. By default: nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Requirements {
    /// Whether fields of the body are read behind the verification, so that nothing may say that it is in
    /// another format than the scheme's (JSON, where the scheme's is opaque). They are, too, where
    /// fields are required.
    pub fields: bool,
    /// Fields that must be there.
    pub require: Vec<Required>,
    /// What becomes of a body that could have been signed as another.
    pub ambiguous: OnAmbiguity,
    /// What becomes of fields that the scheme does not sign.
    pub unsigned_fields: OnUnsigned,
}

/// What becomes of a body that could have been signed as another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnAmbiguity {
    /// It passes, and is marked.
    #[default]
    Flag,
    /// It is refused.
    Refuse,
}

/// What becomes of top-level fields that the scheme does not sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnUnsigned {
    /// They stay.
    #[default]
    Pass,
    /// A callback that has any is refused.
    Refuse,
}

impl Requirements {
    /// Whether the body must not be read in another format.
    pub(super) fn needs_fields(&self) -> bool {
        self.fields || !self.require.is_empty()
    }

    /// Whether the check asks for the body's fields.
    pub(super) fn reads_body(&self) -> bool {
        self.unsigned_fields == OnUnsigned::Refuse || !self.require.is_empty()
    }
}
