//! What a route demands of a callback's body beyond a genuine signature.

mod required;

use super::reason::{At, Reason, Rejection};
use super::verified::{Ambiguous, Verified};

pub use required::{JsonType, Required};

/// What a route demands of a callback's body beyond a genuine signature. By default: nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Demands {
    /// Whether the body is read as JSON behind the verification, so that nothing may say that it is
    /// anything else. It is, too, where fields are required.
    pub json: bool,
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

impl Demands {
    /// Whether the body is read as JSON.
    pub(super) fn needs_json(&self) -> bool {
        self.json || !self.require.is_empty()
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
    let mut fields = verified.body().into_iter().flat_map(|body| body.members());
    match fields.find(|(_, value)| scheme.omits(*value)) {
        Some((name, _)) => Err(Rejection::at(
            Reason::FieldUnsigned,
            At::Field(name.into_owned()),
        )),
        None => Ok(()),
    }
}
