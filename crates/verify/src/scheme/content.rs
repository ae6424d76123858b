//! How the text that a provider signs is built.

use http::HeaderName;

/// What is signed: a text built from the callback or, with some providers, its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Content {
    /// How the text is built.
    pub form: Form,
    /// The digest whose hexadecimal form is signed instead of the text.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub digest: Option<ContentDigest>,
}

impl Content {
    /// The text itself is signed.
    #[must_use]
    pub const fn new(form: Form) -> Self {
        Self { form, digest: None }
    }

    /// A digest of the text is signed.
    #[must_use]
    pub const fn digested(form: Form, digest: ContentDigest) -> Self {
        Self {
            form,
            digest: Some(digest),
        }
    }
}

/// A digest that is signed instead of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum ContentDigest {
    /// The 32 lower-case hexadecimal digits of MD5.
    Md5Hex,
    /// The 64 lower-case hexadecimal digits of SHA-256.
    Sha256Hex,
}

/// How the signed text is built.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Form {
    /// The body's top-level fields, sorted, as `name=value` joined by a separator.
    SortedFields(SortedFields),
    /// A one-line JSON object with members in a fixed order.
    JsonObject(JsonObject),
    /// Parts of the callback, concatenated.
    Concat(Vec<Part>),
}

/// The body's top-level fields, sorted and joined. The field with the signature is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[non_exhaustive]
pub struct SortedFields {
    /// The order of names.
    pub order: NameOrder,
    /// Whether fields that are null, `""`, `[]` or `{}` are left out (`0` and `false` never are).
    pub omit_empty: bool,
    /// The text between a name and its value.
    pub assign: String,
    /// The text between two fields.
    pub separator: String,
    /// Fields whose value is written as compact JSON, strings in quotes, in body order. All others
    /// are printed like Java's `String.valueOf`: strings without quotes, `{k=v, k2=v2}` and `[a,
    /// b]`.
    pub json_fields: Vec<String>,
    /// How numbers with a fraction or an exponent are printed: the candidates, most likely first.
    pub numbers: Vec<NumberStyle>,
}

/// `name=value&name=value`, sorted by bytes, with empty fields and numbers as written.
impl Default for SortedFields {
    fn default() -> Self {
        Self {
            order: NameOrder::Bytes,
            omit_empty: false,
            assign: "=".into(),
            separator: "&".into(),
            json_fields: Vec::new(),
            numbers: vec![NumberStyle::AsWritten],
        }
    }
}

/// The order of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum NameOrder {
    /// By UTF-16 code units, as in Java and JavaScript.
    Utf16,
    /// By UTF-8 bytes, which is the order of code points.
    Bytes,
}

/// How a number with a fraction or an exponent is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum NumberStyle {
    /// As in the body.
    AsWritten,
    /// Converted to a double, as Java's `Double.toString` prints it.
    JavaDouble,
}

/// A one-line JSON object with members in a fixed order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct JsonObject {
    /// The members, in order.
    pub members: Vec<JsonMember>,
    /// How strings are escaped: the candidates, most likely first.
    #[cfg_attr(feature = "serde", serde(default = "php"))]
    pub escapes: Vec<JsonEscape>,
}

impl JsonObject {
    /// An object with these members, whose strings are escaped as in PHP.
    #[must_use]
    pub fn new(members: Vec<JsonMember>) -> Self {
        Self {
            members,
            escapes: php(),
        }
    }
}

/// The default style of string escapes.
fn php() -> Vec<JsonEscape> {
    vec![JsonEscape::Php]
}

/// One member of a [`JsonObject`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct JsonMember {
    /// Its name: plain ASCII that needs no escape.
    pub name: String,
    /// Its value.
    pub value: Part,
    /// Whether the value is written as a number, without quotes. Only for [`Part::Timestamp`].
    #[cfg_attr(feature = "serde", serde(default))]
    pub number: bool,
}

impl JsonMember {
    /// A member whose value is a string.
    #[must_use]
    pub fn new(name: impl Into<String>, value: Part) -> Self {
        Self {
            name: name.into(),
            value,
            number: false,
        }
    }

    /// A member whose value is the timestamp, as a number.
    #[must_use]
    pub fn time(name: impl Into<String>) -> Self {
        Self {
            number: true,
            ..Self::new(name, Part::Timestamp)
        }
    }
}

/// How a JSON writer escapes strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum JsonEscape {
    /// PHP's `json_encode` with `JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES`:
    /// U+2028 and U+2029 are escaped, lower-case hexadecimal.
    Php,
    /// The same, with U+2028 and U+2029 raw.
    PhpRawLineSeparators,
    /// Jackson's writer with default features: upper-case hexadecimal, U+2028 and U+2029 raw.
    Jackson,
}

/// A part of the callback that goes into the signed text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Part {
    /// Fixed text.
    Text(String),
    /// The method.
    Method,
    /// The request target as the provider called it.
    Target,
    /// The timestamp, as received.
    Timestamp,
    /// The nonce.
    Nonce,
    /// The value of the scheme's key-id header.
    KeyId,
    /// A header that must occur exactly once.
    #[cfg_attr(feature = "serde", serde(with = "super::serial::header"))]
    Header(HeaderName),
    /// The raw body.
    Body,
}
