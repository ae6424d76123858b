//! What a callback presents: everything but the content.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::presented_certificate::certified_key;
use super::value_role::{KEY_ID, NONCE, SIGNATURE, TIMESTAMP, content_error};
use crate::algorithm::Algorithm;
use crate::keys::{Key, is_same_secret};
use crate::language::compiled_expression::CompiledExpression;
use crate::language::evaluate::{Evaluation, Locals};
use crate::language::scheme_rules::{AlgorithmRule, MAX_ATTEMPTS, SchemeRules};
use crate::language::value_fault::{EvaluationFault, ValueFault};
use crate::reason::{At, Detail, Reason, Rejection, VerifyError};
use crate::signature_form::SignatureForm;
use crate::verify_steps::{CallbackValue, VerifySteps};

/// The most characters of a signature: twice what an 8192-bit key gives in hexadecimal.
const MAX_SIGNATURE_TEXT: usize = 4096;

/// What a callback presents. Nothing in it is verified yet.
pub(super) struct PresentedValues<'k> {
    pub(super) algorithm: Algorithm,
    /// As the keys take them.
    pub(super) signatures: Vec<Vec<u8>>,
    pub(super) keys: Vec<&'k Key>,
    /// The key in the callback's certificate, which is under that one of `keys` that is left.
    pub(super) certified: Option<Key>,
    pub(super) timestamp: Option<i64>,
    pub(super) expires: Option<i64>,
    pub(super) nonce: Option<String>,
    pub(super) key_id: Option<String>,
    /// The selections in what was compared, of which a closer look must show that none of their fields could be
    /// another.
    pub(super) unclear: BTreeSet<usize>,
}

impl PresentedValues<'_> {
    pub(super) fn show<S: VerifySteps>(&self, steps: &mut S) {
        for signature in &self.signatures {
            steps.found(CallbackValue::Signature, signature);
        }
        if let Some(timestamp) = self.timestamp {
            steps.found(CallbackValue::Timestamp, timestamp.to_string().as_bytes());
        }
        if let Some(nonce) = &self.nonce {
            steps.found(CallbackValue::Nonce, nonce.as_bytes());
        }
        if let Some(key_id) = &self.key_id {
            steps.found(CallbackValue::KeyId, key_id.as_bytes());
        }
    }
}

/// What the headers present, where a scheme finds its signature in them.
#[derive(Default)]
pub(super) struct HeaderValues {
    /// Decoded. `None` if the body must be parsed first.
    pub(super) signatures: Option<Vec<Vec<u8>>>,
    key_id: Option<String>,
}

impl HeaderValues {
    /// The keys that the callback can mean, by what is known of it.
    pub(super) fn keys<'k>(&self, keys: &'k [Arc<Key>]) -> Result<Vec<&'k Key>, Rejection> {
        named_keys(keys, self.key_id.as_deref())
    }
}

/// The signatures and what names the key, before the body is parsed.
pub(super) fn header_values<'v>(context: &'v Evaluation<'v>) -> Result<HeaderValues, VerifyError> {
    let signatures = signatures(context)?.into_iter().map(<[u8]>::to_vec);
    let signatures = Some(signatures.collect());
    let key_id = if context.rules.facts.key_id_precedes_body {
        key_id(context)?
    } else {
        None
    };
    Ok(HeaderValues {
        signatures,
        key_id: key_id.map(str::to_owned),
    })
}

