//! What answers may be made of: nothing that tells a secret, and nothing that signs a callback.

use super::answer_rule::AnswerRule;
use super::definition_compiler::DefinitionCompiler;
use super::handshake_rule::{EchoRule, HandshakeRule};
use super::reach::is_secret;
use super::{DefinitionError, SchemeRules};
use crate::algorithm::Means;
use crate::language::answer_definition::AnswerDefinition;
use crate::language::compiled_expression::{
    CompiledExpression, CompiledPiece, FilterCall, PreparedArgument, ValueChain, ValueSource,
};
use crate::language::expression_error::ExpressionError;
use crate::language::filters::Run;
use crate::language::scheme_definition::SchemeDefinition;

/// Checks the answers of a scheme, whose coverage is known by now.
pub(super) fn check(
    rules: &SchemeRules,
    definition: &SchemeDefinition,
    compiler: &mut DefinitionCompiler,
) {
    if let (Some(rule), Some(written)) = (&rules.acknowledge, &definition.acknowledge) {
        check_acknowledgement(rules, rule, written, compiler);
    }
    let written = definition.handshakes.iter();
    for (nth, (rule, written)) in rules.handshakes.iter().zip(written).enumerate() {
        let key = format!("handshake[{nth}]");
        if let (Some(answer), Some(written)) = (&rule.answer, &written.answer) {
            for (key, program) in answer.by_key(&format!("{key}.answer")) {
                let text = text_under(&key, written);
                check_answer(&key, text, program, compiler);
            }
        }
        check_oracle(rules, rule, &key, compiler);
    }
}

/// The text of an answer under a key.
fn text_under<'d>(key: &str, definition: &'d AnswerDefinition) -> &'d str {
    let mut headers = definition.headers.iter();
    let header = headers.find(|(name, _)| {
        let end = format!(".headers.{}", name.to_ascii_lowercase());
        key.ends_with(&end)
    });
    header.map_or(&definition.body, |(_, value)| value)
}

/// An acknowledgement has nothing but what the signature covers, and no secret.
fn check_acknowledgement(
    rules: &SchemeRules,
    rule: &AnswerRule,
    definition: &AnswerDefinition,
    compiler: &mut DefinitionCompiler,
) {
    for (key, program) in rule.by_key("acknowledge") {
        let text = text_under(&key, definition);
        for value in program.written_values() {
            let alone = CompiledExpression {
                steps: [CompiledPiece::Value(value.clone())].into(),
                gives: value.gives,
            };
            if rules.reaches(&alone, &is_secret) {
                let message = "a secret is in this, and an answer would tell it";
                compiler.fault_at(&key, text, value, message);
            } else if rules.each.is_some() && rules.reaches(&alone, &is_of_callback) {
                let message =
                    "the callback has several items: which of them this is of is not clear";
                compiler.fault_at(&key, text, value, message);
            } else if !rules.determines(&alone) {
                let message = "the signature does not cover this: whoever has a callback could choose the answer";
                compiler.fault_at(&key, text, value, message);
            }
        }
    }
}

const fn is_of_callback(source: &ValueSource) -> bool {
    !matches!(
        source,
        ValueSource::Constant(_) | ValueSource::ConfiguredUrl
    )
}

/// An answer to a handshake has nothing but `{value}` and what the operator wrote, and a secret only
/// within a digest of that value.
fn check_answer(
    key: &str,
    text: &str,
    program: &CompiledExpression,
    compiler: &mut DefinitionCompiler,
) {
    for value in program.written_values() {
        let fault = match value.source() {
            source if is_secret(source) => Some(
                "an answer would tell this secret: only an HMAC or a digest of `{value}` may have one in it",
            ),
            ValueSource::FieldValue => filter_fault(value),
            ValueSource::Constant(_) | ValueSource::ConfiguredUrl => {
                let is_plain = value
                    .filters
                    .iter()
                    .all(|call| values_of(call).next().is_none());
                let why = "only `{value}` is put together with others in an answer";
                (!is_plain).then_some(why)
            }
            _ => Some(
                "an answer has no value of the request but `{value}`, of which `allowed` says what it may be",
            ),
        };
        if let Some(message) = fault {
            compiler.fault_at(key, text, value, message);
        }
    }
}

/// The filters behind `{value}` that add no characters to those that are allowed, or write digests.
const HARMLESS: &[&str] = &["append", "base64", "base64url", "hex", "lower", "upper"];

