//! The sequence of steps, and the proof that all of them passed.

use std::borrow::Cow;

use http::header;
use once_cell::sync::OnceCell;

use super::ambiguity;
use super::body::{self, Body, BodyFormat, Field};
use super::callback::Callback;
use super::content::{self, sorting_memory};
use super::freshness;
use super::keys::Key;
use super::memory::{MemoryBudget, OutOfMemory, Plenty};
use super::policy::VerifyPolicy;
use super::presented::{Presented, Unread};
use super::reason::{At, Reason, Rejection, VerifyError};
use super::scheme::{Form, NumberStyle, Part, Scheme, Source};
use super::signature_check::{SignatureValid, check_form};
use super::spelling;
use super::twins;
use super::verify_steps::VerifySteps;

/// Verifies one callback. `now` is in Unix seconds.
///
/// # Errors
/// The [`Reason`] of the first check that fails. Checks of what a stranger can send come first;
/// freshness and the route's requirements are checked only after the signature.
pub fn verify<'a>(
    policy: &'a VerifyPolicy,
    callback: Callback<'a>,
    now: i64,
) -> Result<Verified<'a>, Rejection> {
    verify_within(policy, callback, now, &mut Plenty).map_err(VerifyError::of_plenty)
}

/// The same, within the memory that `memory` grants. The memory stays reserved as long as the
/// verdict exists.
///
/// # Errors
/// As [`verify`], or because there is not enough memory for the verification.
pub fn verify_within<'a>(
    policy: &'a VerifyPolicy,
    callback: Callback<'a>,
    now: i64,
    memory: &mut dyn MemoryBudget,
) -> Result<Verified<'a>, VerifyError> {
    verify_watched(policy, callback, now, memory, &mut ())
}

/// The same, observed by `steps`.
///
/// # Errors
/// As [`verify_within`].
pub fn verify_watched<'a, S: VerifySteps>(
    policy: &'a VerifyPolicy,
    callback: Callback<'a>,
    now: i64,
    memory: &mut dyn MemoryBudget,
    steps: &mut S,
) -> Result<Verified<'a>, VerifyError> {
    let unread = Unread::find(&policy.scheme, callback, policy.body_format())?;
    let picked = policy.keys.pick(callback.headers);
    let keys = picked.map_err(|no_keys| without_secrets(no_keys.into(), &policy.scheme))?;
    if let Some(signature) = unread.signature() {
        check_form(policy.scheme.algorithm, signature, keys)?;
    }
    let presented = unread.read(&policy.scheme, memory)?;
    spelling::check(|| policy.headers(), callback.headers, false)?;
    presented.show(steps);
    let valid = SignatureValid::check(&policy.scheme, keys, presented, memory, steps)?;
    Verified::complete(policy, valid, now, memory, steps)
}

/// Omits the key id if, by mistake, it comes from a header that must not be logged.
fn without_secrets(rejection: Rejection, scheme: &Scheme) -> Rejection {
    let is_secret = match &rejection.at {
        Some(At::Header(at)) => {
            [header::AUTHORIZATION, header::COOKIE].contains(at)
                || matches!(&scheme.signature.source, Source::Header(signature) if signature == at)
        }
        _ => false,
    };
    Rejection {
        detail: rejection.detail.filter(|_| !is_secret),
        ..rejection
    }
}

/// Why a callback could have been signed as another one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ambiguous {
    /// This field of the body could be several others.
    Field(String),
    /// The provider joins values that cannot be told apart ([`Scheme::ambiguous_join`]).
    Join,
}

/// Refuses a body that other readers could confuse with another. Returns the field of a body that
/// could have been signed as another.
fn ambiguous_field(
    verified: &Verified<'_>,
    memory: &mut dyn MemoryBudget,
) -> Result<Option<Ambiguous>, VerifyError> {
    let scheme = verified.scheme;
    let Form::SortedFields(form) = &scheme.content.form else {
        return Ok(None);
    };
    let body = verified.body();
    if let Some(name) = twins::find(scheme, body, memory)? {
        return Err(Rejection::at(Reason::FieldRepeated, At::Field(name)).into());
    }
    let signature = &scheme.signature.source;
    if scheme.ambiguous_join || ambiguity::is_clear(form, signature, body) {
        return Ok(None);
    }
    // The closer check builds the text again, and sorts the fields twice.
    let text = verified.content.len();
    let looking = text.saturating_add(sorting_memory(body)).saturating_mul(3);
    memory.take(looking)?;
    let found = ambiguity::find(form, signature, body, verified.numbers);
    memory.give(looking);
    Ok(found.map(Ambiguous::Field))
}

/// A callback whose signature is valid and fresh, and that meets the route's requirements. Only
/// [`verify`] creates one.
#[derive(Debug)]
pub struct Verified<'a> {
    scheme: &'a Scheme,
    key: &'a Key,
    at: i64,
    timestamp: Option<i64>,
    nonce: Option<Cow<'a, str>>,
    key_id: Option<&'a str>,
    content: Vec<u8>,
    numbers: NumberStyle,
    ambiguous: Option<Ambiguous>,
    /// The body as received.
    raw: &'a [u8],
    /// Parsed on demand, if the scheme did not need it: on most routes, nobody asks.
    body: OnceCell<Body<'a>>,
}

