//! How a provider signs, as data.
//!
//! One engine runs every [`Scheme`]; the built-in ones are values of the same types that an
//! operator's configuration fills.

mod cheezeepay;
mod covered;
mod joined;
mod sgate;

use std::fmt;
use std::time::Duration;

use http::HeaderName;
use once_cell::sync::Lazy;

use super::algorithm::Algorithm;
use super::json::{FieldPath, Value};

pub use covered::{Unsigned, Unsound, UnsoundIdentity};
pub use joined::OpenJoin;

/// How one provider signs its callbacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// Its name in configurations, logs and the verified headers.
    pub name: String,
    /// What made the signature.
    pub algorithm: Algorithm,
    /// Where the signature is.
    pub signature: SignatureRule,
    /// Where the signing time is, if the callback carries one.
    pub timestamp: Option<TimestampRule>,
    /// Where the nonce is, if the callback carries one.
    pub nonce: Option<NonceRule>,
    /// The header whose value names the merchant or the key, if there is one.
    pub key_id: Option<HeaderName>,
    /// The top-level body field that names the event, if there is one.
    pub event: Option<String>,
    /// What is signed.
    pub content: Content,
    /// Whether the provider joins values that nobody can tell apart again ([`Scheme::open_join`]). Every
    /// callback is then marked, and its identity can only be [`IdentityPart::Content`].
    pub ambiguous_join: bool,
    /// How far the signing time may lie from now, either way, where the route does not say.
    /// `None`: no limit. Needs [`Scheme::timestamp`].
    pub max_age: Option<Duration>,
    /// What two copies of a callback have in common, where the route does not say. At least one.
    pub identity: Vec<IdentityPart>,
    /// How long a callback that a backend took is remembered, where the route does not say.
    pub keep: Duration,
    /// What a backend answers, as a whole body, to tell the provider that it did not take a callback,
    /// whatever the status.
    pub failure: Vec<String>,
}

/// A part of what makes two callbacks the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityPart {
    /// The bytes that were signed.
    Content,
    /// The value of the scheme's key-id header.
    KeyId,
    /// The nonce.
    Nonce,
    /// A field of the body.
    Field(FieldPath),
}

/// As a configuration writes it.
impl fmt::Display for IdentityPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Content => f.write_str("{content}"),
            Self::KeyId => f.write_str("{key_id}"),
            Self::Nonce => f.write_str("{nonce}"),
            Self::Field(path) => path.fmt(f),
        }
    }
}

/// Where one value of the callback is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A header that must be there exactly once.
    Header(HeaderName),
    /// A top-level field of the JSON body.
    Field(String),
}

impl Source {
    /// The header, if it is one.
    fn header(&self) -> Option<&HeaderName> {
        match self {
            Self::Header(name) => Some(name),
            Self::Field(_) => None,
        }
    }

    /// Whether it is the field of that name.
    pub(crate) fn is_field(&self, name: &str) -> bool {
        matches!(self, Self::Field(field) if field == name)
    }
}

/// Where the signature is and how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureRule {
    /// The header or field.
    pub source: Source,
    /// How its bytes are written.
    pub encoding: SignatureEncoding,
}

/// How signature bytes are written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureEncoding {
    /// Standard alphabet, padded, no white space (RFC 4648, section 4).
    Base64,
    /// Two digits a byte, either case.
    Hex,
}

/// Where the signing time is and what it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimestampRule {
    /// The header or field.
    pub source: Source,
    /// What it counts since 1970-01-01T00:00:00Z.
    pub unit: TimeUnit,
}

/// What a time stamp counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
}

/// Where the nonce is and how long it may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NonceRule {
    /// The header or field.
    pub source: Source,
    /// The most characters it may have.
    pub max_length: usize,
}

/// What is signed: a text built from the callback and, with some providers, its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// How the text is built.
    pub form: Form,
    /// The digest whose hexadecimal form is signed in the text's place.
    pub digest: Option<ContentDigest>,
}

/// A digest that stands for the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentDigest {
    /// The 32 lower-case hexadecimal digits of MD5.
    Md5Hex,
    /// The 64 lower-case hexadecimal digits of SHA-256.
    Sha256Hex,
}

/// How the signed text is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// The body's top-level fields, sorted, as `name=value` joined by a separator.
    SortedFields(SortedFields),
    /// A one-line JSON object with members in a fixed order.
    JsonObject(JsonObject),
    /// Parts of the callback, one after the other.
    Concat(Vec<Part>),
}

/// The body's top-level fields, sorted and joined. The field that holds the signature is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortedFields {
    /// How names are compared.
    pub order: NameOrder,
    /// Whether fields that are null, `""`, `[]` or `{}` are left out (`0` and `false` never are).
    pub omit_empty: bool,
    /// Between a name and its value.
    pub assign: String,
    /// Between two fields.
    pub separator: String,
    /// Fields whose value is written as compact JSON, strings in quotes, in body order.
    /// All others: strings bare, `{k=v, k2=v2}` and `[a, b]` (Java's `String.valueOf`).
    pub json_fields: Vec<String>,
    /// How numbers with a fraction or an exponent are written: the candidates, most likely first.
    pub numbers: Vec<NumberStyle>,
}

