//! A callback's body, independent of its format: fields with names and values.
//!
//! The scheme declares the [`BodyFormat`]; the verification and the users of its verdict work with
//! [`Body`] and [`Field`]. All choices between formats are made in this file; each format's parser
//! is a module of its own. What exists only in JSON (types, nesting, editing in place) starts from
//! [`Body::as_json`] or [`Field::as_json`]; for everything else, a field of another format is plain
//! text.

mod json;
mod path;

use std::borrow::Cow;
use std::ops::Range;

use crate::json::{JsonDocument, JsonValue, Members};
use crate::memory::MemoryBudget;
use crate::reason::{Reason, VerifyError};

pub use path::{FieldPath, FieldPathError};

/// The format of a scheme's bodies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum BodyFormat {
    /// Any bytes, with any Content-Type. They are parsed as JSON once a field is asked for.
    #[default]
    Opaque,
    /// A JSON object.
    Json,
}

/// The media types that fit a format. `text/plain` fits every format.
pub(crate) struct MediaTypes {
    /// Whether every backend that selects its parser by this lower-case media type reads this
    /// format.
    pub(crate) fits: fn(&str) -> bool,
    /// The reason for refusing any other media type.
    pub(crate) otherwise: Reason,
}

impl BodyFormat {
    /// The formats that have fields, with their names in configurations.
    pub const NAMED: &[(&str, Self)] = &[("json", Self::Json)];

    /// The media types that fit, unless all do.
    pub(crate) const fn media_types(self) -> Option<&'static MediaTypes> {
        match self {
            Self::Opaque => None,
            Self::Json => Some(&json::MEDIA_TYPES),
        }
    }

    /// The format in which a field is looked up.
    pub(crate) const fn of_fields(self) -> Self {
        match self {
            Self::Opaque => Self::Json,
            format => format,
        }
    }
}

/// A body. If it has fields, every parser reads the same fields.
#[derive(Debug)]
#[non_exhaustive]
pub enum Body<'a> {
    /// Bytes without fields: nobody parses them, or they are not in the format.
    Opaque(&'a [u8]),
    /// A JSON object.
    Json(JsonDocument<'a>),
}

impl<'a> Body<'a> {
    /// Parses a body, with memory that stays reserved.
    pub(crate) fn read(
        format: BodyFormat,
        bytes: &'a [u8],
        memory: &mut dyn MemoryBudget,
    ) -> Result<Self, VerifyError> {
        match format {
            BodyFormat::Opaque => Ok(Self::Opaque(bytes)),
            BodyFormat::Json => json::read(bytes, memory).map(Self::Json),
        }
    }

    /// The JSON object, if it is one.
    #[must_use]
    pub fn as_json(&self) -> Option<JsonValue<'_, 'a>> {
        match self {
            Self::Json(document) => Some(document.root()),
            Self::Opaque(_) => None,
        }
    }

    /// Whether it was parsed into fields, even if there are none.
    #[must_use]
    pub fn has_fields(&self) -> bool {
        !matches!(self, Self::Opaque(_))
    }

    /// The top-level fields with their names, in body order.
    #[must_use]
    pub fn fields(&self) -> Fields<'_, 'a> {
        Fields(match self {
            Self::Opaque(_) => None,
            Self::Json(document) => Some(document.root().members()),
        })
    }

    /// The top-level field with this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<Field<'_, 'a>> {
        match self {
            Self::Opaque(_) => None,
            Self::Json(document) => document.root().get(name).map(Field::Json),
        }
    }

    /// The field at this path.
    #[must_use]
    pub fn find(&self, path: &FieldPath) -> Option<Field<'_, 'a>> {
        match self {
            Self::Opaque(_) => None,
            Self::Json(document) => path.find(document.root()).map(Field::Json),
        }
    }

    /// The top-level field at the beginning of the path.
    pub(crate) fn top(&self, path: &FieldPath) -> Option<Field<'_, 'a>> {
        self.field(path.first()?)
    }

    /// Whether any number in it has a fraction or an exponent, which signers print in several ways.
    pub(crate) fn has_fraction(&self) -> bool {
        match self {
            Self::Opaque(_) => false,
            Self::Json(document) => document.has_fraction(),
        }
    }

    /// Its length in bytes, without surrounding white space.
    pub(crate) fn length(&self) -> usize {
        match self {
            Self::Opaque(bytes) => bytes.len(),
            Self::Json(document) => document.root().source().len(),
        }
    }
}

/// The fields of a body with their decoded names.
#[derive(Clone, Debug)]
pub struct Fields<'d, 'a>(Option<Members<'d, 'a>>);

