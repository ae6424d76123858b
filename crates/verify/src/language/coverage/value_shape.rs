//! What is known of a value: from its source, its filters, and what the scheme requires of it.

use std::collections::BTreeSet;

use super::byte_set::ByteSet;
use super::content_variant::ContentVariant;
use super::filter_shape::filtered;
use super::kept_by_filter::all_keep;
use super::regex_shape::{of_regex, one_of};
use super::resolved_chain::{ChainOrigin, ResolvedChain};
use super::text_part::{PartEnds, TextPart};
use crate::language::compiled_expression::{CompiledExpression, CompiledPiece, ValueSource};
use crate::language::timestamp_unit::TimestampUnit;

/// What a scheme requires of its values, by their keys.
pub(super) struct RequiredShapes(Vec<RequiredShape>);

struct RequiredShape {
    key: String,
    parts: Vec<TextPart>,
    /// Whether the value must be there, too.
    is_present: bool,
}

impl RequiredShapes {
    /// What a scheme requires, with its steps as in this variant.
    pub(super) fn of(variant: &ContentVariant<'_>) -> Self {
        let rules = variant.rules;
        let mut shapes = Vec::new();
        let mut add = |expression: &CompiledExpression, parts: Option<Vec<TextPart>>| {
            let resolved = expression.single().map(|chain| variant.resolve(chain));
            let key = resolved
                .as_ref()
                .and_then(|resolved| resolved.key(usize::MAX));
            let (Some(resolved), Some(key), Some(parts)) = (resolved, key, parts) else {
                return;
            };
            let is_present = !resolved.has_default();
            // Where the value is there, it has the shape whatever would stand for it.
            let present = resolved.key_of_present().filter(|_| !is_present);
            let shape = |key| RequiredShape {
                key,
                parts: parts.clone(),
                is_present,
            };
            shapes.extend(present.into_iter().chain([key]).map(shape));
        };
        for (expression, regex) in &rules.require {
            add(expression, of_regex(regex.as_str()));
        }
        for (expression, wanted) in &rules.check {
            let texts: Option<BTreeSet<String>> = wanted.iter().map(fixed_text).collect();
            add(expression, texts.map(|texts| vec![one_of(&texts)]));
            if let [only] = wanted.as_slice()
                && let Some(ends) = only.single().and_then(|only| constant(only.source()))
            {
                add(expression, Some(vec![TextPart::ending(ends)]));
            }
        }
        if let Some(timestamp) = &rules.timestamp {
            add(timestamp, of_unit(&rules.unit).map(|part| vec![part]));
        }
        Self(shapes)
    }

    fn find(&self, key: Option<&str>) -> impl Iterator<Item = &RequiredShape> {
        self.0
            .iter()
            .filter(move |shape| Some(shape.key.as_str()) == key)
    }

    /// Whether the value must be there.
    pub(super) fn is_present(&self, chain: &ResolvedChain<'_>) -> bool {
        let key = chain.key(0);
        self.find(key.as_deref()).any(|shape| shape.is_present)
    }

    /// The parts of a value.
    pub(super) fn parts(&self, chain: &ResolvedChain<'_>) -> Vec<TextPart> {
        let ChainOrigin::Source(source) = &chain.origin else {
            // Nothing is known of what goes into the first filter.
            return filtered(vec![TextPart::any()], false, &chain.filters, |_, parts| {
                parts
            });
        };
        if let Some(ends) = constant(source) {
            // The secret itself, or a digest of it, is unknown to others.
            let is_whole = all_keep(chain.filters.iter().copied());
            return vec![TextPart::ending(match ends {
                PartEnds::Secret if !is_whole => PartEnds::Constant,
                ends => ends,
            })];
        }
        let required = |filters: usize, parts: Vec<TextPart>| {
            let key = chain.key(filters);
            self.find(key.as_deref())
                .fold(parts, |parts, shape| both(&parts, &shape.parts))
        };
        let parts = match source {
            ValueSource::Url => of_url(),
            source => vec![of_source(source)],
        };
        let parts = required(0, parts);
        filtered(parts, is_json(source), &chain.filters, required)
    }
}

