//! A scheme as parts that a test can choose one by one, and the same in the scheme language.

use countersign::verify::language::{
    Choice, DefinitionError, SchemeDefinition, SelectionDefinition, TimestampDefinition,
};
use countersign::verify::scheme::{IdentityPart, Scheme};
use http::HeaderName;

/// A scheme over JSON.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) signature: SignatureRule,
    pub(super) timestamp: Option<TimestampRule>,
    pub(super) nonce: Option<NonceRule>,
    pub(super) key_id: Option<HeaderName>,
    pub(super) event: Option<String>,
    pub(super) content: Content,
    pub(super) ambiguous_join: bool,
    pub(super) identity: Vec<IdentityPart>,
}

impl Model {
    /// In the scheme language.
    pub(super) fn compile(&self) -> Result<Scheme, Vec<DefinitionError>> {
        let mut definition = SchemeDefinition {
            algorithm: Choice::Fixed("rsa-sha256".to_owned()),
            signature: vec![signature(&self.signature)],
            timestamp: self.timestamp.as_ref().map(timestamp),
            nonce: self.nonce.as_ref().map(nonce),
            key_id: self
                .key_id
                .as_ref()
                .map(|name| format!("{{header:{name}}}")),
            event: self.event.as_ref().map(|name| format!("{{field:{name}}}")),
            ..SchemeDefinition::default()
        };
        content(&self.content, &self.signature.source, &mut definition);
        let mut scheme = Scheme::compile("s", definition)?;
        scheme.ambiguous_join = self.ambiguous_join;
        scheme.identity = self.identity.clone();
        Ok(scheme)
    }

    /// Whether it joins body fields.
    pub(super) fn joins_fields(&self) -> bool {
        matches!(self.content.form, Form::SortedFields(_))
    }
}

/// What is signed: a text built from the callback or, with some providers, its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    /// How the text is built.
    pub(super) form: Form,
    /// The digest whose hexadecimal form is signed instead of the text.
    pub(super) digest: Option<ContentDigest>,
}

impl Content {
    /// The text itself is signed.
    pub(super) const fn new(form: Form) -> Self {
        Self { form, digest: None }
    }
}

/// A digest that is signed instead of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ContentDigest {
    /// The 32 lower-case hexadecimal digits of MD5.
    Md5Hex,
    /// The 64 lower-case hexadecimal digits of SHA-256.
    Sha256Hex,
}

/// How the signed text is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The body's top-level fields, sorted, as `name=value` joined by a separator.
    SortedFields(SortedFields),
    /// A one-line JSON object with members in a fixed order.
    JsonObject(JsonObject),
    /// Parts of the callback, concatenated.
    Concat(Vec<Part>),
}

/// The body's top-level fields, sorted and joined. The field with the signature is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SortedFields {
    /// The order of names.
    pub(super) order: NameOrder,
    /// Whether fields that are null, `""`, `[]` or `{}` are left out (`0` and `false` never are).
    pub(super) omit_empty: bool,
    /// The text between a name and its value.
    pub(super) assign: String,
    /// The text between two fields.
    pub(super) separator: String,
    /// Fields whose value is written as compact JSON, strings in quotes, in body order. All others
    /// are printed like Java's `String.valueOf`: strings without quotes, `{k=v, k2=v2}` and `[a,
    /// b]`.
    pub(super) json_fields: Vec<String>,
    /// How numbers with a fraction or an exponent are printed: the candidates, most likely first.
    pub(super) numbers: Vec<NumberStyle>,
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
pub(super) enum NameOrder {
    /// By UTF-16 code units, as in Java and JavaScript.
    Utf16,
    /// By UTF-8 bytes, which is the order of code points.
    Bytes,
}

/// How a number with a fraction or an exponent is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberStyle {
    /// As in the body.
    AsWritten,
    /// Converted to a double, as Java's `Double.toString` prints it.
    JavaDouble,
}

/// A one-line JSON object with members in a fixed order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct JsonObject {
    /// The members, in order.
    pub(super) members: Vec<JsonMember>,
    /// How strings are escaped: the candidates, most likely first.
    pub(super) escapes: Vec<JsonEscape>,
}

impl JsonObject {
    /// An object with these members, whose strings are escaped as in PHP.
    pub(super) fn new(members: Vec<JsonMember>) -> Self {
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
pub(super) struct JsonMember {
    /// Its name: plain ASCII that needs no escape.
    pub(super) name: String,
    /// Its value.
    pub(super) value: Part,
    /// Whether the value is written as a number, without quotes. Only for [`Part::Timestamp`].
    pub(super) number: bool,
}

impl JsonMember {
    /// A member whose value is a string.
    pub(super) fn new(name: impl Into<String>, value: Part) -> Self {
        Self {
            name: name.into(),
            value,
            number: false,
        }
    }
}

/// How a JSON writer escapes strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JsonEscape {
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
pub(super) enum Part {
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
pub(super) enum Source {
    /// A header that must occur exactly once.
    Header(HeaderName),
    /// A top-level field of the body.
    Field(String),
}

/// Where the signature is and how it is encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SignatureRule {
    /// The header or field.
    pub(super) source: Source,
    /// The encoding of its bytes.
    pub(super) encoding: SignatureEncoding,
}

impl SignatureRule {
    /// A signature in this place and encoding.
    pub(super) const fn new(source: Source, encoding: SignatureEncoding) -> Self {
        Self { source, encoding }
    }
}

/// How signature bytes are encoded as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SignatureEncoding {
    /// Standard alphabet, padded, no white space (RFC 4648, section 4).
    Base64,
    /// Two digits for each byte, in either case.
    Hex,
}

/// Where the timestamp is and its unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TimestampRule {
    /// The header or field.
    pub(super) source: Source,
    /// The unit in which it counts from 1970-01-01T00:00:00Z.
    pub(super) unit: TimeUnit,
}