/// How names are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameOrder {
    /// By UTF-16 code units, as Java and JavaScript do.
    Utf16,
    /// By UTF-8 bytes, which is the order of code points.
    Bytes,
}

/// How a number with a fraction or an exponent is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberStyle {
    /// As the body has it.
    AsWritten,
    /// Through a double, as Java's `Double.toString` prints it.
    JavaDouble,
}

/// A one-line JSON object with members in a fixed order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonObject {
    /// The members, in order.
    pub members: Vec<JsonMember>,
    /// How strings are escaped: the candidates, most likely first.
    pub escapes: Vec<JsonEscape>,
}

/// One member of a [`JsonObject`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonMember {
    /// Its name, plain ASCII that needs no escape.
    pub name: String,
    /// Its value.
    pub value: Part,
    /// Whether the value is written as a number, without quotes. Only for [`Part::Timestamp`].
    pub number: bool,
}

/// How a JSON writer escapes strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
pub enum Part {
    /// Fixed text.
    Text(String),
    /// The method.
    Method,
    /// The request target as the provider called it.
    Target,
    /// The signing time, as received.
    Timestamp,
    /// The nonce.
    Nonce,
    /// The value of the scheme's key-id header.
    KeyId,
    /// A header that must be there exactly once.
    Header(HeaderName),
    /// The raw body.
    Body,
}

static BUILT_IN: Lazy<Vec<Scheme>> = Lazy::new(|| vec![cheezeepay::scheme(), sgate::scheme()]);

impl Scheme {
    /// Whether the signature covers the body, or the fields in it.
    #[must_use]
    pub fn signs_body(&self) -> bool {
        self.joins_fields() || self.signs_raw_body()
    }

    /// Whether the signature covers the bytes of the body.
    #[must_use]
    pub fn signs_raw_body(&self) -> bool {
        self.has_part(&Part::Body)
    }

    /// The headers that it reads or signs.
    pub fn headers(&self) -> impl Iterator<Item = &HeaderName> {
        let sources = [
            Some(&self.signature.source),
            self.timestamp.as_ref().map(|rule| &rule.source),
            self.nonce.as_ref().map(|rule| &rule.source),
        ];
        let (members, parts): (&[JsonMember], &[Part]) = match &self.content.form {
            Form::SortedFields(_) => (&[], &[]),
            Form::JsonObject(object) => (&object.members, &[]),
            Form::Concat(parts) => (&[], parts),
        };
        let parts = members.iter().map(|member| &member.value).chain(parts);
        let signed = parts.filter_map(|part| match part {
            Part::Header(name) => Some(name),
            _ => None,
        });
        let sources = sources.into_iter().flatten().filter_map(Source::header);
        sources.chain(&self.key_id).chain(signed)
    }

    /// Whether top-level fields with this value are left out of what is signed.
    #[must_use]
    pub fn omits(&self, value: Value<'_, '_>) -> bool {
        self.omits_empty() && value.is_empty()
    }

    /// Whether it joins fields of the body, so that what it signs can be read in several ways.
    #[must_use]
    pub fn joins_fields(&self) -> bool {
        matches!(self.content.form, Form::SortedFields(_))
    }

    /// Whether a callback's body must be a JSON object to be verified at all.
    pub(crate) fn needs_object(&self) -> bool {
        let sources = [
            Some(&self.signature.source),
            self.timestamp.as_ref().map(|rule| &rule.source),
            self.nonce.as_ref().map(|rule| &rule.source),
        ];
        let mut sources = sources.into_iter().flatten();
        self.joins_fields() || sources.any(|source| matches!(source, Source::Field(_)))
    }

    /// Whether it says that bodies are JSON: one that it finds a value in must not be read as anything
    /// else behind it.
    #[must_use]
    pub fn says_json(&self) -> bool {
        let is_field = |part: &IdentityPart| matches!(part, IdentityPart::Field(_));
        self.needs_object() || self.event.is_some() || self.identity.iter().any(is_field)
    }

    /// Whether some callbacks of it, or all, can be read in several ways under one signature.
    #[must_use]
    pub fn may_be_ambiguous(&self) -> bool {
        self.joins_fields() || self.ambiguous_join
    }

    /// Whether empty top-level fields are left out of what is signed.
    #[must_use]
    pub fn omits_empty(&self) -> bool {
        matches!(&self.content.form, Form::SortedFields(form) if form.omit_empty)
    }

    /// The schemes that come with Countersign.
    #[must_use]
    pub fn built_in() -> &'static [Self] {
        &BUILT_IN
    }

    /// The built-in scheme of that name.
    #[must_use]
    pub fn find_built_in(name: &str) -> Option<&'static Self> {
        BUILT_IN.iter().find(|scheme| scheme.name == name)
    }
}