/// What both say of a value.
fn both(parts: &[TextPart], required: &[TextPart]) -> Vec<TextPart> {
    let bytes = TextPart::joined(parts).bytes;
    let is_plain = |part: &TextPart| part.ends == PartEnds::No && part.max.is_none();
    if let ([only], false) = (required, matches!(parts, [one] if is_plain(one)))
        && is_plain(only)
    {
        let parts = parts.iter().cloned();
        return parts.map(|part| part.within(only.bytes)).collect();
    }
    let required = required.iter().cloned();
    required.map(|part| part.within(bytes)).collect()
}

/// The text of an expression that is nothing else.
fn fixed_text(expression: &CompiledExpression) -> Option<String> {
    match &*expression.steps {
        [CompiledPiece::Text(text)] => Some(text.to_string()),
        _ => None,
    }
}

/// How a source ends that is always the same.
const fn constant(source: &ValueSource) -> Option<PartEnds> {
    match source {
        ValueSource::Secret | ValueSource::NamedSecret(_) => Some(PartEnds::Secret),
        ValueSource::Constant(_) | ValueSource::ConfiguredUrl => Some(PartEnds::Constant),
        _ => None,
    }
}

/// Whether a source is JSON.
const fn is_json(source: &ValueSource) -> bool {
    matches!(
        source,
        ValueSource::Field(_)
            | ValueSource::Document
            | ValueSource::Jose(_)
            | ValueSource::Claim(_)
            | ValueSource::FieldValue
    )
}

/// What may stand in a header (RFC 9110, section 5.5).
pub(super) fn in_header() -> ByteSet {
    ByteSet::of(|byte| byte == b'\t' || (b' '..0x7F).contains(&byte), true)
}

/// A token (RFC 9110, section 5.6.2): methods and names of headers.
pub(super) fn in_token() -> ByteSet {
    ByteSet::of(
        |byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte),
        false,
    )
}

fn of_source(source: &ValueSource) -> TextPart {
    match source {
        ValueSource::Method => TextPart {
            min: 1,
            ..TextPart::of(in_token())
        },
        ValueSource::Path => TextPart::of(in_header().without(b"?")),
        // A front proxy may send the target in a header.
        ValueSource::Target
        | ValueSource::Url
        | ValueSource::Query
        | ValueSource::Host
        | ValueSource::Header(_)
        | ValueSource::Headers(_) => TextPart::of(in_header()),
        _ => TextPart::any(),
    }
}

/// An origin, which is always the same, and the target.
fn of_url() -> Vec<TextPart> {
    let constant = |bytes: ByteSet| TextPart {
        ends: PartEnds::Constant,
        ..TextPart::of(bytes)
    };
    vec![
        constant(ByteSet::of(|byte| byte.is_ascii_alphabetic(), false)),
        TextPart::text("://"),
        constant(in_header().without(b"/")),
        of_source(&ValueSource::Target),
    ]
}

/// How a timestamp is written.
fn of_unit(unit: &TimestampUnit) -> Option<TextPart> {
    let digits = |length: usize| TextPart {
        is_timestamp: true,
        ..TextPart::fixed(ByteSet::digits(), length)
    };
    let space = |byte: u8| byte.is_ascii_whitespace() || byte == 0x0B;
    Some(match unit {
        // Where it touches digits, it must have this length.
        TimestampUnit::Seconds => digits(10),
        TimestampUnit::Milliseconds => digits(13),
        TimestampUnit::Auto => TextPart {
            min: 1,
            ..TextPart::of(ByteSet::digits())
        },
        TimestampUnit::Rfc3339 => TextPart::of(ByteSet::of(
            |byte| byte.is_ascii_digit() || b"TtZz:.+-".contains(&byte) || space(byte),
            true,
        )),
        TimestampUnit::HttpDate => TextPart::of(ByteSet::of(
            |byte| byte.is_ascii_alphanumeric() || b",:".contains(&byte) || space(byte),
            true,
        )),
        TimestampUnit::Format { .. } => return None,
    })
}
