//! A scheme in the form that configurations had before the scheme language.

use http::HeaderName;

/// What is signed: a text built from the callback or, with some providers, its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::config) struct Content {
    /// How the text is built.
    pub(in crate::config) form: Form,
    /// The digest whose hexadecimal form is signed instead of the text.
    pub(in crate::config) digest: Option<ContentDigest>,
}

impl Content {
    /// The text itself is signed.
    pub(in crate::config) const fn new(form: Form) -> Self {
        Self { form, digest: None }
    }
}

/// A digest that is signed instead of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum ContentDigest {
    /// The 32 lower-case hexadecimal digits of MD5.
    Md5Hex,
    /// The 64 lower-case hexadecimal digits of SHA-256.
    Sha256Hex,
}

/// How the signed text is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::config) enum Form {
    /// The body's top-level fields, sorted, as `name=value` joined by a separator.
    SortedFields(SortedFields),
    /// A one-line JSON object with members in a fixed order.
    JsonObject(JsonObject),
    /// Parts of the callback, concatenated.
    Concat(Vec<Part>),
}

/// The body's top-level fields, sorted and joined. The field with the signature is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::config) struct SortedFields {
    /// The order of names.
    pub(in crate::config) order: NameOrder,
    /// Whether fields that are null, `""`, `[]` or `{}` are left out (`0` and `false` never are).
    pub(in crate::config) omit_empty: bool,
    /// The text between a name and its value.
    pub(in crate::config) assign: String,
    /// The text between two fields.
    pub(in crate::config) separator: String,
    /// Fields whose value is written as compact JSON, strings in quotes, in body order. All others
    /// are printed like Java's `String.valueOf`: strings without quotes, `{k=v, k2=v2}` and `[a,
    /// b]`.
    pub(in crate::config) json_fields: Vec<String>,
    /// How numbers with a fraction or an exponent are printed: the candidates, most likely first.
    pub(in crate::config) numbers: Vec<NumberSpelling>,
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
            numbers: vec![NumberSpelling::AsWritten],
        }
    }
}

/// The order of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum NameOrder {
    /// By UTF-16 code units, as in Java and JavaScript.
    Utf16,
    /// By UTF-8 bytes, which is the order of code points.
    Bytes,
}

/// How a number with a fraction or an exponent is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum NumberSpelling {
    /// As in the body.
    AsWritten,
    /// Converted to a double, as Java's `Double.toString` prints it.
    JavaDouble,
}

/// A one-line JSON object with members in a fixed order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::config) struct JsonObject {
    /// The members, in order.
    pub(in crate::config) members: Vec<JsonMember>,
    /// How strings are escaped: the candidates, most likely first.
    pub(in crate::config) escapes: Vec<JsonEscape>,
}

impl JsonObject {
    /// An object with these members, whose strings are escaped as in PHP.
    pub(in crate::config) fn new(members: Vec<JsonMember>) -> Self {
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
pub(in crate::config) struct JsonMember {
    /// Its name: plain ASCII that needs no escape.
    pub(in crate::config) name: String,
    /// Its value.
    pub(in crate::config) value: Part,
    /// Whether the value is written as a number, without quotes. Only for [`Part::Timestamp`].
    pub(in crate::config) number: bool,
}

impl JsonMember {
    /// A member whose value is a string.
    pub(in crate::config) fn new(name: impl Into<String>, value: Part) -> Self {
        Self {
            name: name.into(),
            value,
            number: false,
        }
    }
}

/// How a JSON writer escapes strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum JsonEscape {
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
pub(in crate::config) enum Part {
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
    Header(HeaderName),
    /// The raw body.
    Body,
}

/// Where one value of the callback is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::config) enum Source {
    /// A header that must occur exactly once.
    Header(HeaderName),
    /// A top-level field of the body.
    Field(String),
}

impl Source {
    /// The header, if it is one.
    pub(in crate::config) fn header(&self) -> Option<&HeaderName> {
        match self {
            Self::Header(name) => Some(name),
            Self::Field(_) => None,
        }
    }
}

/// Where the signature is and how it is encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::config) struct SignatureRule {
    /// The header or field.
    pub(in crate::config) source: Source,
    /// The encoding of its bytes.
    pub(in crate::config) encoding: SignatureEncoding,
}

impl SignatureRule {
    /// A signature in this place and encoding.
    pub(in crate::config) const fn new(source: Source, encoding: SignatureEncoding) -> Self {
        Self { source, encoding }
    }
}

/// How signature bytes are encoded as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum SignatureEncoding {
    /// Standard alphabet, padded, no white space (RFC 4648, section 4).
    Base64,
    /// Two digits for each byte, in either case.
    Hex,
}

/// Where the timestamp is and its unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::config) struct TimestampRule {
    /// The header or field.
    pub(in crate::config) source: Source,
    /// The unit in which it counts from 1970-01-01T00:00:00Z.
    pub(in crate::config) unit: TimeUnit,
}

impl TimestampRule {
    /// A timestamp in this place and unit.
    pub(in crate::config) const fn new(source: Source, unit: TimeUnit) -> Self {
        Self { source, unit }
    }
}

/// The unit of a timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum TimeUnit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
}

/// Where the nonce is and its largest length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::config) struct NonceRule {
    /// The header or field.
    pub(in crate::config) source: Source,
    /// The most characters that it may have.
    pub(in crate::config) max_length: usize,
}

impl NonceRule {
    /// A nonce in this place with at most this many characters.
    pub(in crate::config) const fn new(source: Source, max_length: usize) -> Self {
        Self { source, max_length }
    }
}
