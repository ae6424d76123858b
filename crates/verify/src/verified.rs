//! The sequence of steps, and the proof that all of them passed.

use std::borrow::Cow;

use http::header;
use once_cell::sync::OnceCell;

use super::body::{self, Body, BodyFormat, Charset, Field};
use super::callback::Callback;
use super::content::{self, NumberStyle};
use super::freshness;
use super::keys::Key;
use super::language::{Genuine, acknowledgement, find_genuine};
use super::memory::{MemoryBudget, OutOfMemory, Plenty};
use super::policy::VerifyPolicy;
use super::reason::{At, Reason, Rejection, VerifyError};
use super::refused_twins::{refuse_field_twins, refuse_parameter_twins};
use super::scheme::Scheme;
use super::scheme_answer::SchemeAnswer;
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
    let scheme = &policy.scheme;
    let asked = policy.asked();
    let pick = || {
        let picked = policy.keys.pick(callback.headers);
        picked.map_err(|no_keys| without_secrets(no_keys.into(), scheme))
    };
    let (genuine, body) = find_genuine(asked, callback, pick, memory, steps)?;
    Verified::complete(policy, callback, (genuine, body), now, memory, steps)
}

/// Omits the key id if, by mistake, it comes from a header that must not be logged.
fn without_secrets(rejection: Rejection, scheme: &Scheme) -> Rejection {
    let is_secret = match &rejection.at {
        Some(At::Header(at)) => {
            [header::AUTHORIZATION, header::COOKIE].contains(at)
                || scheme.signature_headers().contains(at)
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

/// A callback whose signature is valid and fresh, and that meets the route's requirements. Only
/// [`verify`] creates one.
#[derive(Debug)]
pub struct Verified<'a> {
    scheme: &'a Scheme,
    key: &'a Key,
    at: i64,
    timestamp: Option<i64>,
    nonce: Option<String>,
    key_id: Option<String>,
    content: Vec<u8>,
    items: usize,
    numbers: NumberStyle,
    ambiguous: Option<Ambiguous>,
    acknowledgement: Option<SchemeAnswer>,
    /// The body as received.
    raw: &'a [u8],
    /// The character set of a form.
    charset: Charset,
    /// Parsed on demand, if the scheme did not need it: on most routes, nobody asks.
    body: OnceCell<Body<'a>>,
}

impl<'a> Verified<'a> {
    fn complete<S: VerifySteps>(
        policy: &'a VerifyPolicy,
        callback: Callback<'a>,
        (genuine, body): (Genuine<'a>, Body<'a>),
        now: i64,
        memory: &mut dyn MemoryBudget,
        steps: &mut S,
    ) -> Result<Self, VerifyError> {
        let scheme = &*policy.scheme;
        let timestamp = genuine.timestamp;
        if let Some(signed) = timestamp {
            steps.time(signed, now, policy.max_age);
        }
        if let Some(max_age) = policy.max_age {
            freshness::check(timestamp.ok_or(Reason::TimestampMissing)?, now, max_age)?;
        }
        if genuine.expires.is_some_and(|end| end < now) {
            return Err(Reason::TimestampStale.into());
        }
        let field = genuine.ambiguous_field.map(Ambiguous::Field);
        let join = scheme.ambiguous_join.then_some(Ambiguous::Join);
        let mut verified = Self {
            scheme,
            key: genuine.key,
            at: now,
            timestamp,
            nonce: genuine.nonce,
            key_id: genuine.key_id,
            content: genuine.content,
            items: genuine.items,
            numbers: scheme.rules().number_style(genuine.nth),
            ambiguous: join.or(field),
            acknowledgement: None,
            raw: callback.body,
            charset: scheme.rules().charset.of(&callback)?,
            body: if body.has_fields() {
                body.into()
            } else {
                OnceCell::new()
            },
        };
        let rules = scheme.rules();
        if let Some(body) = verified.body.get() {
            refuse_field_twins(rules, body, memory)?;
        }
        refuse_parameter_twins(rules, callback.target, verified.charset, memory)?;
        if policy.body_format() == BodyFormat::Form {
            verified.refuse_shadows(callback.target, memory)?;
        }
        if policy.requirements.reads_body() {
            verified.read_body(memory)?;
        }
        policy.requirements.check(&verified)?;
        verified.acknowledge(policy, callback, memory)?;
        Ok(verified)
    }

    /// Refuses a form with an unsigned query from which a backend would take values of its fields.
    fn refuse_shadows(
        &self,
        target: &[u8],
        memory: &mut dyn MemoryBudget,
    ) -> Result<(), VerifyError> {
        let scheme = self.scheme;
        if scheme.signs_target() || !target.contains(&b'?') {
            return Ok(());
        }
        let charset = self.charset;
        let read = || Body::read(BodyFormat::Form, charset, self.raw, &mut *memory);
        let form = self.body.get_or_try_init(read)?;
        body::refuse_shadows(target, form, charset, memory)
    }

    /// Makes the acknowledgement, if the policy asks for it. A callback for which there is none is
    /// refused before a backend has it: the provider would never hear that it was taken.
    fn acknowledge(
        &mut self,
        policy: &VerifyPolicy,
        callback: Callback<'a>,
        memory: &mut dyn MemoryBudget,
    ) -> Result<(), VerifyError> {
        let rule = policy.scheme.rules().acknowledge.as_ref();
        let Some(rule) = rule.filter(|_| policy.acknowledges) else {
            return Ok(());
        };
        if rule.reads_callback() {
            self.read_body(memory)?;
        }
        let unread = Body::Opaque(self.raw);
        let body = self.body.get().unwrap_or(&unread);
        self.acknowledgement = acknowledgement(policy.asked(), callback, body, memory)?;
        Ok(())
    }

    /// Whether the callback has a body.
    pub(super) const fn has_body(&self) -> bool {
        !self.raw.is_empty()
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

    /// What named the key, if the scheme has it.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The event, if the scheme names a field for it and the body has it as text.
    #[must_use]
    pub fn event(&self) -> Option<Cow<'a, str>> {
        let event = self.scheme.event()?;
        self.body()
            .find(&event)?
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
        let format = self.scheme.body_format().of_fields();
        match Body::read(format, self.charset, self.raw, memory) {
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

    /// What the provider is answered once a backend took the callback, if the policy asks for it.
    #[must_use]
    pub const fn acknowledgement(&self) -> Option<&SchemeAnswer> {
        self.acknowledgement.as_ref()
    }

    /// How many items it has, if the scheme signs each of them; 1 otherwise. Which items stand together in
    /// a callback is not signed.
    #[must_use]
    pub const fn items(&self) -> usize {
        self.items
    }

    /// The signed bytes: the text that the scheme builds, or the digest of it.
    #[must_use]
    pub fn signed_content(&self) -> &[u8] {
        &self.content
    }
}
