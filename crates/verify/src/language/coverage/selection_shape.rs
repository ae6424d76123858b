//! Whether the fields that a selection writes can be told apart.

use super::byte_set::ByteSet;
use super::filter_shape::filtered;
use super::joined_shape::{JoinedShape, NamedPairs, SeparatorIn, ValueForm, WrittenValue};
use super::joined_text::JoinedText;
use super::open_border::OpenBorder;
use super::resolved_chain::{ChainOrigin, ResolvedChain};
use super::text_part::{PartEnds, Reading, TextPart};
use super::text_unit::TextUnit;
use super::unclear_pair;
use super::unit_ends::open_borders;
use super::value_shape::{in_header, in_token};
use crate::language::compiled_expression::{
    CompiledExpression, CompiledPiece, FilterCall, ValueChain, ValueSource,
};
use crate::language::selection::{
    Chosen, FieldOrder, FieldsFrom, OnMissing, OnNested, OnNull, Selection,
};

/// What is known of a selection's text.
pub(super) struct SelectionShape {
    pub(super) shape: JoinedShape,
    /// Its parts, if they are always the same and can be told apart.
    pub(super) units: Option<Vec<TextUnit>>,
    /// Whether the end of the last field shows, for it is known how many there are.
    pub(super) ends_itself: bool,
    pub(super) borders: Vec<OpenBorder>,
}

/// Looks at a selection. `is_half`: another one writes the names of the same fields, in the same
/// order.
pub(super) fn find<'r>(
    selection: &'r Selection,
    label: &str,
    is_half: bool,
    text: &mut JoinedText<'r, '_>,
) -> SelectionShape {
    let of = |shape| SelectionShape {
        shape,
        units: None,
        ends_itself: false,
        borders: Vec::new(),
    };
    let is_separated = !selection.between.is_empty() && selection.writes_one_value();
    let separated = || JoinedShape::Separated(selection.between.as_str().into());
    // Beside others, a pair only shows where the whole of an added value ends.
    for (_, added) in &selection.add {
        text.look_at(added);
    }
    if let Some(names) = selection.fixed_names() {
        let units = fixed_units(selection, &names, text);
        let borders = open_borders(&units);
        return match (borders.is_empty(), is_separated) {
            (true, _) => SelectionShape {
                units: Some(units),
                ..of(JoinedShape::SelfDelimited)
            },
            (false, true) => of(separated()),
            (false, false) => SelectionShape {
                borders,
                ..of(JoinedShape::Open)
            },
        };
    }
    let is_listed = matches!(&selection.chosen, Chosen::Listed { by, .. }
        if text.covered.determines(by, text.variant));
    let is_known =
        is_half || is_listed && !selection.leaves_any_out() && selection.has_order_of_names();
    if is_known || selection.writes_names() {
        let ended = are_ended(selection, text);
        if ended != PairEnd::No {
            return SelectionShape {
                ends_itself: is_listed && ended == PairEnd::InPair,
                borders: printed_containers(selection),
                ..of(JoinedShape::SelfDelimited)
            };
        }
    }
    if is_known && is_separated {
        let borders = printed_containers(selection);
        return SelectionShape {
            borders,
            ..of(separated())
        };
    }
    if let Some(named) = named(selection) {
        return of(JoinedShape::Named(named));
    }
    let selection_label = label.to_owned();
    let border = if !selection.writes_names() {
        match &selection.chosen {
            Chosen::All => OpenBorder::NoNames {
                selection: selection_label,
            },
            Chosen::Listed { .. } if !is_listed => OpenBorder::NoList {
                selection: selection_label,
            },
            Chosen::Names(_) | Chosen::Listed { .. } => OpenBorder::NoPlaces {
                selection: selection_label,
            },
        }
    } else if selection.between.is_empty() {
        OpenBorder::NoSeparator {
            selection: selection_label,
        }
    } else {
        unclear_pair::border(selection, label)
    };
    SelectionShape {
        borders: vec![border],
        ..of(JoinedShape::Open)
    }
}

