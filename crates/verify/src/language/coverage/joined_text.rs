//! A signed text before there is a callback: its parts in their order.

use std::collections::BTreeSet;

use super::content_variant::ContentVariant;
use super::covered_parts::CoveredParts;
use super::joined_shape::JoinedShape;
use super::open_border::OpenBorder;
use super::resolved_chain::{ChainOrigin, ResolvedChain};
use super::selection_shape;
use super::text_part::TextPart;
use super::text_unit::{TextUnit, UnitKind};
use super::unit_ends::{open_borders, timestamp_digits};
use super::value_shape::RequiredShapes;
use crate::language::compiled_expression::{
    CompiledExpression, CompiledPiece, ValueChain, ValueSource,
};
use crate::language::selection::Selection;

/// What is known of the signed text of one variant.
pub(super) struct JoinedText<'r, 'v> {
    pub(super) variant: &'v ContentVariant<'r>,
    pub(super) covered: &'v CoveredParts,
    pub(super) required: RequiredShapes,
    /// The values that are known once the text so far is.
    seen: BTreeSet<String>,
    numbers: usize,
    pub(super) borders: Vec<OpenBorder>,
    pub(super) joined: Vec<(usize, JoinedShape)>,
    pub(super) digits: Option<usize>,
}

impl<'r, 'v> JoinedText<'r, 'v> {
    /// Looks at everything that is signed.
    pub(super) fn of(variant: &'v ContentVariant<'r>, covered: &'v CoveredParts) -> Self {
        let mut text = Self {
            variant,
            covered,
            required: RequiredShapes::of(variant),
            seen: BTreeSet::new(),
            numbers: 0,
            borders: Vec::new(),
            joined: Vec::new(),
            digits: None,
        };
        for expression in variant.content.into_iter().chain(&variant.rules.signed) {
            text.look_at(expression);
        }
        // What is compared with something that is signed is signed, too.
        for (value, wanted) in &variant.rules.check {
            let is_signed = |expression: &CompiledExpression| {
                !expression.operations().is_empty() && covered.determines(expression, variant)
            };
            if is_signed(value) || matches!(wanted.as_slice(), [only] if is_signed(only)) {
                for expression in wanted.iter().chain([value]) {
                    text.look_at(expression);
                }
            }
        }
        text
    }

    /// Looks at a text of its own.
    pub(super) fn look_at(&mut self, expression: &'r CompiledExpression) {
        let seen = std::mem::take(&mut self.seen);
        let units = self.units(&expression.steps, false);
        self.seen = seen;
        self.judge(&units);
    }

    fn judge(&mut self, units: &[TextUnit]) {
        for border in open_borders(units) {
            self.report(border);
        }
        self.digits = self.digits.max(timestamp_digits(units));
    }

    pub(super) fn report(&mut self, border: OpenBorder) {
        if !self.borders.contains(&border) {
            self.borders.push(border);
        }
    }

    pub(super) fn units(&mut self, pieces: &'r [CompiledPiece], optional: bool) -> Vec<TextUnit> {
        let mut units = Vec::new();
        for (at, piece) in pieces.iter().enumerate() {
            match piece {
                CompiledPiece::Text(text) => {
                    let text = TextPart::text(text);
                    units.extend(self.owned("", vec![text]));
                }
                CompiledPiece::Optional(inner) => {
                    let kind = UnitKind::Optional(self.units(inner, true));
                    let number = self.number();
                    units.push(TextUnit {
                        kind,
                        number,
                        label: String::new(),
                        is_known_from_left: false,
                    });
                }
                CompiledPiece::Value(chain) => {
                    let behind = pieces.get(at..).unwrap_or_default();
                    units.extend(self.chain(chain, behind, optional));
                }
            }
        }
        units
    }

    /// The parts of one value.
    pub(super) fn owned(&mut self, label: &str, parts: Vec<TextPart>) -> Vec<TextUnit> {
        let number = self.number();
        let unit = |part| TextUnit {
            kind: UnitKind::Part(part),
            number,
            label: label.to_owned(),
            is_known_from_left: false,
        };
        parts.into_iter().map(unit).collect()
    }

