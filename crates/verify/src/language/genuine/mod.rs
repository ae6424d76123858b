//! Whether one of the keys signed a callback, by the rules of a scheme.

mod candidates;
mod presented_certificate;
mod presented_values;
mod value_role;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use once_cell::unsync::OnceCell;

use super::compact_jws::TokenCells;
use super::evaluate::{Evaluation, Locals, RouteValues};
use super::expression_value::Scratch;
use super::message_signature;
use super::scheme_rules::{MAX_ATTEMPTS, SchemeRules};
use crate::algorithm::Means;
use crate::body::{Body, Charset, FormDocument, Repeats, refuse_shadows};
use crate::callback::Callback;
use crate::content_type;
use crate::json::JsonValue;
use crate::keys::{DigestCheck, Key, MacKey, is_same_secret};
use crate::memory::{MemoryBudget, OutOfMemory};
use crate::reason::{At, Reason, Rejection, VerifyError};
use crate::spelling;
use crate::verify_steps::VerifySteps;
use presented_values::{PresentedValues, present, signatures};
use value_role::content_error;

/// What a genuine callback presented.
#[derive(Debug)]
#[non_exhaustive]
pub struct Genuine<'k> {
    /// The key that signed it.
    pub key: &'k Key,
    /// When it was signed, in Unix seconds, if the scheme has a timestamp.
    pub timestamp: Option<i64>,
    /// When the signature ends, in Unix seconds, if it is one of RFC 9421 that says so.
    pub expires: Option<i64>,
    /// The nonce, if the scheme has one.
    pub nonce: Option<String>,
    /// What named the key, if the scheme has it.
    pub key_id: Option<String>,
    /// The signed bytes; of several items, one on each line.
    pub content: Vec<u8>,
}

/// Verifies a callback. Freshness is left to the caller, who knows the time.
///
/// # Errors
/// The reason of the first check that fails, or because there is no memory for it.
pub fn verify<'k, S: VerifySteps>(
    rules: &SchemeRules,
    route: &RouteValues,
    keys: &'k [Arc<Key>],
    callback: Callback<'_>,
    memory: &mut dyn MemoryBudget,
    steps: &mut S,
) -> Result<Genuine<'k>, VerifyError> {
    let charset = rules.charset.of(&callback)?;
    if let Err(refused) = content_type::check(&callback, rules.body_format(), charset)
        && !rules.expects_label(refused.reason, callback.headers)
    {
        return Err(refused.into());
    }
    spelling::check(|| rules.headers.iter(), callback.headers, true)?;
    let attempt = Attempt {
        rules,
        route,
        callback,
        charset,
        label: 0,
    };
    let labels = match &rules.message {
        None => 1,
        Some(rule) => message_signature::labels(rule, callback.headers)?,
    };
    // Most of what strangers send has no signature. The body is not parsed for it.
    if rules.facts.signature_precedes_body {
        let unread = Body::Opaque(callback.body);
        attempt.any_label(labels, |attempt| {
            attempt.evaluate(&unread, None, Vec::new(), None, memory, |context| {
                signatures(context).map(|_| ())
            })
        })?;
    }
    let body = if rules.facts.keeps_repeated_fields {
        let form = FormDocument::read(callback.body, charset, Repeats::Keep, memory)?;
        Body::Form(form)
    } else {
        Body::read(rules.body_format(), charset, callback.body, memory)?
    };
    rules.charset.confirm(&body, charset)?;
    refuse_shadows(callback.target, &body, charset, memory)?;
    attempt.any_label(labels, |attempt| {
        attempt.genuine(&body, labels, keys, memory, steps)
    })
}

#[derive(Clone, Copy)]
struct Attempt<'c> {
    rules: &'c SchemeRules,
    route: &'c RouteValues,
    callback: Callback<'c>,
    charset: Charset,
    /// Which signature of RFC 9421 is tried.
    label: usize,
}

/// A content that was built, or why it was not.
type Built = Result<Vec<u8>, VerifyError>;

