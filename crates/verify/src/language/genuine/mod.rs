//! Whether one of the keys signed a callback, by the rules of a scheme.

mod build_content;
mod candidates;
mod content_sink;
mod genuine_callback;
mod made_signature;
mod presented_certificate;
mod presented_values;
mod scheme_answers;
mod secret_prints;
mod signed_content;
mod signed_items;
mod value_role;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use http::HeaderName;
use once_cell::unsync::OnceCell;

use super::compact_jws::TokenCells;
use super::evaluate::{Evaluation, RouteValues};
use super::expression_value::Scratch;
use super::message_signature;
use super::scheme_rules::{MAX_ATTEMPTS, SchemeRules};
use crate::body::{Body, BodyFormat, Charset};
use crate::callback::Callback;
use crate::content_type;
use crate::json::JsonValue;
use crate::keys::Key;
use crate::memory::MemoryBudget;
use crate::reason::{At, Reason, Rejection, VerifyError};
use crate::spelling;
use crate::verify_steps::{CallbackValue, VerifySteps};
pub use genuine_callback::Genuine;
use presented_values::{HeaderValues, PresentedValues, header_values, present, usable_signatures};
pub(crate) use scheme_answers::{acknowledgement, answer_handshake, looks_like};
pub use secret_prints::SecretPrints;
pub(crate) use secret_prints::{answering_secrets, verifying_secrets};
use signed_content::SignedContent;

/// What a callback is held against.
#[derive(Clone, Copy)]
pub(crate) struct VerificationRules<'p> {
    pub(crate) rules: &'p SchemeRules,
    pub(crate) route: &'p RouteValues,
    /// The format that a backend must read bodies as.
    pub(crate) format: BodyFormat,
    /// A header that is read to pick the keys.
    pub(crate) key_header: Option<&'p HeaderName>,
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
    let asked = VerificationRules {
        rules,
        route,
        format: rules.body_format(),
        key_header: None,
    };
    let (genuine, _) = find_genuine(asked, callback, || Ok(keys), memory, steps)?;
    Ok(genuine)
}

/// Verifies a callback with the keys that `pick` finds once the signature is there, and returns its
/// parsed body, too. What a stranger can send is checked in the order of what it costs.
pub(crate) fn find_genuine<'k, 'a, S: VerifySteps>(
    asked: VerificationRules<'_>,
    callback: Callback<'a>,
    pick: impl FnOnce() -> Result<&'k [Arc<Key>], Rejection>,
    memory: &mut dyn MemoryBudget,
    steps: &mut S,
) -> Result<(Genuine<'k>, Body<'a>), VerifyError> {
    let rules = asked.rules;
    let attempt = Attempt::new(rules, asked.route, callback)?;
    // The fields of a form beside a signed query would look like its parameters.
    let is_beside_query = rules.facts.signs_target_alone && !callback.body.is_empty();
    let format = match asked.format {
        BodyFormat::Opaque if is_beside_query => BodyFormat::Json,
        format => format,
    };
    let charset = match format {
        BodyFormat::Opaque => rules.charset.of_unread(),
        _ => attempt.charset,
    };
    if let Err(refused) = content_type::check(&callback, format, charset)
        && !rules.expects_label(refused.reason, callback.headers)
    {
        return Err(refused.into());
    }
    let labels = match &rules.message {
        None => 1,
        Some(rule) => message_signature::labels(rule, callback.headers)?,
    };
    // Most of what strangers send has no signature, or none that a key can have made. The body is
    // not parsed for it.
    let early = if rules.facts.signature_precedes_body {
        let unread = Body::Opaque(callback.body);
        let found = attempt.any_label(labels, |attempt| {
            attempt.evaluate(&unread, None, Vec::new(), None, memory, header_values)
        })?;
        // With several signatures, each has values of its own.
        if labels > 1 {
            HeaderValues::default()
        } else {
            found
        }
    } else {
        HeaderValues::default()
    };
    let keys = pick()?;
    // A certificate in the callback may be in its body.
    let algorithm = rules
        .algorithm
        .fixed()
        .filter(|_| rules.certificate.is_none());
    if let (Some(signatures), Some(algorithm)) = (&early.signatures, algorithm) {
        let keys = early.keys(keys)?;
        let presented = signatures.iter().map(Vec::as_slice);
        if let Err(unusable) = usable_signatures(rules, algorithm, &keys, presented) {
            for signature in signatures {
                steps.found(CallbackValue::Signature, signature);
            }
            return Err(unusable.into());
        }
    }
    let body = attempt.body(memory)?;
    let held = (&early, keys, asked.key_header);
    let genuine = attempt.any_label(labels, |attempt| {
        attempt.genuine(&body, labels, held, memory, steps)
    })?;
    Ok((genuine, body))
}

/// A callback that is held against the rules of a scheme.
#[derive(Clone, Copy)]
pub(super) struct Attempt<'c, 'a> {
    rules: &'c SchemeRules,
    route: &'c RouteValues,
    callback: Callback<'a>,
    charset: Charset,
    /// Which signature of RFC 9421 is tried.
    label: usize,
}

/// What was signed, and by which key.
struct Signed<'k> {
    key: &'k Key,
    content: Vec<u8>,
    /// Which of the scheme's contents it is.
    nth: usize,
    ambiguous_field: Option<String>,
}