/// Everything but the content.
pub(super) fn present<'v, 'k>(
    context: &'v Evaluation<'v>,
    early: &HeaderValues,
    keys: &'k [Arc<Key>],
) -> Result<PresentedValues<'k>, VerifyError> {
    let rules = context.rules;
    let none = Locals::default();
    let algorithm = match &rules.algorithm {
        AlgorithmRule::Fixed(algorithm) => *algorithm,
        AlgorithmRule::Choice { by, of } => {
            let name = by
                .text(context, none)
                .map_err(|fault| SIGNATURE.error(fault))?;
            let found = of.iter().find(|(known, _)| known == name);
            found
                .map(|(_, algorithm)| *algorithm)
                .ok_or(Reason::AlgorithmNotAllowed)?
        }
    };
    let key_id = key_id(context)?;
    let mut keys = named_keys(keys, key_id)?;
    let mut timestamp = None;
    let certified = match &rules.certificate {
        None => None,
        Some(rule) => {
            timestamp = read_timestamp(context)?;
            Some(certified_key(rule, context, timestamp, &mut keys)?)
        }
    };
    let certified_alone = certified.as_ref().map(|key| [key]);
    let tried = certified_alone.as_ref().map_or(&*keys, <[_; 1]>::as_slice);
    let signatures = match &early.signatures {
        Some(found) => usable_signatures(rules, algorithm, tried, found.iter().map(Vec::as_slice))?,
        None => usable_signatures(rules, algorithm, tried, signatures(context)?.into_iter())?,
    };
    let timestamp = match timestamp {
        Some(known) => Some(known),
        None => read_timestamp(context)?,
    };
    let nonce = match &rules.nonce {
        None => None,
        Some(program) => {
            let text = nonempty_text(program, context).map_err(|fault| NONCE.error(fault))?;
            Some(text.to_owned())
        }
    };
    let expires = expires(context, timestamp)?;
    check_values(rules, context)?;
    Ok(PresentedValues {
        algorithm,
        signatures,
        keys,
        certified,
        timestamp,
        expires,
        nonce,
        key_id: key_id.map(str::to_owned),
        unclear: context.unclear.take(),
    })
}

/// What names the key, if the scheme has it.
fn key_id<'v>(context: &'v Evaluation<'v>) -> Result<Option<&'v str>, VerifyError> {
    let program = context.rules.key_id.as_ref();
    let text = program.map(|program| nonempty_text(program, context));
    text.transpose().map_err(|fault| KEY_ID.error(fault))
}

/// The keys that a callback with this key id can mean: those that go by it, or else all that have
/// no id that callbacks name.
fn named_keys<'k>(keys: &'k [Arc<Key>], key_id: Option<&str>) -> Result<Vec<&'k Key>, Rejection> {
    let all = keys.iter().map(Arc::as_ref);
    let Some(id) = key_id else {
        return Ok(all.collect());
    };
    let named: Vec<&Key> = all.clone().filter(|key| key.goes_by(id)).collect();
    if !named.is_empty() {
        return Ok(named);
    }
    let others: Vec<&Key> = all.filter(|key| !key.is_named()).collect();
    if others.is_empty() {
        return Err(Rejection::from(Reason::KeyUnknown).with(Detail::key_id(id)));
    }
    Ok(others)
}

/// The signatures, as the keys take them, that one of the keys can have made.
pub(super) fn usable_signatures<'s>(
    rules: &SchemeRules,
    algorithm: Algorithm,
    keys: &[&Key],
    presented: impl Iterator<Item = &'s [u8]>,
) -> Result<Vec<Vec<u8>>, Rejection> {
    let read = |bytes| SignatureForm::read(rules.signature_form, algorithm, bytes);
    let mut signatures: Vec<_> = presented.filter_map(read).collect();
    if signatures.is_empty() {
        let place = rules.signature.first().and_then(CompiledExpression::place);
        return Err(Rejection {
            reason: Reason::SignatureMalformed,
            at: place,
            detail: None,
        });
    }
    if rules.key.is_none() {
        signatures.retain(|bytes| keys.iter().any(|key| key.candidate(algorithm, bytes)));
    }
    if signatures.is_empty() {
        return Err(Reason::SignatureWrongLength.into());
    }
    Ok(signatures.into_iter().map(Cow::into_owned).collect())
}

