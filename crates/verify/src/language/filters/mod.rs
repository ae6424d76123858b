//! The closed list of filters. Each stands in one place: its name, parameters, types, function,
//! documentation and examples, which the tests run.

mod answer_filters;
mod derived_keys;
mod digests;
mod encodings;
mod json_values;
mod json_writer;
mod lists;
mod percent_codes;
mod texts;

use std::borrow::Cow;

pub(super) use answer_filters::is_for_answers;
pub(super) use json_writer::JsonStyle;
pub(super) use texts::decimal;

use super::expression_value::{ExpressionValue, Scratch};
use super::measured_bytes::MeasuredBytes;
use super::value_fault::ValueFault;
use super::value_type::ValueType;
use crate::body::FieldPath;
use crate::content::Sink;
use crate::json::JsonValue;

/// A filter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filter {
    /// Its name in expressions.
    pub(super) name: &'static str,
    pub(super) parameters: &'static [FilterParameter],
    pub(super) run: Run,
    /// What it does, for the documentation.
    pub(super) meaning: &'static str,
    /// An expression over `{value:x}`, the text of `x`, and what comes of it: `None` if it is
    /// refused. Bytes are shown in hexadecimal.
    pub(super) examples: &'static [(&'static str, &'static str, Option<&'static str>)],
}

/// What a filter takes after a colon.
#[derive(Clone, Copy, Debug)]
pub(super) struct FilterParameter {
    /// What it is called in the documentation.
    pub(super) name: &'static str,
    pub(super) kind: ParameterKind,
    pub(super) is_optional: bool,
}

/// The kind of a filter's argument.
#[derive(Clone, Copy, Debug)]
pub(super) enum ParameterKind {
    /// Text of at least one character, or a value.
    Text,
    /// Text that may be empty, or a value.
    AnyText,
    /// A whole number.
    Number,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A style of writing JSON.
    Style,
    /// The name of a field, or a JSON Pointer.
    Path,
    /// A value: text or bytes.
    Key,
}

const fn needs(name: &'static str, kind: ParameterKind) -> FilterParameter {
    FilterParameter {
        name,
        kind,
        is_optional: false,
    }
}

const fn takes(name: &'static str, kind: ParameterKind) -> FilterParameter {
    FilterParameter {
        name,
        kind,
        is_optional: true,
    }
}

