//! Builds what the algorithm is applied to.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::Attempt;
use super::content_sink::DigestSink;
use super::presented_values::header_values;
use super::signed_content::SignedContent;
use super::value_role::content_error;
use crate::body::{Body, Charset};
use crate::callback::Callback;
use crate::json::JsonValue;
use crate::keys::Key;
use crate::language::ambiguity;
use crate::language::compiled_expression::CompiledExpression;
use crate::language::evaluate::{Evaluation, Locals, RouteValues};
use crate::language::expression_value::ExpressionValue;
use crate::language::measured_bytes::MeasuredBytes;
use crate::language::scheme_rules::SchemeRules;
use crate::language::value_fault::ValueFault;
use crate::memory::{MemoryBudget, Plenty};
use crate::reason::{Reason, Rejection, VerifyError};

impl Attempt<'_, '_> {
    /// The field of one of these selections that could have been signed as another, if there is one.
    pub(super) fn ambiguous_field(
        &self,
        body: &Body<'_>,
        item: Option<JsonValue<'_, '_>>,
        nth: usize,
        (unclear, key): (&BTreeSet<usize>, Option<&Key>),
        memory: &mut dyn MemoryBudget,
    ) -> Result<Option<String>, VerifyError> {
        if unclear.is_empty() {
            return Ok(None);
        }
        let (_, choices) = self.rules.choices(nth);
        self.evaluate(body, item, choices, key, memory, |context| {
            for at in unclear {
                let selection = context.rules.selections.get(*at);
                let shape = context.rules.coverage().shape_of(*at);
                if let (Some(selection), Some(shape)) = (selection, shape) {
                    let found = ambiguity::find(selection, shape, context);
                    if let Some(name) = found.map_err(content_error)? {
                        return Ok(Some(name));
                    }
                }
            }
            Ok(None)
        })
    }

    /// Builds candidate `nth`: what the algorithm is applied to. Its memory stays reserved.
    pub(in crate::language) fn content(
        &self,
        body: &Body<'_>,
        item: Option<JsonValue<'_, '_>>,
        nth: usize,
        key: Option<&Key>,
        memory: &mut dyn MemoryBudget,
    ) -> Result<SignedContent, VerifyError> {
        let (content, choices) = self.rules.choices(nth);
        self.evaluate(body, item, choices, key, memory, |context| {
            let bytes = applied_to(content, context)?;
            Ok(SignedContent {
                bytes,
                unclear: context.unclear.take(),
            })
        })
    }

    /// The text of candidate `nth` to which `signed` is applied, if it is.
    pub(super) fn text_of(
        &self,
        body: &Body<'_>,
        item: Option<JsonValue<'_, '_>>,
        nth: usize,
        key: &Key,
    ) -> Option<Vec<u8>> {
        self.rules.signed.as_ref()?;
        self.text(body, item, nth, Some(key)).ok()
    }

    /// The text of candidate `nth`, before `signed` is applied to it.
    fn text(
        &self,
        body: &Body<'_>,
        item: Option<JsonValue<'_, '_>>,
        nth: usize,
        key: Option<&Key>,
    ) -> Result<Vec<u8>, VerifyError> {
        let (content, choices) = self.rules.choices(nth);
        self.evaluate(body, item, choices, key, &mut Plenty, |context| {
            let program = context.rules.content.get(content);
            program.map_or(Ok(Vec::new()), |program| text(program, context))
        })
    }
}

/// What the algorithm is applied to, of the content with this number.
fn applied_to<'v>(content: usize, context: &'v Evaluation<'v>) -> Result<Vec<u8>, VerifyError> {
    let rules = context.rules;
    if rules.jws.is_some() {
        let mut bytes = Vec::new();
        context
            .write_signing_input(&mut bytes)
            .map_err(content_error)?;
        return Ok(bytes);
    }
    if rules.message.is_some() {
        let mut bytes = Vec::new();
        context
            .write_signature_base(&mut bytes)
            .map_err(content_error)?;
        return Ok(bytes);
    }
    let Some(program) = rules.content.get(content) else {
        // A token covers no content.
        return Ok(Vec::new());
    };
    match &rules.signed {
        None => text(program, context),
        Some(signed) => signed_bytes(signed, program, context),
    }
}