impl<'d, 'a> Iterator for Fields<'d, 'a> {
    type Item = (Cow<'a, str>, Field<'d, 'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, value) = self.0.as_mut()?.next()?;
        Some((name, Field::Json(value)))
    }
}

/// The value of a field, or one inside it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Field<'d, 'a> {
    /// A JSON value.
    Json(JsonValue<'d, 'a>),
}

impl<'d, 'a> Field<'d, 'a> {
    /// The JSON value, if it is one. If not, it is text.
    #[must_use]
    pub const fn as_json(self) -> Option<JsonValue<'d, 'a>> {
        match self {
            Self::Json(value) => Some(value),
        }
    }

    /// Whether it is empty: no text; in JSON also null, `[]` and `{}`.
    #[must_use]
    pub fn is_empty(self) -> bool {
        match self {
            Self::Json(value) => value.is_empty(),
        }
    }

    /// Whether it counts as missing.
    #[must_use]
    pub fn is_null(self) -> bool {
        match self {
            Self::Json(value) => value.is_null(),
        }
    }

    /// Its characters, if it is text. Borrowed if the body contains them unescaped.
    #[must_use]
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Json(value) => value.as_str(),
        }
    }

    /// The digits as they are in the body, if it is a number without fraction and exponent.
    #[must_use]
    pub fn whole_number(self) -> Option<&'a str> {
        match self {
            Self::Json(value) => value.whole_number(),
        }
    }

    /// Its characters if it is text, otherwise its source in the body.
    #[must_use]
    pub fn written(self) -> Cow<'a, str> {
        match self {
            Self::Json(value) => value.as_str().unwrap_or_else(|| value.source().into()),
        }
    }

    /// Its byte range in the body.
    #[must_use]
    pub fn place(self) -> Range<usize> {
        match self {
            Self::Json(value) => value.range(),
        }
    }
}

impl<'d, 'a> From<JsonValue<'d, 'a>> for Field<'d, 'a> {
    fn from(value: JsonValue<'d, 'a>) -> Self {
        Self::Json(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Plenty;

    fn read(format: BodyFormat, bytes: &[u8]) -> Result<Body<'_>, Reason> {
        let read = Body::read(format, bytes, &mut Plenty);
        read.map_err(|failure| failure.of_plenty().reason)
    }

    #[test]
    fn fields_have_names_texts_and_places() {
        let json = r#" {"a":"x\n","b":1.50,"c":{"d":[7]},"e":null,"":""}"#;
        let body = read(BodyFormat::Json, json.as_bytes()).unwrap();
        let names: Vec<_> = body.fields().map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "b", "c", "e", ""]);
        for (path, text, written, whole, is_empty, is_null) in [
            ("a", Some("x\n"), "x\n", None, false, false),
            ("b", None, "1.50", None, false, false),
            ("c", None, r#"{"d":[7]}"#, None, false, false),
            ("/c/d/0", None, "7", Some("7"), false, false),
            ("e", None, "null", None, true, true),
            ("/", Some(""), "", None, true, false),
        ] {
            let field = body.find(&FieldPath::parse(path).unwrap()).unwrap();
            assert_eq!(field.text().as_deref(), text, "{path}");
            assert_eq!(field.written(), written, "{path}");
            assert_eq!(field.whole_number(), whole, "{path}");
            assert_eq!((field.is_empty(), field.is_null()), (is_empty, is_null));
            let source = field.as_json().unwrap().source();
            assert_eq!(json.get(field.place()), Some(source), "{path}");
        }
        let inner = FieldPath::parse("/c/d/0").unwrap();
        assert_eq!(body.top(&inner).unwrap().written(), r#"{"d":[7]}"#);
        assert!(body.field("x").is_none());
    }

    #[test]
    fn an_opaque_body_has_no_fields() {
        let body = read(BodyFormat::Opaque, b"{\"a\":1}").unwrap();
        assert!(!body.has_fields() && body.as_json().is_none());
        assert!(body.fields().next().is_none() && body.field("a").is_none());
        assert!(body.find(&FieldPath::parse("a").unwrap()).is_none());
    }

    #[test]
    fn a_body_in_another_format_has_a_reason() {
        for (bytes, reason) in [
            (&b""[..], Reason::BodyEmpty),
            (b"a=1", Reason::JsonInvalid),
            (b"[1]", Reason::JsonNotObject),
        ] {
            assert_eq!(read(BodyFormat::Json, bytes).err(), Some(reason));
        }
    }
}
