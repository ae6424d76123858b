//! Signed callbacks that were changed, each so that the proxy's own verification refuses it: what is taken in
//! spite of the change tells nothing of a receiver.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::moment_arg::now;
use super::signer_error::SignerError;
use super::signer_setup::{Signer, fresh_nonce};
use super::tamper_kind::TamperKind;
use crate::signing::key_pair::MadeKeyPair;
use crate::signing::signing_key::PrivateSigningKey;
use crate::verify::sign::{ContentSigner, DraftRequest, Tampering, sign, tamper};
use crate::verify::{Key, KeyKind, KeySet, Reason, Secret, VerifyPolicy, verify};

const DAY: i64 = 24 * 60 * 60;

/// The most places of a body or a query that are tried.
const MAX_PLACES: usize = 4096;

/// The most characters that are cut off a body.
const MAX_MISSING: usize = 16;

impl Signer {
    /// Signs the callback, and changes it.
    pub(in crate::cli) fn tampered(&self, kind: TamperKind) -> Result<DraftRequest, SignerError> {
        let fresh = fresh_nonce();
        let input = self.input(&fresh);
        let refused = |why: &str| SignerError::Tamper {
            kind: kind.name(),
            why: why.to_owned(),
        };
        let signed = || self.sign();
        let changed = |how| Ok::<_, SignerError>(tamper(input, signed()?, how)?);
        let unnoticed = "the signature covers nothing of it";
        let tampered = match kind {
            TamperKind::Body => self
                .first_refused(other_characters(&signed()?))
                .ok_or_else(|| refused(unnoticed))?,
            TamperKind::BodyLonger => self
                .first_refused(longer(&signed()?))
                .ok_or_else(|| refused(unnoticed))?,
            TamperKind::BodyShorter => self
                .first_refused(shorter(&signed()?))
                .ok_or_else(|| refused(unnoticed))?,
            TamperKind::Signature => changed(Tampering::FlippedSignature)?,
            TamperKind::NoSignature => {
                let headers = self.policy.scheme.signature_headers();
                let mut signed = changed(Tampering::EmptySignature)?;
                for name in headers {
                    signed.headers.remove(name);
                }
                signed
            }
            TamperKind::OtherKey => self.signed_by_another(&fresh)?,
            TamperKind::Time if self.policy.scheme.has_timestamp() => {
                let time = self.at.unwrap_or_else(now);
                changed(Tampering::OtherTime(time.saturating_add(DAY)))?
            }
            TamperKind::Time => return Err(refused("the scheme has no time")),
            TamperKind::Nonce if self.policy.scheme.has_nonce() => {
                changed(Tampering::OtherNonce(&fresh_nonce()))?
            }
            TamperKind::Nonce => return Err(refused("the scheme has no nonce")),
            TamperKind::Old => {
                let age = self
                    .policy
                    .max_age
                    .filter(|_| self.policy.scheme.has_timestamp());
                let age = age.ok_or_else(|| refused("callbacks of any age are accepted"))?;
                let age = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
                let mut input = input;
                input.at = Some(now().saturating_sub(age).saturating_sub(DAY));
                sign(input, self.draft.clone())?
            }
            TamperKind::Query => self
                .first_refused(other_queries(&signed()?))
                .ok_or_else(|| refused(unnoticed))?,
        };
        match self.takes(&tampered) {
            false => Ok(tampered),
            true => Err(refused(unnoticed)),
        }
    }

    /// Whether a receiver with the matching key takes it now, or at the time that was asked for.
    fn takes(&self, request: &DraftRequest) -> bool {
        verify(&self.policy, request.callback(), now()).is_ok()
            || self
                .at
                .is_some_and(|at| verify(&self.policy, request.callback(), at).is_ok())
    }

    /// The first change that the signature itself shows, or else one that is refused for another reason.
    fn first_refused(&self, changes: impl Iterator<Item = DraftRequest>) -> Option<DraftRequest> {
        let mut otherwise = None;
        for changed in changes {
            let Err(rejection) = verify(
                &self.policy,
                changed.callback(),
                self.at.unwrap_or_else(now),
            ) else {
                continue;
            };
            if rejection.reason == Reason::SignatureMismatch {
                return Some(changed);
            }
            otherwise = otherwise.or(Some(changed));
        }
        otherwise
    }