/// An argument, ready for use.
#[derive(Clone, Copy, Debug)]
pub(super) enum Given<'v> {
    Text(&'v str),
    Bytes(&'v [u8]),
    Number(usize),
    Path(&'v FieldPath),
    Style(JsonStyle),
}

/// The arguments of a filter: no filter has more than two.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Arguments<'v>(pub(super) [Option<Given<'v>>; 2]);

impl<'v> Arguments<'v> {
    fn text(self, at: usize) -> Option<&'v str> {
        match self.0.get(at).copied().flatten() {
            Some(Given::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// A text that the filter needs, and so has.
    fn first(self) -> &'v str {
        self.text(0).unwrap_or_default()
    }

    /// The bytes of a text, or bytes.
    fn key(self) -> &'v [u8] {
        match self.0 {
            [Some(Given::Text(text)), _] => text.as_bytes(),
            [Some(Given::Bytes(bytes)), _] => bytes,
            _ => &[],
        }
    }

    fn number(self) -> usize {
        match self.0 {
            [Some(Given::Number(number)), _] => number,
            _ => 0,
        }
    }

    /// The style of `json:`.
    fn style(self) -> JsonStyle {
        match self.0 {
            [Some(Given::Style(style)), _] => style,
            _ => JsonStyle::default(),
        }
    }
}

/// Reads pairs from text.
type ReadPairs =
    for<'v> fn(&'v str, Arguments<'v>, &mut Vec<(&'v str, &'v str)>) -> Result<(), ValueFault>;

/// What a filter does, and thereby its types.
#[derive(Clone, Copy, Debug)]
pub(super) enum Run {
    /// Text to text.
    Text(for<'v> fn(&'v str, Arguments<'v>) -> Result<Cow<'v, str>, ValueFault>),
    /// Text to bytes.
    Decode(fn(&str, Arguments<'_>) -> Result<Vec<u8>, ValueFault>),
    /// Bytes to text.
    Encode(fn(&[u8], Arguments<'_>, &mut dyn Sink)),
    /// Bytes to their digest.
    Digest(fn(&[u8]) -> Vec<u8>),
    /// Bytes, and a key, to a keyed digest.
    Mac(fn(&[u8], &[u8]) -> Vec<u8>),
    /// Bytes to the characters that they are in UTF-8.
    Characters,
    /// Text to a list.
    Split(for<'v> fn(&'v str, Arguments<'v>, &mut Vec<&'v str>) -> Result<(), ValueFault>),
    /// Text to pairs.
    Pairs(ReadPairs),
    /// The values of the pairs with one name: exactly one, or at least one.
    Values {
        /// Whether one value is given, and two are refused.
        single: bool,
    },
    /// One item of a list.
    Item,
    /// The rest of a list.
    Rest,
    /// A value in JSON; text and bytes are parsed.
    Member,
    /// JSON to other JSON, as text; other text and bytes are parsed.
    Reshape(fn(JsonValue<'_, '_>, Arguments<'_>, &mut String) -> Result<(), ValueFault>),
    /// JSON, or text as a JSON string, to text.
    Write(fn(ExpressionValue<'_>, Arguments<'_>, &mut dyn Sink) -> Result<(), ValueFault>),
    /// Anything: what to take instead of what is missing.
    Default,
    /// Anything: what is empty counts as missing.
    NonEmpty,
}

impl Run {
    /// The type that it makes of a value of this type, or what it accepts.
    pub(super) fn gives(self, input: ValueType) -> Result<ValueType, &'static str> {
        use ValueType::{ByteStrings, Bytes, Json, Pairs, Text, Texts};
        let is_text = matches!(input, Text | Json);
        let is_bytes = matches!(input, Text | Json | Bytes);
        match self {
            Self::Text(_) if is_text => Ok(Text),
            Self::Decode(_) if is_text => Ok(Bytes),
            Self::Split(_) if is_text => Ok(Texts),
            Self::Pairs(_) if is_text => Ok(Pairs),
            Self::Text(_) | Self::Decode(_) | Self::Split(_) | Self::Pairs(_) => Err("text"),
            Self::Encode(_) | Self::Characters if is_bytes => Ok(Text),
            Self::Digest(_) | Self::Mac(_) if is_bytes => Ok(Bytes),
            Self::Encode(_) | Self::Characters | Self::Digest(_) | Self::Mac(_) => {
                Err("bytes or text")
            }
            Self::Values { single } if input == Pairs => Ok(if single { Text } else { Texts }),
            Self::Values { .. } => Err("pairs"),
            Self::Item if input == Json => Ok(Json),
            Self::Item if matches!(input, Texts | ByteStrings) => Ok(input.item()),
            Self::Rest if input == Json => Ok(Texts),
            Self::Rest if matches!(input, Texts | ByteStrings) => Ok(input),
            Self::Item | Self::Rest => Err("a list"),
            Self::Member | Self::Reshape(_) if is_bytes => Ok(Json),
            Self::Write(_) if is_bytes => Ok(Text),
            Self::Member | Self::Reshape(_) | Self::Write(_) => Err("a JSON value, text or bytes"),
            Self::Default if input.fits_in_text() => Ok(if input == Bytes { Bytes } else { Text }),
            Self::Default => Err("a single value"),
            Self::NonEmpty => Ok(input),
        }
    }

    /// Whether it takes a list as a whole. All others work on each item.
    pub(super) const fn takes_list(self) -> bool {
        matches!(self, Self::Item | Self::Rest | Self::NonEmpty)
    }

    /// Applies it to one value. [`Self::Default`] is the evaluation's.
    pub(super) fn apply<'v>(
        self,
        value: ExpressionValue<'v>,
        given: Arguments<'v>,
        scratch: &'v Scratch<'v>,
    ) -> Result<ExpressionValue<'v>, ValueFault> {
        Ok(match self {
            Self::Text(run) => {
                let text = value.text(scratch)?;
                ExpressionValue::Text(scratch.make_text(text.len(), || run(text, given))?)
            }
            Self::Decode(run) => {
                ExpressionValue::Bytes(scratch.bytes(run(value.text(scratch)?, given)?)?)
            }
            Self::Digest(run) => ExpressionValue::Bytes(scratch.bytes(run(value.bytes(scratch)?))?),
            Self::Mac(run) => {
                let mac = run(value.bytes(scratch)?, given.key());
                ExpressionValue::Bytes(scratch.bytes(mac)?)
            }
            Self::Characters => {
                let text = std::str::from_utf8(value.bytes(scratch)?);
                ExpressionValue::Text(text.map_err(|_| ValueFault::Malformed)?)
            }
            Self::Encode(_) | Self::Write(_) => {
                let mut text = MeasuredBytes::new(scratch);
                self.write(value, given, scratch, &mut text)?;
                let text = text.finish()?;
                let text = String::from_utf8(text).map_err(|_| ValueFault::Malformed)?;
                ExpressionValue::Text(scratch.text(text.into())?)
            }
            Self::Split(run) => {
                let mut items = Vec::new();
                run(value.text(scratch)?, given, &mut items)?;
                ExpressionValue::List(
                    scratch.list(items.into_iter().map(ExpressionValue::Text).collect())?,
                )
            }
            Self::Pairs(run) => {
                let mut pairs = Vec::new();
                run(value.text(scratch)?, given, &mut pairs)?;
                ExpressionValue::Pairs(scratch.pairs(pairs)?)
            }
            Self::Values { single } => {
                lists::values(value.pairs()?, given.first(), single, scratch)?
            }
            Self::Item => lists::item(value.items(scratch)?, given.number())?,
            Self::Rest => lists::rest(value.items(scratch)?, given.number())?,
            Self::Member => json_values::member(value.json(scratch)?, given)?,
            Self::Reshape(run) => {
                // A JSON string is a value of its own, whatever it reads like.
                let value = match value {
                    ExpressionValue::Json(value) => value,
                    other => other.json(scratch)?,
                };
                let text = scratch.make_text(value.source().len(), || {
                    let mut text = String::new();
                    run(value, given, &mut text)?;
                    Ok(text.into())
                })?;
                ExpressionValue::Json(scratch.document(text.as_bytes())?)
            }
            Self::NonEmpty if value.is_empty() => return Err(ValueFault::Missing),
            Self::NonEmpty | Self::Default => value,
        })
    }

    /// Whether its text can be written without being stored.
    pub(super) const fn can_write(self) -> bool {
        matches!(self, Self::Encode(_) | Self::Write(_))
    }

    /// Writes its text, if [`Self::can_write`].
    pub(super) fn write<'v>(
        self,
        value: ExpressionValue<'v>,
        given: Arguments<'v>,
        scratch: &'v Scratch<'v>,
        out: &mut dyn Sink,
    ) -> Result<(), ValueFault> {
        match self {
            Self::Encode(run) => {
                run(value.bytes(scratch)?, given, out);
                Ok(())
            }
            Self::Write(run) => match value {
                ExpressionValue::Bytes(bytes) => {
                    let text = std::str::from_utf8(bytes).map_err(|_| ValueFault::Malformed)?;
                    run(ExpressionValue::Text(text), given, out)
                }
                other => run(other, given, out),
            },
            _ => Err(ValueFault::Malformed),
        }
    }
}

/// Every filter.
pub(super) fn all() -> impl Iterator<Item = &'static Filter> + Clone {
    [
        texts::FILTERS,
        derived_keys::FILTERS,
        encodings::FILTERS,
        percent_codes::FILTERS,
        digests::FILTERS,
        answer_filters::FILTERS,
        lists::FILTERS,
        json_values::FILTERS,
        json_writer::FILTERS,
    ]
    .into_iter()
    .flatten()
}

/// The filter with this name.
pub(super) fn find(name: &str) -> Option<&'static Filter> {
    all().find(|filter| filter.name == name)
}
