//! Checking the requirements.

use super::{OnAmbiguity, OnUnsigned, Requirements};
use crate::reason::{At, Reason, Rejection};
use crate::verified::{Ambiguous, Verified};

impl Requirements {
    /// Checks a callback whose signature is valid.
    pub(crate) fn check(&self, verified: &Verified<'_>) -> Result<(), Rejection> {
        if self.no_body && verified.has_body() {
            return Err(Reason::BodyUnexpected.into());
        }
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

/// Refuses a body with unsigned fields: an attacker can add them to a captured callback, or remove
/// them.
fn refuse_unsigned(verified: &Verified<'_>) -> Result<(), Rejection> {
    let scheme = verified.scheme();
    match scheme.rules().coverage().find_unsigned(verified.body()) {
        Some(name) => Err(Rejection::at(Reason::FieldUnsigned, At::Field(name))),
        None => Ok(()),
    }
}
