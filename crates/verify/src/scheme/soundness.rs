//! What a scheme may rely on.

use super::*;
use crate::language::OpenBorder;

/// Why a scheme is refused: one signature could be good for two callbacks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsound {
    /// The values of the signed text cannot be told apart, and the scheme does not state that.
    #[error("{0}")]
    Join(OpenBorder),
    /// The scheme states that they cannot be told apart, but they can.
    #[error(
        "the scheme sets `ambiguous_join`, but the values of its signed text can be told apart"
    )]
    NeedlessAmbiguousJoin,
    /// A problem with its identity.
    #[error(transparent)]
    Identity(#[from] UnsoundIdentity),
}

/// Why a part of an identity is unusable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnsoundIdentity {
    /// The signature does not cover it: every value of it would make another callback.
    #[error("the identity contains `{0}`, which the signature does not cover")]
    Unsigned(IdentityPart),
    /// No field of the scheme's bodies is inside another one.
    #[error("the identity contains `{0}`, but no field of a form or of flat XML is inside another")]
    Nested(IdentityPart),
    /// Its end is ambiguous.
    #[error("the identity contains `{0}`, but the ends of values are ambiguous (`ambiguous_join`)")]
    Ambiguous(IdentityPart),
}

impl Scheme {
    /// Refuses a scheme under which one of two callbacks with the same signature could pass for a
    /// new one, or for the other, although each is as its provider signs.
    ///
    /// # Errors
    /// The first reason.
    pub fn check(&self) -> Result<(), Unsound> {
        let open = self.rules.coverage().open_borders().first();
        match (open, self.ambiguous_join) {
            (Some(border), false) => return Err(Unsound::Join(border.clone())),
            (None, true) => return Err(Unsound::NeedlessAmbiguousJoin),
            _ => {}
        }
        self.check_identity(&self.identity)
            .map_err(Unsound::Identity)
    }

    /// Refuses an identity that would let the owner of one callback make others.
    ///
    /// # Errors
    /// The first part that is unusable.
    pub fn check_identity(&self, identity: &[IdentityPart]) -> Result<(), UnsoundIdentity> {
        for part in identity {
            if *part == IdentityPart::Content {
                continue;
            }
            if self.ambiguous_join {
                return Err(UnsoundIdentity::Ambiguous(part.clone()));
            }
            if !self.covers(part) {
                return Err(UnsoundIdentity::Unsigned(part.clone()));
            }
            if part.field().is_some_and(|path| !self.may_have(path)) {
                return Err(UnsoundIdentity::Nested(part.clone()));
            }
        }
        Ok(())
    }

    /// Whether its bodies may have a field there.
    #[must_use]
    pub fn may_have(&self, path: &FieldPath) -> bool {
        self.body_format().is_typed() || path.is_top_level()
    }

    /// Whether the signature covers a part of an identity.
    #[must_use]
    pub fn covers(&self, part: &IdentityPart) -> bool {
        self.rules.coverage().covers(part)
    }

    /// Whether the signature covers the body, or fields of it.
    #[must_use]
    pub fn signs_body(&self) -> bool {
        self.rules.coverage().covers_body()
    }

    /// Whether the signature covers every byte of the body.
    #[must_use]
    pub fn signs_raw_body(&self) -> bool {
        self.rules.coverage().covers_raw_body()
    }

    /// Whether the signature covers the whole target.
    #[must_use]
    pub fn signs_target(&self) -> bool {
        self.rules.coverage().covers_target()
    }

    /// What the scheme names and the signature does not cover.
    #[must_use]
    pub fn unsigned(&self) -> Vec<Unsigned> {
        self.rules.coverage().unsigned(self.event().as_ref())
    }

    /// Whether some or all of its callbacks can be read in several ways under one signature.
    #[must_use]
    pub fn may_be_ambiguous(&self) -> bool {
        self.ambiguous_join || self.rules.coverage().may_be_ambiguous()
    }

    /// Whether a value that is part of the signed text could be two: if fields are joined before they
    /// are signed, `a=1&b=2` may be two fields, or one with the value `1&b=2`.
    #[must_use]
    pub fn may_be_two(&self, text: &str) -> bool {
        self.rules.coverage().may_be_two(text)
    }

    /// Whether empty fields of the body are left out of what is signed.
    #[must_use]
    pub fn may_leave_out_empty(&self) -> bool {
        self.rules.coverage().may_omit()
    }

    /// Whether a signature that is valid under the other scheme is valid under this one, with the
    /// same key.
    #[must_use]
    pub fn signs_like(&self, other: &Self) -> bool {
        let (one, other) = (&self.definition, &other.definition);
        (
            &one.algorithm,
            &one.signature_form,
            &one.signature,
            &one.key,
        ) == (
            &other.algorithm,
            &other.signature_form,
            &other.signature,
            &other.key,
        ) && (
            &one.lets,
            &one.content,
            &one.payload,
            &one.signed,
            &one.selections,
        ) == (
            &other.lets,
            &other.content,
            &other.payload,
            &other.signed,
            &other.selections,
        )
    }

    /// Whether some of the body's fields can be left out of what is signed.
    #[must_use]
    pub fn may_leave_out_fields(&self) -> bool {
        self.rules.coverage().may_leave_out_fields()
    }

    /// Whether the signature leaves out a top-level field of the body. What the scheme reads the
    /// signature and its other values from does not count.
    #[must_use]
    pub fn leaves_out(&self, name: &str, field: Field<'_, '_>) -> bool {
        self.rules.coverage().leaves_out_field(name, field)
    }
}