/// The values that Java prints, where they can be lists and objects: text can read like one. Of pairs with
/// names, that is judged for each callback.
fn printed_containers(selection: &Selection) -> Vec<OpenBorder> {
    let of_json = matches!(selection.from, FieldsFrom::Json(_));
    if !of_json || selection.nested != OnNested::Pair {
        return Vec::new();
    }
    let own = selection.pair_of.iter().map(|(_, pair)| pair);
    let pairs = [&selection.pair].into_iter().chain(own);
    let values = pairs.flat_map(|pair| pair.written_values());
    let is_printed = |value: &&ValueChain| {
        let mut filters = value.filters.iter();
        value.source == ValueSource::FieldValue && filters.any(|call| call.filter.name == "java")
    };
    let border = |value: &ValueChain| OpenBorder::Joins {
        value: value.text.to_string(),
    };
    values.filter(is_printed).map(border).collect()
}

/// How pairs end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PairEnd {
    No,
    /// At what stands between them.
    Between,
    /// By themselves.
    InPair,
}

/// Whether every part of a pair ends, whatever follows.
fn are_ended<'r>(selection: &'r Selection, text: &mut JoinedText<'r, '_>) -> PairEnd {
    let own = selection.pair_of.iter().map(|(_, pair)| pair);
    let mut all = PairEnd::InPair;
    for pair in [&selection.pair].into_iter().chain(own) {
        let first = pair_units(selection, pair, text);
        let count = first.len();
        let end = TextPart::text(&selection.between);
        let mut next = first.clone();
        if !selection.between.is_empty() {
            next.extend(text.owned("", vec![end]));
        }
        next.extend(pair_units(selection, &selection.pair, text));
        // What follows the last pair could be anything.
        let mut alone = first;
        alone.extend(text.owned("", vec![TextPart::any()]));
        let ended = |units: &[TextUnit]| {
            (0..count).all(|at| {
                let rest = Box::new(units.iter().skip(at.saturating_add(1)));
                units
                    .get(at)
                    .is_some_and(|unit| unit.is_ended(rest, Reading::FromLeft))
            })
        };
        match (ended(&alone), ended(&next)) {
            (true, _) => {}
            (false, true) => all = PairEnd::Between,
            (false, false) => return PairEnd::No,
        }
    }
    all
}

/// The parts of any pair.
fn pair_units<'r>(
    selection: &Selection,
    pair: &'r CompiledExpression,
    text: &mut JoinedText<'r, '_>,
) -> Vec<TextUnit> {
    let of_headers = selection.from == FieldsFrom::Headers;
    let any = |chain: &'r ValueChain| {
        let filters: Vec<_> = chain.filters.iter().collect();
        let (bytes, is_json) = match chain.source {
            ValueSource::FieldName if of_headers => (in_token(), false),
            ValueSource::FieldValue if of_headers => (in_header(), false),
            ValueSource::FieldValue => {
                (ByteSet::ANY, matches!(selection.from, FieldsFrom::Json(_)))
            }
            _ => (ByteSet::ANY, false),
        };
        filtered(vec![TextPart::of(bytes)], is_json, &filters, |_, parts| {
            parts
        })
    };
    let mut units = Vec::new();
    for piece in &pair.steps {
        let parts = match piece {
            CompiledPiece::Text(text) => vec![TextPart::text(text)],
            CompiledPiece::Value(chain) => any(chain),
            CompiledPiece::Optional(_) => vec![TextPart::any()],
        };
        units.extend(text.owned("", parts));
    }
    units
}

/// The parts of fields that are always the same.
fn fixed_units<'r>(
    selection: &'r Selection,
    names: &[&'r str],
    text: &mut JoinedText<'r, '_>,
) -> Vec<TextUnit> {
    let mut units = Vec::new();
    for (place, name) in names.iter().enumerate() {
        if place > 0 && !selection.between.is_empty() {
            let between = TextPart::text(&selection.between);
            units.extend(text.owned("", vec![between]));
        }
        for piece in &selection.pair_for(name).steps {
            match piece {
                CompiledPiece::Value(chain) if chain.source == ValueSource::FieldName => {
                    units.extend(text.owned("", vec![name_part(name, chain)]));
                }
                CompiledPiece::Value(chain) if chain.source == ValueSource::FieldValue => {
                    units.extend(value_units(selection, name, chain, text));
                }
                other => units.extend(text.units(std::slice::from_ref(other), false)),
            }
        }
    }
    units
}

/// A name that the scheme knows.
fn name_part(name: &str, chain: &ValueChain) -> TextPart {
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match &*chain.filters {
        [] => TextPart::text(name),
        [call] if call.filter.name == "json" && is_plain => TextPart::text(&format!("\"{name}\"")),
        _ => TextPart::ending(PartEnds::Constant),
    }
}

