//! A callback's body, independent of its format: fields with names and values.
//!
//! The scheme declares the [`BodyFormat`]; the verification and the users of its verdict work with
//! [`Body`] and [`Field`]. All choices between formats are made in this file; each format's parser
//! is a module of its own. What exists only in JSON (types, nesting, editing in place) starts from
//! [`Body::as_json`] or [`Field::as_json`]; for everything else, a field of another format is plain
//! text.

mod body_text;
mod charset;
mod field;
mod form;
mod json;
mod media_types;
mod path;
mod percent;
mod query;
mod references;
mod xml;

use crate::json::{JsonDocument, JsonValue};
use crate::memory::MemoryBudget;
use crate::reason::VerifyError;
use field::FieldsOf;

pub use body_text::BodyText;
pub use charset::Charset;
pub use field::{Field, Fields};
pub use form::{FormDocument, FormPair, FormPairs, MAX_PAIRS, Repeats};
pub(crate) use media_types::MediaTypes;
pub use path::{FieldPath, FieldPathError};
pub(crate) use percent::lenient;
pub use percent::repeatedly_decoded;
pub use query::Query;
pub(crate) use query::refuse_shadows;
pub use xml::{MAX_ELEMENTS, XmlDocument, XmlElement, XmlElements};

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
    /// A form: `application/x-www-form-urlencoded`.
    Form,
    /// XML whose root has elements with text, and nothing else.
    Xml,
}

impl BodyFormat {
    /// Whether bodies that are declared as this may be read as the other.
    pub(crate) fn is_declared_as(self, other: Self) -> bool {
        self == Self::Opaque || self == other
    }

    /// The formats that have fields, with their names in configurations.
    pub const NAMED: &[(&str, Self)] = &[
        ("json", Self::Json),
        ("form", Self::Form),
        ("xml", Self::Xml),
    ];

    /// The media types that fit, unless all do.
    pub(crate) const fn media_types(self) -> Option<&'static MediaTypes> {
        match self {
            Self::Opaque => None,
            Self::Json => Some(&json::MEDIA_TYPES),
            Self::Form => Some(&form::MEDIA_TYPES),
            Self::Xml => Some(&xml::MEDIA_TYPES),
        }
    }

    /// Whether fields have types and can hold others. If not, they are text.
    #[must_use]
    pub const fn is_typed(self) -> bool {
        match self {
            Self::Opaque | Self::Json => true,
            Self::Form | Self::Xml => false,
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
    /// A form.
    Form(FormDocument<'a>),
    /// Flat XML.
    Xml(XmlDocument<'a>),
}

impl<'a> Body<'a> {
    /// Parses a body, with memory that stays reserved. JSON and XML are UTF-8, whatever the character
    /// set of forms is.
    pub(crate) fn read(
        format: BodyFormat,
        charset: Charset,
        bytes: &'a [u8],
        memory: &mut dyn MemoryBudget,
    ) -> Result<Self, VerifyError> {
        match format {
            BodyFormat::Opaque => Ok(Self::Opaque(bytes)),
            BodyFormat::Json => json::read(bytes, memory).map(Self::Json),
            BodyFormat::Form => {
                FormDocument::read(bytes, charset, Repeats::Refuse, memory).map(Self::Form)
            }
            BodyFormat::Xml => XmlDocument::read(bytes, memory).map(Self::Xml),
        }
    }

    /// The JSON object, if it is one.
    #[must_use]
    pub fn as_json(&self) -> Option<JsonValue<'_, 'a>> {
        match self {
            Self::Json(document) => Some(document.root()),
            Self::Opaque(_) | Self::Form(_) | Self::Xml(_) => None,
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
            Self::Opaque(_) => FieldsOf::Nothing,
            Self::Json(document) => FieldsOf::Json(document.root().members()),
            Self::Form(form) => FieldsOf::Form(form.pairs()),
            Self::Xml(document) => FieldsOf::Xml(document.elements()),
        })
    }

    /// The top-level field with this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<Field<'_, 'a>> {
        match self {
            Self::Opaque(_) => None,
            Self::Json(document) => document.root().get(name).map(Field::Json),
            Self::Form(form) => form.get(name).map(Field::Text),
            Self::Xml(document) => document.get(name).map(Field::Text),
        }
    }

    /// The field at this path.
    #[must_use]
    pub fn find(&self, path: &FieldPath) -> Option<Field<'_, 'a>> {
        match self {
            Self::Opaque(_) => None,
            Self::Json(document) => path.find(document.root()).map(Field::Json),
            Self::Form(_) | Self::Xml(_) if path.is_top_level() => self.top(path),
            Self::Form(_) | Self::Xml(_) => None,
        }
    }

    /// The top-level field at the beginning of the path.
    pub(crate) fn top(&self, path: &FieldPath) -> Option<Field<'_, 'a>> {
        self.field(path.first()?)
    }

    /// Whether any number in it has a fraction or an exponent, which signers print in several ways.
    pub(crate) fn has_fraction(&self) -> bool {
        match self {
            Self::Opaque(_) | Self::Form(_) | Self::Xml(_) => false,
            Self::Json(document) => document.has_fraction(),
        }
    }

    /// Its length in bytes, without surrounding white space.
    pub(crate) fn length(&self) -> usize {
        match self {
            Self::Opaque(bytes) => bytes.len(),
            Self::Json(document) => document.root().source().len(),
            Self::Form(form) => form.source().len(),
            Self::Xml(document) => document.source().len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Plenty;
    use crate::reason::Reason;

    fn read(format: BodyFormat, bytes: &[u8]) -> Result<Body<'_>, Reason> {
        let read = Body::read(format, Charset::Utf8, bytes, &mut Plenty);
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
    fn fields_of_formats_without_types_are_text() {
        let form = "a=x%0Ay&b=&c%20d=1.50";
        let xml = "<r><a>x&#10;y</a><b/><c.d><![CDATA[1.50]]></c.d></r>";
        for (format, source, last) in [
            (BodyFormat::Form, form, "c d"),
            (BodyFormat::Xml, xml, "c.d"),
        ] {
            let body = read(format, source.as_bytes()).unwrap();
            let names: Vec<_> = body.fields().map(|(name, _)| name).collect();
            assert_eq!(names, ["a", "b", last]);
            assert!(body.has_fields() && body.as_json().is_none() && !body.has_fraction());
            for (name, text, raw) in [
                (
                    "a",
                    "x\ny",
                    if format == BodyFormat::Form {
                        "x%0Ay"
                    } else {
                        "x&#10;y"
                    },
                ),
                ("b", "", ""),
                (last, "1.50", "1.50"),
            ] {
                let field = body.find(&FieldPath::parse(name).unwrap()).unwrap();
                assert_eq!(field.text().as_deref(), Some(text));
                assert_eq!(field.written(), text);
                assert_eq!(source.get(field.place()), Some(raw));
                assert_eq!(field.is_empty(), text.is_empty());
                assert!(field.as_json().is_none() && !field.is_null());
                assert_eq!(field.whole_number(), None);
            }
            assert!(body.find(&FieldPath::parse("/a").unwrap()).is_some());
            assert!(body.find(&FieldPath::parse("/a/0").unwrap()).is_none());
            assert!(body.field("x").is_none());
        }
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
        for (format, reason) in [
            (BodyFormat::Form, Reason::FormInvalid),
            (BodyFormat::Xml, Reason::XmlInvalid),
        ] {
            assert_eq!(read(format, b"").err(), Some(Reason::BodyEmpty));
            assert_eq!(read(format, b"{\"a\":1}").err(), Some(reason));
        }
    }
}
