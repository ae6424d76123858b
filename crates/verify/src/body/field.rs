//! The fields of a body in any format.

use std::borrow::Cow;
use std::ops::Range;

use super::body_text::BodyText;
use super::form::FormPairs;
use super::xml::XmlElements;
use crate::json::{JsonKind, JsonValue, Members};

/// The fields of a body with their decoded names.
#[derive(Clone, Debug)]
pub struct Fields<'d, 'a>(pub(super) FieldsOf<'d, 'a>);

#[derive(Clone, Debug)]
pub(super) enum FieldsOf<'d, 'a> {
    Nothing,
    Json(Members<'d, 'a>),
    Form(FormPairs<'d, 'a>),
    Xml(XmlElements<'d, 'a>),
}

impl<'d, 'a> Fields<'d, 'a> {
    /// The members of a JSON object.
    pub(crate) fn of_object(object: JsonValue<'d, 'a>) -> Self {
        Self(FieldsOf::Json(object.members()))
    }
}

impl<'d, 'a> Iterator for Fields<'d, 'a> {
    type Item = (Cow<'a, str>, Field<'d, 'a>);

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            FieldsOf::Nothing => None,
            FieldsOf::Json(members) => {
                let (name, value) = members.next()?;
                Some((name, Field::Json(value)))
            }
            FieldsOf::Form(pairs) => {
                let pair = pairs.next()?;
                Some((pair.name.text(), Field::Text(pair.value)))
            }
            FieldsOf::Xml(elements) => {
                let element = elements.next()?;
                Some((element.name.into(), Field::Text(element.value)))
            }
        }
    }
}

/// The value of a field, or one inside it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Field<'d, 'a> {
    /// A JSON value.
    Json(JsonValue<'d, 'a>),
    /// Text in a format without types.
    Text(BodyText<'a>),
}

impl<'d, 'a> Field<'d, 'a> {
    /// The JSON value, if it is one. If not, it is text.
    #[must_use]
    pub const fn as_json(self) -> Option<JsonValue<'d, 'a>> {
        match self {
            Self::Json(value) => Some(value),
            Self::Text(_) => None,
        }
    }

    /// Whether it is empty: no text; in JSON also null, `[]` and `{}`.
    #[must_use]
    pub fn is_empty(self) -> bool {
        match self {
            Self::Json(value) => value.is_empty(),
            Self::Text(text) => text.is_empty(),
        }
    }

    /// Whether it counts as missing.
    #[must_use]
    pub fn is_null(self) -> bool {
        match self {
            Self::Json(value) => value.is_null(),
            Self::Text(_) => false,
        }
    }

    /// Whether it is a list or an object.
    pub(crate) fn is_container(self) -> bool {
        let kind = self.as_json().map(JsonValue::kind);
        matches!(kind, Some(JsonKind::Array | JsonKind::Object))
    }

    /// Its characters, if it is text. Borrowed if the body contains them unescaped.
    #[must_use]
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Json(value) => value.as_str(),
            Self::Text(text) => Some(text.text()),
        }
    }

    /// The digits as they are in the body, if it is a number without fraction and exponent.
    #[must_use]
    pub fn whole_number(self) -> Option<&'a str> {
        match self {
            Self::Json(value) => value.whole_number(),
            Self::Text(_) => None,
        }
    }

    /// Its characters if it is text, otherwise its source in the body.
    #[must_use]
    pub fn written(self) -> Cow<'a, str> {
        match self {
            Self::Json(value) => value.as_str().unwrap_or_else(|| value.source().into()),
            Self::Text(text) => text.text(),
        }
    }

    /// Its byte range in the body.
    #[must_use]
    pub fn place(self) -> Range<usize> {
        match self {
            Self::Json(value) => value.range(),
            Self::Text(text) => text.place(),
        }
    }
}

impl<'d, 'a> From<JsonValue<'d, 'a>> for Field<'d, 'a> {
    fn from(value: JsonValue<'d, 'a>) -> Self {
        Self::Json(value)
    }
}
