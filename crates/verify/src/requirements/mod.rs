//! What a route requires of a callback's body beyond a genuine signature.

mod required_field;

use super::reason::{At, Reason, Rejection};
use super::verified::{Ambiguous, Verified};

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

    /// Checks a callback whose signature is genuine.
    pub(super) fn check(&self, verified: &Verified<'_>) -> Result<(), Rejection> {
        if self.unsigned_fields == OnUnsigned::Refuse {
            refuse_unsigned(verified)?;
        }
        if !self.require.is_empty() {
            // Asking for the body may parse it.
            let body = verified.body();
            let mut required = self.require.iter();
            required.try_for_each(|required| required.check(verified.scheme(), body))?;
        }
        match verified.ambiguous() {
            Some(ambiguous) if self.ambiguous == OnAmbiguity::Refuse => Err(match ambiguous {
                Ambiguous::Field(name) => {
                    Rejection::at(Reason::ContentAmbiguous, At::Field(name.clone()))
                }
                Ambiguous::Join => Reason::ContentAmbiguous.into(),
            }),
            _ => Ok(()),
        }
    }
}

/// Refuses a body with fields that are not signed: whoever repeats a callback can add them, and take
/// them away.
fn refuse_unsigned(verified: &Verified<'_>) -> Result<(), Rejection> {
    let scheme = verified.scheme();
    if !scheme.omits_empty() {
        return Ok(());
    }
    let mut fields = verified.body().fields();
    match fields.find(|(_, field)| scheme.omits(*field)) {
        Some((name, _)) => Err(Rejection::at(
            Reason::FieldUnsigned,
            At::Field(name.into_owned()),
        )),
        None => Ok(()),
    }
}