fn value_units<'r>(
    selection: &'r Selection,
    name: &str,
    chain: &'r ValueChain,
    text: &mut JoinedText<'r, '_>,
) -> Vec<TextUnit> {
    let mut added = selection.add.iter();
    if let Some((_, expression)) = added.find(|(known, _)| known == name) {
        return match expression.single() {
            None if chain.filters.is_empty() => text.units(&expression.steps, false),
            None => text.owned(name, vec![TextPart::any()]),
            Some(inner) => {
                let mut resolved = text.variant.resolve(inner);
                resolved.filters.extend(&chain.filters);
                text.resolved(&inner.text, &resolved, false)
            }
        };
    }
    let resolved = ResolvedChain {
        origin: selection
            .source_of(name)
            .map_or(ChainOrigin::Unknown, ChainOrigin::Source),
        filters: chain.filters.iter().collect(),
    };
    let may_be_empty = selection.missing == OnMissing::Empty || selection.null == OnNull::Empty;
    let is_present = text.required.is_present(&resolved);
    let mut units = text.resolved(name, &resolved, false);
    if may_be_empty && !is_present {
        let parts = text.required.parts(&resolved);
        let whole = TextPart::joined(&parts).either(&TextPart::text(""));
        units = text.owned(name, vec![whole]);
    }
    units
}

/// The shape of pairs of which names and values are written.
fn named(selection: &Selection) -> Option<NamedPairs> {
    let (assign, value) = named_pair(selection, &selection.pair)?;
    let mut value_of = Vec::new();
    for (name, pair) in &selection.pair_of {
        let (other, value) = named_pair(selection, pair)?;
        if other != assign {
            return None;
        }
        value_of.push((name.clone(), value));
    }
    let is_all = matches!(selection.chosen, Chosen::All);
    let of_pairs = matches!(
        selection.from,
        FieldsFrom::Json(_) | FieldsFrom::Form | FieldsFrom::Xml | FieldsFrom::Query
    );
    if !is_all || !of_pairs || selection.distinct || selection.between.is_empty() {
        return None;
    }
    Some(NamedPairs {
        assign: assign.into(),
        separator: selection.between.as_str().into(),
        order: match selection.order {
            FieldOrder::Value | FieldOrder::Pair | FieldOrder::PairIgnoreCase => {
                FieldOrder::AsReceived
            }
            order => order,
        },
        value,
        value_of,
    })
}

fn named_pair<'r>(
    selection: &Selection,
    pair: &'r CompiledExpression,
) -> Option<(&'r str, WrittenValue)> {
    let [
        CompiledPiece::Value(name),
        CompiledPiece::Text(assign),
        CompiledPiece::Value(value),
    ] = &*pair.steps
    else {
        return None;
    };
    let is_pair = name.source == ValueSource::FieldName
        && name.filters.is_empty()
        && value.source == ValueSource::FieldValue;
    let mut filters = value.filters.iter();
    let form = match &*value.filters {
        [only] if only.filter.name == "json" => ValueForm::Json,
        _ if filters.any(|call| call.filter.name == "java") => ValueForm::Java,
        _ => ValueForm::Text,
    };
    let separator = separator_in(selection, value);
    is_pair.then_some((assign, WrittenValue { form, separator }))
}

/// Where a value has the first byte of what separates pairs.
fn separator_in(selection: &Selection, value: &ValueChain) -> SeparatorIn {
    let filters: Vec<_> = value.filters.iter().collect();
    let changes = |call: &&&FilterCall| !matches!(call.filter.name, "max" | "nonempty" | "text");
    let mut changing = filters.iter().filter(changes);
    let is_by_form = match (changing.next(), changing.next()) {
        (None, _) => true,
        (Some(only), None) => matches!(only.filter.name, "java" | "json"),
        _ => false,
    };
    if is_by_form {
        return SeparatorIn::Value;
    }
    let any = vec![TextPart::any()];
    let is_json = matches!(selection.from, FieldsFrom::Json(_));
    let written = TextPart::joined(&filtered(any, is_json, &filters, |_, parts| parts));
    let first = selection.between.bytes().next();
    match first.is_some_and(|first| written.bytes.has(first)) {
        true => SeparatorIn::Written,
        false => SeparatorIn::Nothing,
    }
}