/// The signatures, decoded.
fn signatures<'v>(context: &'v Evaluation<'v>) -> Result<Vec<&'v [u8]>, VerifyError> {
    if context.rules.jws.is_some() {
        let signature = context.token_signature();
        return Ok(vec![signature.map_err(|fault| SIGNATURE.error(fault))?]);
    }
    if context.rules.message.is_some() {
        let message = context.message().map_err(|fault| SIGNATURE.error(fault))?;
        return Ok(vec![&message.signature]);
    }
    let mut presented = Vec::new();
    let (mut missing, mut malformed) = (None, None);
    for program in &context.rules.signature {
        let before = presented.len();
        match program.each_decoded(context, MAX_SIGNATURE_TEXT, &mut presented) {
            Ok(()) => {}
            Err(fault) if fault.is_missing() => missing = Some(fault),
            // In a form that only another of the expressions reads.
            Err(fault) if fault.is_malformed() => {
                presented.truncate(before);
                malformed = malformed.or(Some(fault));
            }
            Err(fault) => return Err(SIGNATURE.error(fault)),
        }
    }
    // A signature of no bytes is none.
    presented.retain(|bytes| !bytes.is_empty());
    if presented.is_empty() {
        let first = context.rules.signature.first();
        let empty = || EvaluationFault {
            fault: ValueFault::Missing,
            at: first.and_then(CompiledExpression::place),
        };
        let fault = malformed.or(missing).unwrap_or_else(empty);
        return Err(SIGNATURE.error(fault));
    }
    if presented.len() > MAX_ATTEMPTS {
        return Err(Reason::TooManySignatures.into());
    }
    // Two expressions can read one value alike.
    let mut distinct: Vec<&[u8]> = Vec::with_capacity(presented.len());
    for bytes in presented {
        if !distinct.contains(&bytes) {
            distinct.push(bytes);
        }
    }
    Ok(distinct)
}

fn read_timestamp<'v>(context: &'v Evaluation<'v>) -> Result<Option<i64>, VerifyError> {
    let rules = context.rules;
    match &rules.timestamp {
        None => Ok(None),
        Some(program) => {
            let text = nonempty_text(program, context).map_err(|fault| TIMESTAMP.error(fault))?;
            let malformed = || Rejection {
                reason: Reason::TimestampMalformed,
                at: program.place(),
                detail: None,
            };
            // Digits beside it in the signed text could otherwise be its own.
            let digits = rules.coverage().timestamp_digits();
            let read = rules.unit.read(text);
            let read = read.filter(|_| digits.is_none_or(|digits| text.len() == digits));
            Ok(Some(read.ok_or_else(malformed)?))
        }
    }
}

/// When the signature ends: not before it was made.
fn expires<'v>(
    context: &'v Evaluation<'v>,
    timestamp: Option<i64>,
) -> Result<Option<i64>, VerifyError> {
    if context.rules.message.is_none() {
        return Ok(None);
    }
    let message = context.message().map_err(|fault| SIGNATURE.error(fault))?;
    let expires = message.expires();
    if expires.is_some_and(|end| timestamp.is_some_and(|start| end < start)) {
        let at = At::Value("{param:expires}".to_owned());
        return Err(Rejection::at(Reason::ValueUnexpected, at).into());
    }
    Ok(expires)
}

/// `check` and `require`.
fn check_values<'v>(
    rules: &'v SchemeRules,
    context: &'v Evaluation<'v>,
) -> Result<(), VerifyError> {
    let none = Locals::default();
    let refused = |reason, program: &CompiledExpression| Rejection {
        reason,
        at: program.place(),
        detail: None,
    };
    for (program, wanted) in &rules.check {
        let value = program.bytes(context, none).map_err(content_error)?;
        let mut is_equal = false;
        for other in wanted {
            let other = other.bytes(context, none).map_err(content_error)?;
            is_equal |= is_same_secret(value, other);
        }
        if !is_equal {
            return Err(refused(Reason::ValueUnexpected, program).into());
        }
    }
    for (program, shape) in &rules.require {
        let value = program.text(context, none).map_err(content_error)?;
        if !shape.is_match(value) {
            return Err(refused(Reason::ValueUnexpected, program).into());
        }
    }
    Ok(())
}

fn nonempty_text<'v>(
    program: &'v CompiledExpression,
    context: &'v Evaluation<'v>,
) -> Result<&'v str, EvaluationFault> {
    let text = program.text(context, Locals::default())?;
    if text.is_empty() {
        return Err(EvaluationFault {
            fault: ValueFault::Missing,
            at: program.place(),
        });
    }
    Ok(text)
}