/// What is wrong with the filters behind `{value}`.
fn filter_fault(value: &ValueChain) -> Option<&'static str> {
    for (nth, call) in value.filters.iter().enumerate() {
        if !is_digest(call) && !HARMLESS.contains(&call.filter.name) {
            return Some(
                "this filter could make other characters of `{value}` than `allowed` says",
            );
        }
        let is_mac = matches!(call.filter.run, Run::Mac(_));
        if is_mac && nth > 0 {
            return Some(
                "an HMAC in an answer is that of `{value}` itself: write it as the first filter",
            );
        }
        let behind = value.filters.iter().skip(nth.saturating_add(1));
        let is_digested = is_mac || behind.into_iter().any(is_digest);
        for inner in values_of(call) {
            let is_known = is_secret(&inner.source)
                || matches!(
                    inner.source,
                    ValueSource::Constant(_) | ValueSource::ConfiguredUrl
                );
            if !is_known
                || inner
                    .filters
                    .iter()
                    .any(|call| values_of(call).next().is_some())
            {
                return Some(
                    "only a secret, a constant or the configured URL is put together with `{value}`",
                );
            }
            if is_secret(&inner.source) && !inner.keeps_secret() {
                return Some(
                    "a part of a secret can be guessed by its digest: only the whole secret stands in an answer",
                );
            }
            if is_secret(&inner.source) && !is_digested {
                return Some("an answer would tell this secret: put a digest behind it");
            }
        }
    }
    None
}

const fn is_digest(call: &FilterCall) -> bool {
    matches!(call.filter.run, Run::Digest(_) | Run::Mac(_))
}

fn values_of(call: &FilterCall) -> impl Iterator<Item = &ValueChain> {
    call.arguments
        .iter()
        .flatten()
        .filter_map(|argument| match argument {
            PreparedArgument::Value(inner) => Some(&**inner),
            _ => None,
        })
}

/// Whoever asks for an answer must not get the signature of a callback.
fn check_oracle(
    rules: &SchemeRules,
    rule: &HandshakeRule,
    key: &str,
    compiler: &mut DefinitionCompiler,
) {
    let Some(echo) = rule.echo.as_ref().filter(|_| rule.uses_secret()) else {
        return;
    };
    let is_mac = rules.has_means(Means::Mac) && rule.signs();
    let is_token = is_mac && rules.jws.is_some();
    let is_digest = rules.has_means(Means::Digest) && rule.digests_secret();
    let is_like_content = is_mac
        && rules.message.is_none()
        && !rules
            .content
            .iter()
            .all(|content| rules.is_apart(content, echo));
    if is_token || is_digest || is_like_content {
        let message = "whoever asks for this answer could get the signature of a callback: what is signed \
                       for the handshake is not told apart from what is signed in callbacks";
        let key = format!("{key}.allowed");
        let error = ExpressionError::new(0..0, message);
        let error = error.help(
            "allow only characters without which no content is; the content needs one of its own, such as \
             the `:` in \"v0:{timestamp}:{body}\", or the whole body in it",
        );
        compiler.errors.push(DefinitionError { key, error });
    }
}

impl HandshakeRule {
    /// Whether an answer has an HMAC in it.
    pub(super) fn signs(&self) -> bool {
        self.has_call(|call| matches!(call.filter.run, Run::Mac(_)))
    }

    /// The same, and whoever asks gets it.
    pub(super) fn signs_for_others(&self) -> bool {
        self.is_open && self.signs()
    }

    fn uses_secret(&self) -> bool {
        self.has_call(|call| values_of(call).any(|inner| is_secret(&inner.source)))
    }

    /// Whether an answer has a plain digest with a secret in it.
    fn digests_secret(&self) -> bool {
        self.uses_secret() && self.has_call(|call| matches!(call.filter.run, Run::Digest(_)))
    }

    fn has_call(&self, test: impl Fn(&FilterCall) -> bool) -> bool {
        let programs = self.answer.iter().flat_map(AnswerRule::programs);
        let mut chains = programs.flat_map(CompiledExpression::written_values);
        chains.any(|chain| chain.filters.iter().any(&test))
    }
}

impl SchemeRules {
    /// Whether no callback can have a content that a handshake signs: it has a character that is not
    /// allowed there, or the whole body. (A body of which nothing tells it from such a value is refused
    /// when it comes.)
    fn is_apart(&self, content: &CompiledExpression, echo: &EchoRule) -> bool {
        let has_other = |pieces: &[CompiledPiece]| {
            pieces.iter().any(|piece| match piece {
                CompiledPiece::Text(text) => text.bytes().any(|byte| !echo.bytes.contains(&byte)),
                CompiledPiece::Value(value) => {
                    value.source == ValueSource::Body && value.filters.is_empty()
                }
                CompiledPiece::Optional(_) => false,
            })
        };
        match &self.signed {
            None => has_other(&content.steps),
            Some(signed) => {
                let is_content = |piece: &CompiledPiece| match piece {
                    CompiledPiece::Value(value) => {
                        value.source == ValueSource::Content && value.filters.is_empty()
                    }
                    _ => false,
                };
                let holds_content = signed.steps.iter().any(is_content);
                has_other(&signed.steps) || holds_content && has_other(&content.steps)
            }
        }
    }
}
