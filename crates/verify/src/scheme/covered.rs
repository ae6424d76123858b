//! What a signature covers, and what a scheme may rely on.

use super::*;
use crate::algorithm::Means;

/// A value that a scheme names and its signature does not cover: an attacker can change it in a
/// captured callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsigned {
    /// The body, and so every field in it.
    Body,
    /// The timestamp.
    Timestamp,
    /// The nonce.
    Nonce,
    /// The header that names the merchant or the key.
    KeyId,
    /// The field that names the event, in a body that is not signed.
    Event,
}

/// Why a scheme is refused: one signature could be good for two callbacks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsound {
    /// The values of the signed text cannot be told apart, and the scheme does not state that.
    #[error(transparent)]
    Join(#[from] OpenJoin),
    /// The scheme states that they cannot be told apart, but they can.
    #[error(
        "the scheme sets `ambiguous_join`, but the values of its signed text can be told apart"
    )]
    NeedlessAmbiguousJoin,
    /// A problem with its identity.
    #[error(transparent)]
    Identity(#[from] UnsoundIdentity),
    /// A digest or a token, and no secret in what is signed.
    #[error(
        "`{0}` proves nothing here: anybody can make it, or copy it, because the signed content \
         does not contain the secret"
    )]
    NoSecret(Algorithm),
    /// ECDSA, and nothing said of how its numbers are written.
    #[error("`{0}` needs `signature_form`: \"der\" or \"raw\"")]
    NoSignatureForm(Algorithm),
    /// Another algorithm, whose signatures are written in one way.
    #[error("`signature_form` is for ECDSA only, not for `{0}`")]
    NeedlessSignatureForm(Algorithm),
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
        self.check_algorithm()?;
        match (self.open_join(), self.ambiguous_join) {
            (Some(join), false) => return Err(Unsound::Join(join)),
            (None, true) => return Err(Unsound::NeedlessAmbiguousJoin),
            _ => {}
        }
        self.check_identity(&self.identity)
            .map_err(Unsound::Identity)
    }

    fn check_algorithm(&self) -> Result<(), Unsound> {
        let algorithm = self.algorithm;
        if matches!(algorithm.means(), Means::Digest | Means::Token) {
            return Err(Unsound::NoSecret(algorithm));
        }
        match (algorithm.curve(), self.signature_form) {
            (Some(_), None) => Err(Unsound::NoSignatureForm(algorithm)),
            (None, Some(_)) => Err(Unsound::NeedlessSignatureForm(algorithm)),
            (Some(_), Some(_)) | (None, None) => Ok(()),
        }
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
            if matches!(part, IdentityPart::Field(path) if !self.may_have(path)) {
                return Err(UnsoundIdentity::Nested(part.clone()));
            }
        }
        Ok(())
    }

    /// Whether its bodies may have a field there.
    #[must_use]
    pub fn may_have(&self, path: &FieldPath) -> bool {
        self.body.is_typed() || path.is_top_level()
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

    /// Whether a part of the callback is itself part of the signed text.
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