impl TimestampRule {
    /// A timestamp in this place and unit.
    pub(super) const fn new(source: Source, unit: TimeUnit) -> Self {
        Self { source, unit }
    }
}

/// The unit of a timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeUnit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
}

/// Where the nonce is and its largest length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NonceRule {
    /// The header or field.
    pub(super) source: Source,
    /// The most characters that it may have.
    pub(super) max_length: usize,
}

impl NonceRule {
    /// A nonce in this place with at most this many characters.
    pub(super) const fn new(source: Source, max_length: usize) -> Self {
        Self { source, max_length }
    }
}

fn value(source: &Source) -> String {
    match source {
        Source::Header(name) => format!("header:{name}"),
        Source::Field(name) => {
            format!("field:{}", argument(name))
        }
    }
}

/// An argument, in quotes if it must be.
fn argument(text: &str) -> String {
    if text.is_empty() || text.contains(['|', '{', '}', ':', '"', '\'', '\\']) {
        let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"{escaped}\"")
    } else {
        text.to_owned()
    }
}

fn literal(text: &str) -> String {
    let mut escaped = String::new();
    for char in text.chars() {
        if matches!(char, '{' | '}' | '[' | ']') {
            escaped.push(char);
        }
        escaped.push(char);
    }
    escaped
}

fn signature(rule: &SignatureRule) -> String {
    let filter = match rule.encoding {
        SignatureEncoding::Base64 => "unbase64",
        SignatureEncoding::Hex => "unhex",
    };
    format!("{{{}|{filter}}}", value(&rule.source))
}

fn timestamp(rule: &TimestampRule) -> TimestampDefinition {
    let unit = match rule.unit {
        TimeUnit::Seconds => "s",
        TimeUnit::Milliseconds => "ms",
    };
    TimestampDefinition {
        value: format!("{{{}}}", value(&rule.source)),
        unit: unit.to_owned(),
    }
}

fn nonce(rule: &NonceRule) -> String {
    format!("{{{}|max:{}}}", value(&rule.source), rule.max_length)
}

/// Adds what is signed.
fn content(content: &Content, signature: &Source, definition: &mut SchemeDefinition) {
    match &content.form {
        Form::SortedFields(form) => sorted_fields(form, signature, definition),
        Form::JsonObject(object) => {
            definition.content = object
                .escapes
                .iter()
                .map(|escape| json_object(object, *escape))
                .collect();
        }
        Form::Concat(parts) => definition.content = vec![parts.iter().map(written).collect()],
    }
    definition.signed = content.digest.map(|digest| match digest {
        ContentDigest::Md5Hex => "{content|md5|hex}".to_owned(),
        ContentDigest::Sha256Hex => "{content|sha256|hex}".to_owned(),
    });
}

fn sorted_fields(form: &SortedFields, signature: &Source, definition: &mut SchemeDefinition) {
    let leave_out = || form.omit_empty.then(|| "leave-out".to_owned());
    let order = match form.order {
        NameOrder::Utf16 => "utf16",
        NameOrder::Bytes => "bytes",
    };
    let pair = |filter: &str| format!("{{name}}{}{{value{filter}}}", literal(&form.assign));
    for (nth, numbers) in form.numbers.iter().enumerate() {
        let (java, json) = match numbers {
            NumberStyle::AsWritten => ("|java", "|json:jackson"),
            NumberStyle::JavaDouble => ("|java:double", "|json:jackson+double"),
        };
        let own = |name: &String| (name.clone(), pair(json));
        let selection = SelectionDefinition {
            from: Some("json".to_owned()),
            leave_out: match signature {
                Source::Field(name) => vec![name.clone()],
                Source::Header(_) => Vec::new(),
            },
            empty: leave_out(),
            null: leave_out().or(Some("null".to_owned())),
            nested: Some("pair".to_owned()),
            order: Some(order.to_owned()),
            pair: pair(java),
            pair_of: form.json_fields.iter().map(own).collect(),
            between: form.separator.clone(),
            ..SelectionDefinition::default()
        };
        let name = (nth > 0).then(|| "other".to_owned());
        definition.content.push(match &name {
            None => "{fields}".to_owned(),
            Some(name) => format!("{{fields:{name}}}"),
        });
        definition.selections.push((name, selection));
    }
}

fn json_object(object: &JsonObject, escape: JsonEscape) -> String {
    let style = match escape {
        JsonEscape::Php => "php+unicode+slashes",
        JsonEscape::PhpRawLineSeparators => "php+unicode+slashes+lines",
        JsonEscape::Jackson => "jackson",
    };
    let members = object.members.iter().map(|member| {
        let value = match &member.value {
            Part::Text(text) => literal(&serde_json::Value::from(text.as_str()).to_string()),
            part if member.number => written(part),
            part => written(part).replace('}', &format!("|json:{style}}}")),
        };
        format!("\"{}\":{value}", literal(&member.name))
    });
    format!("{{{{{}}}}}", members.collect::<Vec<_>>().join(","))
}

fn written(part: &Part) -> String {
    match part {
        Part::Text(text) => literal(text),
        Part::Method => "{method}".to_owned(),
        Part::Target => "{target}".to_owned(),
        Part::Timestamp => "{timestamp}".to_owned(),
        Part::Nonce => "{nonce}".to_owned(),
        Part::KeyId => "{key_id}".to_owned(),
        Part::Header(name) => format!("{{header:{name}}}"),
        Part::Body => "{body}".to_owned(),
    }
}