    fn number(&mut self) -> usize {
        self.numbers = self.numbers.saturating_add(1);
        self.numbers
    }

    fn chain(
        &mut self,
        chain: &'r ValueChain,
        behind: &'r [CompiledPiece],
        optional: bool,
    ) -> Vec<TextUnit> {
        if let ValueSource::Fields(at) = chain.source {
            return self.fields(at, chain, behind);
        }
        let resolved = self.variant.resolve(chain);
        if let ChainOrigin::Expression(inner) = resolved.origin {
            if resolved.filters.is_empty() {
                return self.units(&inner.steps, optional);
            }
            // The content is looked at anyway.
            if chain.source != ValueSource::Content {
                self.look_at(inner);
            }
        }
        self.resolved(&chain.text, &resolved, optional)
    }

    /// The parts of a value whose origin is known.
    pub(super) fn resolved(
        &mut self,
        label: &str,
        resolved: &ResolvedChain<'r>,
        optional: bool,
    ) -> Vec<TextUnit> {
        // What Java prints has no quotes. Of a selection's fields, that is judged for each callback.
        let is_field = matches!(
            resolved.origin,
            ChainOrigin::Source(ValueSource::FieldValue)
        );
        let joins = |name: &str| name == "flatten" || name == "java" && !is_field;
        let mut filters = resolved.filters.iter().copied();
        if filters.any(|call| joins(call.filter.name)) {
            let value = label.to_owned();
            self.report(OpenBorder::Joins { value });
        }
        let parts = self.required.parts(resolved);
        let mut units = self.owned(label, parts);
        let key = resolved.key(0);
        if key.as_ref().is_some_and(|key| self.seen.contains(key)) {
            units
                .iter_mut()
                .for_each(|unit| unit.is_known_from_left = true);
        }
        let is_whole = super::kept_by_filter::all_keep(resolved.filters.iter().copied());
        if let (true, false, Some(key)) = (is_whole, optional, key) {
            self.seen.insert(key);
        }
        units
    }

    /// The parts of a selection's text.
    fn fields(
        &mut self,
        at: usize,
        chain: &'r ValueChain,
        behind: &'r [CompiledPiece],
    ) -> Vec<TextUnit> {
        let Some(selection) = self.variant.rules.selections.get(at) else {
            return self.owned(&chain.text, vec![TextPart::any()]);
        };
        let is_half = self.variant.half_of(at).is_some();
        let found = selection_shape::find(selection, &chain.text, is_half, self);
        let shape = found.shape;
        let next = match behind {
            [_, CompiledPiece::Text(text), ..] => text.bytes().next(),
            _ => None,
        };
        let ends_itself = match &shape {
            JoinedShape::SelfDelimited => found.ends_itself,
            // No value has the first byte of what separates them.
            JoinedShape::Separated(separator) => next.is_some() && separator.bytes().next() == next,
            _ => false,
        };
        if !self.joined.iter().any(|(known, _)| *known == at) {
            self.joined.push((at, shape));
        }
        for border in found.borders {
            self.report(border);
        }
        if let (Some(units), true) = (found.units, chain.filters.is_empty()) {
            return units;
        }
        let mut units = self.owned(&chain.text, vec![TextPart::any()]);
        let is_first_half = self.is_first_half(at, behind);
        units
            .iter_mut()
            .for_each(|unit| unit.is_known_from_left = ends_itself || is_first_half);
        units
    }

    /// Whether the names or the values of some fields come here, and the others behind: they are as
    /// many, so the first half ends at half of all separators.
    fn is_first_half(&self, at: usize, behind: &[CompiledPiece]) -> bool {
        let selection = |at: usize| self.variant.rules.selections.get(at);
        let [_, CompiledPiece::Text(text), CompiledPiece::Value(other)] = behind else {
            return false;
        };
        let is_between =
            |selection: Option<&Selection>| selection.is_some_and(|one| *one.between == **text);
        let ValueSource::Fields(other) = other.source else {
            return false;
        };
        self.variant.half_of(at) == Some(other)
            && is_between(selection(at))
            && is_between(selection(other))
    }
}
