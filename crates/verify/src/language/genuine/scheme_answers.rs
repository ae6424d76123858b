//! What a scheme itself answers: to a callback that a backend took, and to a handshake.

use http::Method;

use super::value_role::content_error;
use super::{Attempt, VerificationRules};
use crate::body::{Body, BodyFormat};
use crate::callback::Callback;
use crate::keys::{Key, is_same_secret};
use crate::language::compiled_expression::CompiledExpression;
use crate::language::evaluate::{Evaluation, Locals};
use crate::language::expression_value::ExpressionValue;
use crate::language::scheme_rules::{EchoRule, HandshakeRule, MAX_ECHO, SchemeRules};
use crate::language::value_fault::EvaluationFault;
use crate::memory::MemoryBudget;
use crate::reason::{At, Reason, Rejection, VerifyError};
use crate::scheme_answer::SchemeAnswer;
use crate::spelling;

/// The largest body of a handshake, in bytes: only callbacks are larger.
const MAX_HANDSHAKE: usize = 16 << 10;

/// The acknowledgement of a callback that was verified, with this body.
pub(crate) fn acknowledgement(
    asked: VerificationRules<'_>,
    callback: Callback<'_>,
    body: &Body<'_>,
    memory: &mut dyn MemoryBudget,
) -> Result<Option<SchemeAnswer>, VerifyError> {
    let attempt = Attempt::new(asked.rules, asked.route, callback)?;
    attempt.evaluate(body, None, Vec::new(), None, memory, |context| {
        let rule = context.rules.acknowledge.as_ref();
        let made = rule.map(|rule| rule.build(context, Locals::default()));
        made.transpose().map_err(content_error)
    })
}

/// Which handshake a request is, if it is one, whether it must be signed as a callback, and whether a key
/// is read for it.
pub(crate) fn looks_like(
    asked: VerificationRules<'_>,
    callback: Callback<'_>,
    memory: &mut dyn MemoryBudget,
) -> Result<Option<(usize, bool, bool)>, VerifyError> {
    if callback.body.len() > MAX_HANDSHAKE {
        return Ok(None);
    }
    let is_of_method = |method: &Method| method.as_str() == callback.method;
    let mut unclear = None;
    for (nth, rule) in asked.rules.handshakes.iter().enumerate() {
        if !rule.methods.iter().any(is_of_method) {
            continue;
        }
        match looks_alike(asked, (nth, rule.format), callback, memory) {
            Ok(true) => return Ok(Some((nth, rule.is_signed, rule.needs_key))),
            Ok(false) => {}
            Err(VerifyError::OutOfMemory(error)) => return Err(error.into()),
            Err(error) => unclear = unclear.or(Some(error)),
        }
    }
    match unclear {
        Some(error) => Err(error),
        None => Ok(None),
    }
}

/// Whether a request looks like a handshake. What is missing does not.
fn looks_alike(
    asked: VerificationRules<'_>,
    (nth, format): (usize, BodyFormat),
    callback: Callback<'_>,
    memory: &mut dyn MemoryBudget,
) -> Result<bool, VerifyError> {
    let attempt = Attempt::new(asked.rules, asked.route, callback)?;
    let body = attempt.handshake_body(format, memory)?;
    attempt.evaluate(&body, None, Vec::new(), None, memory, |context| {
        let rule = context.rules.handshakes.get(nth);
        for (value, shape) in rule.iter().flat_map(|rule| &rule.when) {
            match value.text(context, Locals::default()) {
                Ok(text) if shape.is_match(text) => {}
                Ok(_) => return Ok(false),
                Err(fault) if fault.is_missing() => return Ok(false),
                Err(fault) => return Err(content_error(fault)),
            }
        }
        Ok(true)
    })
}

/// The answer to a handshake, under the first of these keys with which everything holds.
pub(crate) fn answer_handshake(
    asked: VerificationRules<'_>,
    nth: usize,
    callback: Callback<'_>,
    keys: &[Option<&Key>],
    memory: &mut dyn MemoryBudget,
) -> Result<SchemeAnswer, VerifyError> {
    let rule = asked.rules.handshakes.get(nth);
    let unsupported = || VerifyError::from(Reason::HandshakeUnsupported);
    let rule = rule.ok_or_else(unsupported)?;
    spelling::check(|| rule.headers.iter(), callback.headers, true)?;
    let attempt = Attempt::new(asked.rules, asked.route, callback)?;
    let body = attempt.handshake_body(rule.format, memory)?;
    let mut failure = None;
    for key in keys {
        let built = attempt.evaluate(&body, None, Vec::new(), *key, memory, |context| {
            let rule = context.rules.handshakes.get(nth);
            let rule = rule.ok_or_else(unsupported)?;
            check_values(rule, context)?;
            let answer = rule.answer.as_ref().ok_or_else(unsupported)?;
            let echo = rule.echo.as_ref();
            let echo = echo.map(|echo| allowed(echo, context)).transpose()?;
            let locals = Locals {
                field: echo.map(|text| ("", ExpressionValue::Text(text))),
                ..Locals::default()
            };
            answer.build(context, locals).map_err(content_error)
        });
        match built {
            Err(VerifyError::Rejected(rejection)) => failure = failure.or(Some(rejection)),
            answered => return answered,
        }
    }
    Err(failure.unwrap_or_else(|| Reason::KeyUnknown.into()).into())
}

impl SchemeRules {
    /// Refuses a content that whoever asks gets signed as a handshake.
    pub(super) fn refuse_signed_for_others(&self, content: &[u8]) -> Result<(), Rejection> {
        if self.is_signed_for_others(content) {
            let at = At::Value("handshake".to_owned());
            return Err(Rejection::at(Reason::ValueUnexpected, at));
        }
        Ok(())
    }
}

impl<'a> Attempt<'_, 'a> {
    fn handshake_body(
        &self,
        format: BodyFormat,
        memory: &mut dyn MemoryBudget,
    ) -> Result<Body<'a>, VerifyError> {
        let bytes = self.callback.body;
        match format {
            // There is none to look values up in.
            _ if bytes.is_empty() => Ok(Body::Opaque(bytes)),
            BodyFormat::Opaque => Ok(Body::Opaque(bytes)),
            format => Body::read(format, self.charset, bytes, memory),
        }
    }
}

/// `check`, of a handshake.
fn check_values<'v>(
    rule: &'v HandshakeRule,
    context: &'v Evaluation<'v>,
) -> Result<(), VerifyError> {
    let none = Locals::default();
    for (value, wanted) in &rule.check {
        let found = value.bytes(context, none).map_err(content_error)?;
        let mut is_equal = false;
        for other in wanted {
            let other = other.bytes(context, none).map_err(content_error)?;
            is_equal |= is_same_secret(found, other);
        }
        if !is_equal {
            return Err(unexpected(value));
        }
    }
    Ok(())
}

/// The value of the request that the answer is made of.
fn allowed<'v>(rule: &'v EchoRule, context: &'v Evaluation<'v>) -> Result<&'v str, VerifyError> {
    let text = rule.value.text(context, Locals::default());
    let text = text.map_err(|fault: EvaluationFault| content_error(fault))?;
    if text.len() > MAX_ECHO || !rule.allowed.is_match(text) {
        return Err(unexpected(&rule.value));
    }
    Ok(text)
}

fn unexpected(value: &CompiledExpression) -> VerifyError {
    let rejection = Rejection {
        reason: Reason::ValueUnexpected,
        at: value.place(),
        detail: None,
    };
    rejection.into()
}