impl Attempt<'_> {
    /// Verifies every item of the body.
    fn genuine<'k, S: VerifySteps>(
        &self,
        body: &Body<'_>,
        labels: usize,
        keys: &'k [Arc<Key>],
        memory: &mut dyn MemoryBudget,
        steps: &mut S,
    ) -> Result<Genuine<'k>, VerifyError> {
        let mut genuine: Option<Genuine<'k>> = None;
        let mut contents = BTreeSet::new();
        let items = self.rules.items(body)?;
        for item in &items {
            let presented = self.presented(body, *item, keys, memory)?;
            let attempts = presented
                .keys
                .len()
                .saturating_mul(presented.signatures.len());
            let attempts = attempts
                .saturating_mul(self.rules.candidates())
                .saturating_mul(items.len())
                .saturating_mul(labels);
            if attempts > MAX_ATTEMPTS {
                return Err(Reason::TooManySignatures.into());
            }
            presented.show(steps);
            let (key, content) = self.signed_by(body, *item, &presented, memory, steps)?;
            match &mut genuine {
                None => {
                    contents.insert(content.clone());
                    genuine = Some(Genuine {
                        key,
                        timestamp: presented.timestamp,
                        expires: presented.expires,
                        nonce: presented.nonce,
                        key_id: presented.key_id,
                        content,
                    });
                }
                Some(genuine) => {
                    // One key, one time and one id stand for all items, and no item counts twice.
                    let is_same = std::ptr::eq(genuine.key, key)
                        && genuine.timestamp == presented.timestamp
                        && genuine.nonce == presented.nonce
                        && genuine.key_id == presented.key_id;
                    if !is_same || !contents.insert(content.clone()) {
                        return Err(Rejection::at(
                            Reason::ValueUnexpected,
                            At::Value("each".to_owned()),
                        )
                        .into());
                    }
                    genuine.content.push(b'\n');
                    genuine.content.extend_from_slice(&content);
                }
            }
        }
        genuine.ok_or_else(|| Reason::SignatureMissing.into())
    }

    /// Evaluates with a context of its own, and gives its memory back.
    fn evaluate<T>(
        &self,
        body: &Body<'_>,
        item: Option<JsonValue<'_, '_>>,
        choices: Vec<usize>,
        key: Option<&Key>,
        memory: &mut dyn MemoryBudget,
        work: impl for<'v> FnOnce(&'v Evaluation<'v>) -> Result<T, VerifyError>,
    ) -> Result<T, VerifyError> {
        let (result, taken) = {
            let scratch = Scratch::new(self.charset, memory);
            let context = Evaluation {
                callback: self.callback,
                body,
                item,
                rules: self.rules,
                route: self.route,
                scratch: &scratch,
                key,
                lets: RefCell::new(vec![None; self.rules.lets.len()]),
                choices: RefCell::new(choices),
                token: TokenCells::default(),
                label: self.label,
                message: OnceCell::new(),
                query: OnceCell::new(),
            };
            let result = work(&context);
            (result, scratch.taken())
        };
        memory.give(taken);
        result
    }

    fn presented<'k>(
        &self,
        body: &Body<'_>,
        item: Option<JsonValue<'_, '_>>,
        keys: &'k [Arc<Key>],
        memory: &mut dyn MemoryBudget,
    ) -> Result<PresentedValues<'k>, VerifyError> {
        self.evaluate(body, item, Vec::new(), None, memory, |context| {
            present(context, keys)
        })
    }

    /// The key that made one of the signatures, and over what.
    fn signed_by<'k, S: VerifySteps>(
        &self,
        body: &Body<'_>,
        item: Option<JsonValue<'_, '_>>,
        presented: &PresentedValues<'k>,
        memory: &mut dyn MemoryBudget,
        steps: &mut S,
    ) -> Result<(&'k Key, Vec<u8>), VerifyError> {
        let rules = self.rules;
        let by_key = rules.facts.content_holds_secret;
        let mut failure: Option<VerifyError> = None;
        let mut was_built = false;
        let mut last: Option<Vec<u8>> = None;
        for nth in 0..rules.candidates() {
            let mut shared: Option<Vec<u8>> = None;
            for key in &presented.keys {
                let content = match shared.take() {
                    Some(content) => Ok(content),
                    None => self.content(body, item, nth, key, memory),
                };
                let content = match content {
                    Ok(content) => content,
                    Err(VerifyError::OutOfMemory(error)) => return Err(error.into()),
                    // A candidate that cannot be built drops out.
                    Err(error) => {
                        failure = failure.or(Some(error));
                        continue;
                    }
                };
                if !by_key && last.as_ref() == Some(&content) {
                    break;
                }
                was_built = true;
                steps.content(nth, &content);
                let matches = self.matches(body, item, presented, key, &content, memory)?;
                steps.tried(key, matches);
                if matches {
                    return Ok((key, content));
                }
                if !by_key {
                    shared = Some(content);
                }
            }
            last = shared;
        }
        match failure {
            Some(failure) if !was_built => Err(failure),
            _ => Err(Reason::SignatureMismatch.into()),
        }
    }

    /// Builds a candidate: what the algorithm is applied to.
    fn content(
        &self,
        body: &Body<'_>,
        item: Option<JsonValue<'_, '_>>,
        nth: usize,
        key: &Key,
        memory: &mut dyn MemoryBudget,
    ) -> Built {
        let rules = self.rules;
        let (content, choices) = rules.choices(nth);
        let estimate = self.callback.body.len().saturating_add(256);
        self.evaluate(body, item, choices, Some(key), memory, |context| {
            let mut bytes = Vec::new();
            if context.rules.jws.is_some() {
                context
                    .write_signing_input(&mut bytes)
                    .map_err(content_error)?;
                return Ok(bytes);
            }
            if context.rules.message.is_some() {
                context
                    .write_signature_base(&mut bytes)
                    .map_err(content_error)?;
                return Ok(bytes);
            }
            let Some(program) = context.rules.content.get(content) else {
                // A token covers no content.
                return Ok(bytes);
            };
            bytes.reserve(estimate);
            program
                .write(context, Locals::default(), &mut bytes)
                .map_err(content_error)?;
            context
                .scratch
                .take(bytes.capacity())
                .map_err(|_| OutOfMemory)?;
            if context.rules.facts.can_be_extended && !is_plain_text(&bytes) {
                return Err(Reason::ValueMalformed.into());
            }
            let Some(signed) = &context.rules.signed else {
                return Ok(bytes);
            };
            let locals = Locals {
                content: Some(context.scratch.bytes(bytes).map_err(|_| OutOfMemory)?),
                ..Locals::default()
            };
            signed
                .bytes(context, locals)
                .map(<[u8]>::to_vec)
                .map_err(content_error)
        })
    }

    /// Whether the key made one of the signatures over the content.
    fn matches(
        &self,
        body: &Body<'_>,
        item: Option<JsonValue<'_, '_>>,
        presented: &PresentedValues<'_>,
        key: &Key,
        content: &[u8],
        memory: &mut dyn MemoryBudget,
    ) -> Result<bool, VerifyError> {
        let algorithm = presented.algorithm;
        let mut signatures = presented.signatures.iter();
        let with_key = |made: &mut dyn FnMut(&[u8]) -> bool, memory: &mut dyn MemoryBudget| {
            if self.rules.key.is_none() {
                return Ok(key.secret().is_some_and(|secret| made(secret.bytes())));
            }
            self.evaluate(body, item, Vec::new(), Some(key), memory, |context| {
                let Some(program) = &context.rules.key else {
                    return Ok(false);
                };
                let bytes = program
                    .bytes(context, Locals::default())
                    .map_err(content_error)?;
                // Nobody may sign with nothing.
                Ok(!bytes.is_empty() && made(bytes))
            })
        };
        match algorithm.means() {
            Means::Token => with_key(
                &mut |token| signatures.any(|signature| is_same_secret(token, signature)),
                memory,
            ),
            Means::Mac => with_key(
                &mut |bytes| {
                    MacKey::new(algorithm, bytes).is_some_and(|mut mac| {
                        mac.update(content);
                        signatures.any(|signature| mac.clone().matches(signature))
                    })
                },
                memory,
            ),
            Means::Digest => Ok(DigestCheck::new(algorithm).is_some_and(|mut digest| {
                digest.update(content);
                signatures.any(|signature| digest.clone().matches(signature))
            })),
            _ => {
                let key = presented.certified.as_ref().unwrap_or(key);
                Ok(signatures.any(|signature| key.verify(algorithm, content, signature)))
            }
        }
    }
}

/// Whether the bytes are text without control characters but those that end lines. What a digest
/// pads its input with is neither, so nobody can have continued it.
fn is_plain_text(bytes: &[u8]) -> bool {
    let is_plain = |char: char| !char.is_control() || matches!(char, '\t' | '\n' | '\r');
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(is_plain))
}