    /// The callback as another key of the same kind signs it.
    fn signed_by_another(&self, fresh: &str) -> Result<DraftRequest, SignerError> {
        let kind = self.key.kind();
        let private = match kind {
            KeyKind::Secret => None,
            kind => Some(another_pair(kind)?),
        };
        let key = match &private {
            Some(private) => private
                .public_key(self.key.id())
                .map_err(SignerError::PublicKey)?,
            None => Key::of_secret(self.key.id(), self.another_secret()?),
        };
        let key = Arc::new(key);
        let policy = VerifyPolicy::new(
            Arc::clone(&self.policy.scheme),
            KeySet::Any(vec![Arc::clone(&key)]),
        );
        let policy = policy
            .with_max_age(self.policy.max_age)
            .with_route_values(self.policy.route.clone());
        let mut input = self.input(fresh);
        input.policy = &policy;
        input.key = &key;
        input.signer = private.as_ref().map(|key| key as &dyn ContentSigner);
        Ok(sign(input, self.draft.clone())?)
    }

    /// The secret with another character, which is in the same form.
    fn another_secret(&self) -> Result<Secret, SignerError> {
        let secret = self.key.secret().map(Secret::bytes).unwrap_or_default();
        let mut bytes = Zeroizing::new(secret.to_vec());
        let middle = bytes.len() / 2;
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric();
        let (start, end) = bytes.split_at_mut(middle);
        let place = end.iter_mut().chain(start).find(|byte| is_plain(byte));
        if let Some(byte) = place {
            *byte = other(*byte);
        }
        Secret::new(bytes).map_err(SignerError::PublicKey)
    }
}

fn another_pair(kind: KeyKind) -> Result<PrivateSigningKey, SignerError> {
    let refused = |why: String| SignerError::Tamper {
        kind: TamperKind::OtherKey.name(),
        why,
    };
    let pair = MadeKeyPair::generate(kind, 2048).map_err(|error| refused(error.to_string()))?;
    PrivateSigningKey::read(&pair.private).map_err(|error| refused(error.to_string()))
}

/// The callback with one character of the body changed: from the beginning, because a signature in it mostly
/// stands at the end.
fn other_characters(signed: &DraftRequest) -> impl Iterator<Item = DraftRequest> {
    let places = (0..signed.body.len()).take(MAX_PLACES);
    places.filter_map(move |at| {
        let mut changed = signed.clone();
        let byte = changed
            .body
            .get_mut(at)
            .filter(|byte| byte.is_ascii_alphanumeric())?;
        *byte = other(*byte);
        Some(changed)
    })
}

fn longer(signed: &DraftRequest) -> impl Iterator<Item = DraftRequest> {
    let ends: [&[u8]; 4] = [b"\n", b" ", b"0", b"&tampered=1"];
    ends.into_iter().map(move |end| {
        let mut changed = signed.clone();
        changed.body.extend_from_slice(end);
        changed
    })
}

/// Without its last characters: a line end or a space there means nothing to most.
fn shorter(signed: &DraftRequest) -> impl Iterator<Item = DraftRequest> {
    let length = signed.body.len();
    (1..=length.min(MAX_MISSING)).map(move |missing| {
        let mut changed = signed.clone();
        changed.body.truncate(length.saturating_sub(missing));
        changed
    })
}

/// With a parameter more, or with one character of the query changed, from the beginning.
fn other_queries(signed: &DraftRequest) -> impl Iterator<Item = DraftRequest> {
    let start = signed.target.iter().position(|byte| *byte == b'?');
    let mut longer = signed.clone();
    let joint: &[u8] = if start.is_some() { b"&" } else { b"?" };
    longer.target.extend_from_slice(joint);
    longer.target.extend_from_slice(b"tampered=1");
    let length = signed.target.len();
    let places = (start.unwrap_or(length)..length).take(MAX_PLACES);
    let changed = places.filter_map(move |at| {
        let mut changed = signed.clone();
        let byte = changed
            .target
            .get_mut(at)
            .filter(|byte| byte.is_ascii_alphanumeric())?;
        *byte = other(*byte);
        Some(changed)
    });
    [longer].into_iter().chain(changed)
}

/// Another digit for a digit, and another letter for a letter.
const fn other(byte: u8) -> u8 {
    match byte {
        b'0' => b'7',
        b'a' => b'b',
        b'A' => b'B',
        other => other.saturating_sub(1),
    }
}
