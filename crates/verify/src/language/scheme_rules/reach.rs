//! What an expression reads, in the steps and selections that it uses, too.

use http::HeaderName;

use super::{LetRule, MessageRule, SchemeRules};
use crate::language::compiled_expression::{CompiledExpression, ValueChain, ValueSource};
use crate::language::selection::{FieldsFrom, Selection};

/// What is known of a scheme before any callback.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts {
    /// Whether the signed bytes depend on which key is tried.
    pub(crate) content_holds_secret: bool,
    /// Whether the signatures can be found without the body being parsed.
    pub(crate) signature_precedes_body: bool,
    /// The same for what names the key.
    pub(crate) key_id_precedes_body: bool,
    /// Whether any of the values is a part of the parsed body.
    pub(crate) parses_body: bool,
    /// Whether the contents differ in nothing but how numbers with a fraction or an exponent are
    /// written.
    pub(crate) differs_by_fractions: bool,
    /// Whether parts of the target are read, and nothing of the body is signed.
    pub(crate) signs_target_alone: bool,
    /// Whether the contents differ in nothing but how PHP writes U+2028 and U+2029.
    pub(crate) differs_by_lines: bool,
    /// Whether names of the form may repeat, because the scheme says how all their values are
    /// signed.
    pub(crate) keeps_repeated_fields: bool,
    /// Whether whoever knows one signature could append to what was signed: a digest over bytes that
    /// do not end with a secret (SHA-2, SHA-1 and MD5 can be continued).
    pub(crate) can_be_extended: bool,
    /// Whether a handshake is answered with an HMAC, and callbacks are signed with one.
    pub(crate) signs_for_others: bool,
    /// Whether `signed` has more of the callback in it than the content.
    pub(crate) signs_more_than_content: bool,
}

/// Whether a source is a secret.
pub(super) const fn is_secret(source: &ValueSource) -> bool {
    matches!(source, ValueSource::Secret | ValueSource::NamedSecret(_))
}

/// Whether a source is a part of the parsed body.
const fn is_parsed(source: &ValueSource) -> bool {
    matches!(
        source,
        ValueSource::Field(_) | ValueSource::Document | ValueSource::Form(_) | ValueSource::Xml(_)
    )
}

impl SchemeRules {
    /// Works the facts out, once.
    pub(super) fn facts(&self) -> Facts {
        let reaches = |expression| self.reaches(expression, &is_secret);
        let is_in_body = |expression: &CompiledExpression| self.reaches(expression, &is_parsed);
        let is_digest = self
            .algorithms()
            .iter()
            .any(|algorithm| algorithm.is_digest());
        let mut selections = self.selections.iter();
        let is_secret_last = |expression: &CompiledExpression| {
            let last = expression.last();
            last.is_some_and(|chain| is_secret(chain.source()))
        };
        let do_contents_end = self.content.iter().all(is_secret_last);
        let ends_with_secret = match &self.signed {
            None => do_contents_end,
            Some(signed) => {
                let is_content = |chain: &ValueChain| {
                    *chain.source() == ValueSource::Content && chain.filters.is_empty()
                };
                is_secret_last(signed) || do_contents_end && signed.last().is_some_and(is_content)
            }
        };
        let signs_more = |signed: &CompiledExpression| {
            let mut sources = signed.operations().into_iter().map(ValueChain::source);
            sources.any(|source| *source != ValueSource::Content && !is_secret(source))
        };
        Facts {
            content_holds_secret: self
                .content
                .iter()
                .chain(&self.signed)
                .chain(self.payload())
                .any(reaches),
            signature_precedes_body: !self.signature.iter().any(is_in_body),
            key_id_precedes_body: !self.key_id.iter().any(is_in_body),
            parses_body: self.charset.is_in_form() || self.verified_programs().any(is_in_body),
            // Only the definition shows that.
            differs_by_fractions: false,
            differs_by_lines: false,
            // Only the coverage shows these.
            signs_target_alone: false,
            signs_for_others: false,
            keeps_repeated_fields: selections
                .any(|selection| selection.from == FieldsFrom::Form && selection.distinct),
            can_be_extended: is_digest && !ends_with_secret,
            signs_more_than_content: self.signed.as_ref().is_some_and(signs_more),
        }
    }

    /// The headers that a verification reads.
    pub(super) fn read_headers(&self) -> Vec<HeaderName> {
        let names = self.programs().flat_map(CompiledExpression::read_headers);
        let of_message = self.message.iter().flat_map(MessageRule::headers);
        names.chain(of_message).collect()
    }

    /// Whether an expression has such a source, in the steps and selections that it uses, too.
    /// Steps use only those before them, and selections no others, so this ends.
    pub(super) fn reaches(
        &self,
        expression: &CompiledExpression,
        test: &dyn Fn(&ValueSource) -> bool,
    ) -> bool {
        let mut sources = expression
            .operations()
            .into_iter()
            .map(|chain| chain.source());
        sources.any(|source| match source {
            ValueSource::Let(at) => {
                let rule = self.lets.get(*at);
                rule.is_some_and(|rule| {
                    let mut expressions = rule.expressions();
                    expressions.any(|inner| self.reaches(inner, test))
                })
            }
            ValueSource::Fields(at) => self
                .selections
                .get(*at)
                .is_some_and(|selection| self.selection_reaches(selection, test)),
            ValueSource::Timestamp => self.named_reaches(self.timestamp.as_ref(), test),
            ValueSource::Nonce => self.named_reaches(self.nonce.as_ref(), test),
            ValueSource::KeyId => self.named_reaches(self.key_id.as_ref(), test),
            source => test(source),
        })
    }

    fn named_reaches(
        &self,
        expression: Option<&CompiledExpression>,
        test: &dyn Fn(&ValueSource) -> bool,
    ) -> bool {
        expression.is_some_and(|expression| self.reaches(expression, test))
    }

    fn selection_reaches(
        &self,
        selection: &Selection,
        test: &dyn Fn(&ValueSource) -> bool,
    ) -> bool {
        let from = match &selection.from {
            FieldsFrom::Json(_) => test(&ValueSource::Document),
            FieldsFrom::Form => test(&ValueSource::Form(String::new())),
            FieldsFrom::Xml => test(&ValueSource::Xml(String::new())),
            FieldsFrom::Nothing | FieldsFrom::Query | FieldsFrom::Headers => false,
        };
        from || selection
            .programs()
            .any(|expression| self.reaches(expression, test))
    }
}

impl LetRule {
    /// Every expression of the step.
    pub(crate) fn expressions(&self) -> Box<dyn Iterator<Item = &CompiledExpression> + '_> {
        match self {
            Self::Candidates(expressions) => Box::new(expressions.iter()),
            Self::Table { by, of, default } => {
                let of = of.iter().map(|(_, expression)| expression);
                Box::new([by].into_iter().chain(of).chain(default))
            }
        }
    }
}
