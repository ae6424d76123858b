//! What a callback presents: everything but the content.

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
}

impl PresentedValues<'_> {
    pub(super) fn show<S: VerifySteps>(&self, steps: &mut S) {
        for signature in &self.signatures {
            steps.found(CallbackValue::Signature, signature);
        }
        if let Some(nonce) = &self.nonce {
            steps.found(CallbackValue::Nonce, nonce.as_bytes());
        }
        if let Some(key_id) = &self.key_id {
            steps.found(CallbackValue::KeyId, key_id.as_bytes());
        }
    }
}

/// Everything but the content.
pub(super) fn present<'v, 'k>(
    context: &'v Evaluation<'v>,
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
    let presented = signatures(context)?;
    let key_id = match &rules.key_id {
        None => None,
        Some(program) => {
            Some(nonempty_text(program, context).map_err(|fault| KEY_ID.error(fault))?)
        }
    };
    let mut keys: Vec<&Key> = keys
        .iter()
        .map(Arc::as_ref)
        .filter(|key| key_id.is_none_or(|id| key.answers_to(id)))
        .collect();
    if keys.is_empty() {
        let unknown = Rejection::from(Reason::KeyUnknown);
        return Err(match key_id {
            Some(id) => unknown.with(Detail::key_id(id)).into(),
            None => unknown.into(),
        });
    }
    let mut timestamp = None;
    let certified = match &rules.certificate {
        None => None,
        Some(rule) => {
            timestamp = read_timestamp(context)?;
            Some(certified_key(rule, context, timestamp, &mut keys)?)
        }
    };
    let signatures: Vec<Vec<u8>> = presented
        .into_iter()
        .filter_map(|bytes| SignatureForm::read(rules.signature_form, algorithm, bytes))
        .filter(|bytes| {
            let mut tried = keys.iter().map(|key| certified.as_ref().unwrap_or(key));
            rules.key.is_some() || tried.any(|key| key.candidate(algorithm, bytes))
        })
        .map(|bytes| bytes.into_owned())
        .collect();
    if signatures.is_empty() {
        return Err(Reason::SignatureWrongLength.into());
    }
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
    })
}

/// The signatures, decoded.
pub(super) fn signatures<'v>(context: &'v Evaluation<'v>) -> Result<Vec<&'v [u8]>, VerifyError> {
    if context.rules.jws.is_some() {
        let signature = context.token_signature();
        return Ok(vec![signature.map_err(|fault| SIGNATURE.error(fault))?]);
    }
    if context.rules.message.is_some() {
        let message = context.message().map_err(|fault| SIGNATURE.error(fault))?;
        return Ok(vec![&message.signature]);
    }
    let mut presented = Vec::new();
    let mut missing = None;
    for program in &context.rules.signature {
        match program.each_bytes(context, &mut presented) {
            Ok(()) => {}
            Err(fault) if fault.is_missing() => missing = Some(fault),
            Err(fault) => return Err(SIGNATURE.error(fault)),
        }
    }
    if let (true, Some(fault)) = (presented.is_empty(), missing) {
        return Err(SIGNATURE.error(fault));
    }
    if presented.len() > MAX_ATTEMPTS {
        return Err(Reason::TooManySignatures.into());
    }
    Ok(presented)
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
            Ok(Some(rules.unit.read(text).ok_or_else(malformed)?))
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