/// The bytes of a content.
fn text<'v>(
    program: &'v CompiledExpression,
    context: &'v Evaluation<'v>,
) -> Result<Vec<u8>, VerifyError> {
    // A good estimate for every content: the body plus a few short values.
    let estimate = context.callback.body.len().saturating_add(256);
    let refused = |fault: ValueFault| content_error(fault.into());
    let mut sink = MeasuredBytes::with_capacity(estimate, context.scratch).map_err(refused)?;
    let written = program.write(context, Locals::default(), &mut sink);
    written.map_err(content_error)?;
    let bytes = sink.keep().map_err(refused)?;
    if context.rules.facts.can_be_extended && !is_plain_text(&bytes, context.scratch.charset()) {
        return Err(Reason::ValueMalformed.into());
    }
    Ok(bytes)
}

/// The bytes of `signed`, which is made of a content.
fn signed_bytes<'v>(
    signed: &'v CompiledExpression,
    program: &'v CompiledExpression,
    context: &'v Evaluation<'v>,
) -> Result<Vec<u8>, VerifyError> {
    if let Some((name, chain)) = signed.digest_of_content()
        && !context.rules.facts.can_be_extended
        && let Some(mut digest) = DigestSink::of_filter(name, context.scratch)
    {
        let written = program.write(context, Locals::default(), &mut digest);
        written.map_err(content_error)?;
        let digest = digest
            .finish()
            .and_then(|digest| context.scratch.bytes(digest));
        let digest = digest.map_err(|fault| content_error(fault.into()))?;
        let value = chain.behind_first(ExpressionValue::Bytes(digest), context);
        let value = value.map_err(content_error)?;
        let bytes = value.bytes(context.scratch);
        return bytes
            .map(<[u8]>::to_vec)
            .map_err(|fault| content_error(fault.into()));
    }
    let content = text(program, context)?;
    let reserved = content.capacity();
    let content = context.scratch.bytes(content);
    context.scratch.with_memory(|memory| memory.give(reserved));
    let content = content.map_err(|fault| content_error(fault.into()))?;
    let locals = Locals {
        content: Some(content),
        ..Locals::default()
    };
    let bytes = signed.bytes(context, locals).map_err(content_error)?;
    let facts = &context.rules.facts;
    let may_be_continued = facts.can_be_extended && facts.signs_more_than_content;
    if may_be_continued && !is_plain_text(bytes, context.scratch.charset()) {
        return Err(Reason::ValueMalformed.into());
    }
    Ok(bytes.to_vec())
}

/// Whether the bytes are text without control characters but those that end lines. What a digest
/// pads its input with is neither, so nobody can have continued it.
fn is_plain_text(bytes: &[u8], charset: Charset) -> bool {
    let is_plain = |char: char| !char.is_control() || matches!(char, '\t' | '\n' | '\r');
    let text = charset.decode(bytes);
    text.is_some_and(|text| text.chars().all(is_plain))
}

impl SchemeRules {
    /// What is told of a content: itself, or its digest if it holds a secret.
    pub(super) fn told(&self, content: Vec<u8>) -> Vec<u8> {
        if self.facts.content_holds_secret {
            Sha256::digest(&content).to_vec()
        } else {
            content
        }
    }

    /// The first candidate of the content for a callback, and the field of it that could have been
    /// signed as another.
    #[cfg(test)]
    pub(crate) fn content_and_ambiguous_field(
        &self,
        route: &RouteValues,
        callback: Callback<'_>,
    ) -> Result<(Vec<u8>, Option<String>), VerifyError> {
        let attempt = Attempt::new(self, route, callback)?;
        let body = attempt.body(&mut Plenty)?;
        let content = attempt.content(&body, None, 0, None, &mut Plenty)?;
        let field =
            attempt.ambiguous_field(&body, None, 0, (&content.unclear, None), &mut Plenty)?;
        Ok((content.bytes, field))
    }

    /// Every candidate of the content for a callback, before `signed` is applied to it.
    pub(crate) fn contents(
        &self,
        route: &RouteValues,
        callback: Callback<'_>,
    ) -> Result<Vec<Vec<u8>>, Rejection> {
        let attempt = Attempt::new(self, route, callback)?;
        let built = (|| {
            let body = attempt.body(&mut Plenty)?;
            // Whoever compares texts wants to know first if the callback presents no signature.
            let memory = &mut Plenty;
            attempt.evaluate(&body, None, Vec::new(), None, memory, header_values)?;
            let mut contents = Vec::new();
            for item in self.items(&body)?.found.iter() {
                for nth in 0..self.candidates() {
                    if nth == 0 || self.may_differ(nth, &body, &callback) {
                        let text = attempt.text(&body, *item, nth, None)?;
                        if contents.last() != Some(&text) {
                            contents.push(text);
                        }
                    }
                }
            }
            Ok(contents)
        })();
        built.map_err(VerifyError::of_plenty)
    }
}