impl<'a> Verified<'a> {
    fn complete<S: VerifySteps>(
        policy: &'a VerifyPolicy,
        valid: SignatureValid<'a>,
        now: i64,
        memory: &mut dyn MemoryBudget,
        steps: &mut S,
    ) -> Result<Self, VerifyError> {
        let (presented, content, nth, key) = valid.into_parts();
        let Presented {
            callback,
            body,
            timestamp,
            nonce,
            key_id,
            ..
        } = presented;
        let timestamp = timestamp.map(|timestamp| timestamp.unix_seconds);
        if let Some(signed) = timestamp {
            steps.time(signed, now, policy.max_age);
        }
        if let Some(max_age) = policy.max_age {
            freshness::check(timestamp.ok_or(Reason::TimestampMissing)?, now, max_age)?;
        }
        let mut verified = Self {
            scheme: &policy.scheme,
            key,
            at: now,
            timestamp,
            nonce,
            key_id,
            content: content.into_bytes(),
            numbers: match &policy.scheme.content.form {
                Form::SortedFields(form) => form.numbers.get(nth).copied(),
                Form::JsonObject(_) | Form::Concat(_) => None,
            }
            .unwrap_or(NumberStyle::AsWritten),
            ambiguous: policy.scheme.ambiguous_join.then_some(Ambiguous::Join),
            raw: callback.body,
            body: if body.has_fields() {
                body.into()
            } else {
                OnceCell::new()
            },
        };
        if let Some(ambiguous) = ambiguous_field(&verified, memory)? {
            verified.ambiguous = Some(ambiguous);
        }
        if policy.body_format() == BodyFormat::Form {
            verified.refuse_shadows(callback.target, memory)?;
        }
        if policy.requirements.reads_body() {
            verified.read_body(memory)?;
        }
        policy.requirements.check(&verified)?;
        Ok(verified)
    }

    /// Refuses a form with an unsigned query from which a backend would take values of its fields.
    fn refuse_shadows(
        &self,
        target: &[u8],
        memory: &mut dyn MemoryBudget,
    ) -> Result<(), VerifyError> {
        let scheme = self.scheme;
        if scheme.has_part(&Part::Target) || !target.contains(&b'?') {
            return Ok(());
        }
        let read = || Body::read(BodyFormat::Form, scheme.charset, self.raw, &mut *memory);
        let form = self.body.get_or_try_init(read)?;
        body::refuse_shadows(target, form, scheme.charset, memory)
    }

    /// How the provider signed.
    #[must_use]
    pub fn scheme(&self) -> &'a Scheme {
        self.scheme
    }

    /// The key that made the signature.
    #[must_use]
    pub fn key(&self) -> &'a Key {
        self.key
    }

    /// When it was verified, in Unix seconds.
    #[must_use]
    pub fn at(&self) -> i64 {
        self.at
    }

    /// When it was signed, in Unix seconds, if the scheme has a timestamp.
    #[must_use]
    pub fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }

    /// The nonce, if the scheme has one.
    #[must_use]
    pub fn nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }

    /// The value of the scheme's key-id header, if it has one.
    #[must_use]
    pub fn key_id(&self) -> Option<&'a str> {
        self.key_id
    }

    /// The event, if the scheme names a field for it and the body has it as text.
    #[must_use]
    pub fn event(&self) -> Option<Cow<'a, str>> {
        let name = self.scheme.event.as_deref()?;
        self.body()
            .field(name)?
            .text()
            .filter(|event| !event.is_empty())
    }

    /// The body: its fields, if every parser reads it alike. If the scheme signs the raw body, any
    /// body can be valid, and one that is not in the scheme's format has no fields.
    #[must_use]
    pub fn body(&self) -> &Body<'a> {
        self.body.get_or_init(|| {
            let read = self.read(&mut Plenty);
            read.unwrap_or(Body::Opaque(self.raw))
        })
    }

    fn read(&self, memory: &mut dyn MemoryBudget) -> Result<Body<'a>, OutOfMemory> {
        let scheme = self.scheme;
        match Body::read(scheme.body.of_fields(), scheme.charset, self.raw, memory) {
            Ok(body) => Ok(body),
            Err(VerifyError::OutOfMemory(error)) => Err(error),
            Err(VerifyError::Rejected(_)) => Ok(Body::Opaque(self.raw)),
        }
    }

    /// The body as received.
    #[must_use]
    pub fn raw_body(&self) -> &'a [u8] {
        self.raw
    }

    /// Parses the body, unless it already is, within the memory that `memory` grants. Otherwise, if
    /// the scheme did not need it, [`Self::body`] parses it on demand.
    ///
    /// # Errors
    /// If there is no room for its values.
    pub fn read_body(&self, memory: &mut dyn MemoryBudget) -> Result<(), OutOfMemory> {
        self.body.get_or_try_init(|| self.read(memory)).map(|_| ())
    }

    /// A field's text as it was signed: its characters, or a number in the style that the signature
    /// covers. Two spellings that one signature covers give the same text. `None` for null and for
    /// containers.
    #[must_use]
    pub fn text_as_signed(&self, field: Field<'_, 'a>) -> Option<Cow<'a, str>> {
        content::text_as_signed(field, self.numbers)
    }

    /// Why the callback could have been signed as another one: for a scheme that joins fields, the
    /// first field that could be several others. Of all callbacks with one signature, at most one
    /// is not ambiguous, apart from unsigned fields and scalars of another type.
    #[must_use]
    pub fn ambiguous(&self) -> Option<&Ambiguous> {
        self.ambiguous.as_ref()
    }

    /// The signed bytes: the text that the scheme builds, or the digest of it.
    #[must_use]
    pub fn signed_content(&self) -> &[u8] {
        &self.content
    }
}