impl<'c, 'a> Attempt<'c, 'a> {
    /// In the character set of the callback, with the first label.
    pub(super) fn new(
        rules: &'c SchemeRules,
        route: &'c RouteValues,
        callback: Callback<'a>,
    ) -> Result<Self, Rejection> {
        Ok(Self {
            rules,
            route,
            callback,
            charset: rules.charset.of(&callback)?,
            label: 0,
        })
    }

    /// Verifies every item of the body.
    fn genuine<'k, S: VerifySteps>(
        &self,
        body: &Body<'_>,
        labels: usize,
        (early, keys, key_header): (&HeaderValues, &'k [Arc<Key>], Option<&HeaderName>),
        memory: &mut dyn MemoryBudget,
        steps: &mut S,
    ) -> Result<Genuine<'k>, VerifyError> {
        let items = self.rules.items(body)?.found;
        let mut genuine: Option<Genuine<'k>> = None;
        let mut contents = BTreeSet::new();
        for item in items.iter() {
            let presented = self.presented(body, *item, early, keys, memory)?;
            if genuine.is_none() {
                let read = || self.rules.headers.iter().chain(key_header);
                spelling::check(read, self.callback.headers, true)?;
            }
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
            let signed = self.signed_by(body, *item, &presented, memory, steps)?;
            match &mut genuine {
                None => {
                    if items.len() > 1 {
                        contents.insert(signed.content.clone());
                    }
                    genuine = Some(Genuine {
                        key: signed.key,
                        timestamp: presented.timestamp,
                        expires: presented.expires,
                        nonce: presented.nonce,
                        key_id: presented.key_id,
                        content: signed.content,
                        items: items.len(),
                        nth: signed.nth,
                        ambiguous_field: signed.ambiguous_field,
                    });
                }
                Some(genuine) => {
                    // One key, one time and one id stand for all items, and no item counts twice.
                    let is_same = std::ptr::eq(genuine.key, signed.key)
                        && genuine.timestamp == presented.timestamp
                        && genuine.nonce == presented.nonce
                        && genuine.key_id == presented.key_id;
                    if !is_same || !contents.insert(signed.content.clone()) {
                        return Err(Rejection::at(
                            Reason::ValueUnexpected,
                            At::Value("each".to_owned()),
                        )
                        .into());
                    }
                    genuine.ambiguous_field =
                        genuine.ambiguous_field.take().or(signed.ambiguous_field);
                    genuine.content.push(b'\n');
                    genuine.content.extend_from_slice(&signed.content);
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
            let scratch = Scratch::new(self.charset, self.callback.body.len(), memory);
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
                unclear: RefCell::default(),
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
        early: &HeaderValues,
        keys: &'k [Arc<Key>],
        memory: &mut dyn MemoryBudget,
    ) -> Result<PresentedValues<'k>, VerifyError> {
        self.evaluate(body, item, Vec::new(), None, memory, |context| {
            present(context, early, keys)
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
    ) -> Result<Signed<'k>, VerifyError> {
        let rules = self.rules;
        let by_key = rules.facts.content_holds_secret;
        let mut failure: Option<VerifyError> = None;
        let mut was_built = false;
        let mut last: Option<SignedContent> = None;
        for nth in 0..rules.candidates() {
            if nth > 0 && !rules.may_differ(nth, body, &self.callback) {
                continue;
            }
            let mut shared: Option<SignedContent> = None;
            for key in &presented.keys {
                let content = match shared.take() {
                    Some(content) => content,
                    None => match self.content(body, item, nth, Some(key), memory) {
                        Ok(content) => content,
                        Err(VerifyError::OutOfMemory(error)) => return Err(error.into()),
                        // A candidate that cannot be built drops out, for all keys unless it holds
                        // their secrets.
                        Err(error) => {
                            failure = failure.or(Some(error));
                            if by_key {
                                continue;
                            }
                            break;
                        }
                    },
                };
                if !by_key {
                    if last.as_ref() == Some(&content) {
                        break;
                    }
                    steps.content(nth, &content.bytes);
                }
                steps.built(&content.bytes, || self.text_of(body, item, nth, key));
                let matches = self.matches(body, item, presented, key, &content.bytes, memory)?;
                steps.tried(key, matches);
                #[cfg(feature = "sign")]
                steps.expected(|| {
                    let algorithm = presented.algorithm;
                    self.made_with_secret(body, item, algorithm, key, &content.bytes)
                        .ok()?
                });
                was_built = true;
                if matches {
                    rules.refuse_signed_for_others(&content.bytes)?;
                    let unclear = &content.unclear | &presented.unclear;
                    let signed = (&unclear, Some(*key));
                    return Ok(Signed {
                        key,
                        ambiguous_field: self.ambiguous_field(body, item, nth, signed, memory)?,
                        content: rules.told(content.bytes),
                        nth: rules.choices(nth).0,
                    });
                }
                if !by_key {
                    shared = Some(content);
                }
            }
            last = shared.or(last);
        }
        match failure {
            Some(failure) if !was_built => Err(failure),
            _ => Err(Reason::SignatureMismatch.into()),
        }
    }
}
