//! What a signature covers, and what a scheme may rely on.

use super::*;

/// A value that a scheme names and its signature does not cover: whoever repeats a callback can change
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsigned {
    /// The body, and so every field in it.
    Body,
    /// The signing time.
    Timestamp,
    /// The nonce.
    Nonce,
    /// The header that names the merchant or the key.
    KeyId,
    /// The field that names the event, in a body that is signed otherwise.
    Event,
}

/// Why a scheme is refused: under one signature there could be two callbacks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsound {
    /// The values of the signed text cannot be told apart, and the scheme does not say so.
    #[error(transparent)]
    Join(#[from] OpenJoin),
    /// The scheme says that they cannot be told apart, and they can.
    #[error(
        "the scheme sets `ambiguous_join`, but the values of its signed text can be told apart"
    )]
    NeedlessAmbiguousJoin,
    /// Its identity.
    #[error(transparent)]
    Identity(#[from] UnsoundIdentity),
}

/// Why a part of an identity is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnsoundIdentity {
    /// The signature does not cover it: each value of it would be another callback.
    #[error("the identity has `{0}`, which the signature does not cover")]
    Unsigned(IdentityPart),
    /// Where it ends nobody can tell.
    #[error("the identity has `{0}`, but where values end cannot be told (`ambiguous_join`)")]
    Ambiguous(IdentityPart),
}

impl Scheme {
    /// Refuses a scheme under which two callbacks with one signature could pass for different ones, or one
    /// for another, although each of them is as its provider signs.
    ///
    /// # Errors
    /// The first reason.
    pub fn check(&self) -> Result<(), Unsound> {
        match (self.open_join(), self.ambiguous_join) {
            (Some(join), false) => return Err(Unsound::Join(join)),
            (None, true) => return Err(Unsound::NeedlessAmbiguousJoin),
            _ => {}
        }
        self.check_identity(&self.identity)
            .map_err(Unsound::Identity)
    }

    /// Refuses an identity of which whoever has one callback could make others.
    ///
    /// # Errors
    /// The first part that is of no use.
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
        }
        Ok(())
    }

    /// Whether the signature covers a part of an identity.
    #[must_use]
    pub fn covers(&self, part: &IdentityPart) -> bool {
        match part {
            IdentityPart::Content => true,
            IdentityPart::KeyId => self.key_id.as_ref().is_some_and(|header| {
                self.has_part(&Part::KeyId) || self.has_part(&Part::Header(header.clone()))
            }),
            IdentityPart::Nonce => self
                .nonce
                .as_ref()
                .is_some_and(|rule| self.covers_value(&rule.source, &Part::Nonce)),
            IdentityPart::Field(path) => {
                self.signs_body() && !self.signature.source.holds_start(path)
            }
        }
    }

    /// What the scheme names and the signature does not cover.
    #[must_use]
    pub fn unsigned(&self) -> Vec<Unsigned> {
        let timestamp = self.timestamp.as_ref().map(|rule| &rule.source);
        let event = self.event.as_deref();
        [
            (Unsigned::Body, !self.signs_body()),
            (
                Unsigned::Timestamp,
                timestamp.is_some_and(|source| !self.covers_value(source, &Part::Timestamp)),
            ),
            (
                Unsigned::Nonce,
                self.nonce.is_some() && !self.covers(&IdentityPart::Nonce),
            ),
            (
                Unsigned::KeyId,
                self.key_id.is_some() && !self.covers(&IdentityPart::KeyId),
            ),
            (
                Unsigned::Event,
                self.signs_body() && event.is_some_and(|name| self.signature.source.is_field(name)),
            ),
        ]
        .into_iter()
        .filter_map(|(value, is_unsigned)| is_unsigned.then_some(value))
        .collect()
    }

    fn covers_value(&self, source: &Source, part: &Part) -> bool {
        self.has_part(part)
            || match source {
                Source::Header(name) => self.has_part(&Part::Header(name.clone())),
                // A signature cannot cover itself.
                Source::Field(name) => self.signs_body() && !self.signature.source.is_field(name),
            }
    }

    /// Whether a part of the callback goes into the signed text by itself.
    #[must_use]
    pub fn has_part(&self, part: &Part) -> bool {
        match &self.content.form {
            Form::SortedFields(_) => false,
            Form::JsonObject(object) => object.members.iter().any(|member| member.value == *part),
            Form::Concat(parts) => parts.contains(part),
        }
    }
}

impl Source {
    /// Whether a path leads into the field.
    fn holds_start(&self, path: &FieldPath) -> bool {
        matches!(self, Self::Field(name) if path.begins_with(name))
    }
}
