//! What there is to try: the signatures and the candidates for the content.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

use super::Attempt;
use crate::body::{Body, FormDocument, Repeats};
use crate::callback::Callback;
use crate::content::NumberStyle;
use crate::language::compiled_expression::CompiledExpression;
use crate::language::scheme_rules::SchemeRules;
use crate::language::selection::Selection;
use crate::memory::MemoryBudget;
use crate::reason::{Reason, VerifyError};

impl Attempt<'_, '_> {
    /// Works with each label until one succeeds; else, the first failure counts.
    pub(super) fn any_label<T>(
        self,
        labels: usize,
        mut work: impl FnMut(Self) -> Result<T, VerifyError>,
    ) -> Result<T, VerifyError> {
        let mut result = work(self);
        for label in 1..labels {
            if matches!(result, Ok(_) | Err(VerifyError::OutOfMemory(_))) {
                break;
            }
            let next = work(Self { label, ..self });
            if matches!(next, Ok(_) | Err(VerifyError::OutOfMemory(_))) {
                result = next;
            }
        }
        result
    }
}

impl<'a> Attempt<'_, 'a> {
    /// Parses the body.
    pub(in crate::language) fn body(
        &self,
        memory: &mut dyn MemoryBudget,
    ) -> Result<Body<'a>, VerifyError> {
        let (rules, bytes) = (self.rules, self.callback.body);
        let body = if rules.facts.keeps_repeated_fields {
            let form = FormDocument::read(bytes, self.charset, Repeats::Keep, memory)?;
            Body::Form(form)
        } else if rules.facts.parses_body {
            Body::read(rules.body_format(), self.charset, bytes, memory)?
        } else {
            Body::Opaque(bytes)
        };
        rules.charset.confirm(&body, self.charset)?;
        Ok(body)
    }
}

impl SchemeRules {
    /// Which content, and which candidate of each named step, candidate `nth` is.
    pub(crate) fn choices(&self, nth: usize) -> (usize, Vec<usize>) {
        let mut rest = nth;
        let mut next = |candidates: usize| {
            let candidates = candidates.max(1);
            let choice = rest.checked_rem(candidates).unwrap_or_default();
            rest = rest.checked_div(candidates).unwrap_or_default();
            choice
        };
        let content = next(self.content.len());
        (
            content,
            self.lets
                .iter()
                .map(|rule| next(rule.candidates()))
                .collect(),
        )
    }

    /// How the content with this number writes numbers with a fraction or an exponent.
    pub(crate) fn number_style(&self, content: usize) -> NumberStyle {
        let selection = self
            .content
            .get(content)
            .and_then(CompiledExpression::selection);
        let selection = selection.and_then(|at| self.selections.get(at));
        selection.map_or(NumberStyle::AsWritten, Selection::number_style)
    }

    /// Whether candidate `nth` can differ from the ones before it for a callback with this body. Most
    /// bodies have no number that could be written in two ways.
    pub(super) fn may_differ(&self, nth: usize, body: &Body<'_>, callback: &Callback<'_>) -> bool {
        let (content, choices) = self.choices(nth);
        if content == 0 || choices.iter().any(|choice| *choice > 0) {
            return true;
        }
        let (by_fractions, by_lines) =
            (self.facts.differs_by_fractions, self.facts.differs_by_lines);
        !(by_fractions || by_lines)
            || by_fractions && body.has_fraction()
            || by_lines && may_have_line_separators(callback)
    }

    /// Whether the provider is known to label bodies so, although they are in another format.
    pub(super) fn expects_label(&self, refusal: Reason, headers: &HeaderMap) -> bool {
        let is_label = matches!(
            refusal,
            Reason::ContentTypeNotJson | Reason::ContentTypeNotForm | Reason::ContentTypeNotXml
        );
        let label = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let media_type = label.and_then(|label| label.split(';').next());
        is_label
            && media_type.is_some_and(|media_type| {
                let mut known = self.content_type.iter();
                known.any(|known| known.eq_ignore_ascii_case(media_type.trim()))
            })
    }
}

/// Whether any part of a callback has the first byte of U+2028 and U+2029, which begins few other
/// characters.
fn may_have_line_separators(callback: &Callback<'_>) -> bool {
    let has = |bytes: &[u8]| bytes.contains(&0xE2);
    let mut values = callback.headers.values();
    has(callback.body) || has(callback.target) || values.any(|value| has(value.as_bytes()))
}
