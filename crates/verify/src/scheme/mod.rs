//! How a provider signs, as data.
//!
//! One engine runs every [`Scheme`]; the built-in schemes are values of the same types that an
//! operator's configuration fills.

mod cheezeepay;
mod content;
mod covered;
mod joined;
mod rules;
#[cfg(feature = "serde")]
mod serial;
mod sgate;

use std::fmt;
use std::time::Duration;

use http::HeaderName;
use once_cell::sync::Lazy;

use super::algorithm::Algorithm;
use super::body::{BodyFormat, Charset, Field, FieldPath};

pub use super::signature_form::SignatureForm;
pub use content::{
    Content, ContentDigest, Form, JsonEscape, JsonMember, JsonObject, NameOrder, NumberStyle, Part,
    SortedFields,
};
pub use covered::{Unsigned, Unsound, UnsoundIdentity};
pub use joined::OpenJoin;
pub use rules::{NonceRule, SignatureEncoding, SignatureRule, Source, TimeUnit, TimestampRule};

/// How one provider signs its callbacks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scheme {
    /// Its name in configurations, logs and the verified headers.
    pub name: String,
    /// The signature algorithm.
    pub algorithm: Algorithm,
    /// Where the signature is.
    pub signature: SignatureRule,
    /// How its two numbers are written, if the algorithm is ECDSA; for no other.
    pub signature_form: Option<SignatureForm>,
    /// Where the timestamp is, if there is one.
    pub timestamp: Option<TimestampRule>,
    /// Where the nonce is, if there is one.
    pub nonce: Option<NonceRule>,
    /// The header whose value names the merchant or the key, if there is one.
    pub key_id: Option<HeaderName>,
    /// The declared format of its bodies; [`Scheme::body_format`] says how they are parsed.
    pub body: BodyFormat,
    /// The character set of forms. The signed content is written in it, too.
    pub charset: Charset,
    /// The top-level body field that names the event, if there is one.
    pub event: Option<String>,
    /// What is signed.
    pub content: Content,
    /// Whether the provider joins values that cannot be told apart again ([`Scheme::open_join`]).
    /// Every callback is then marked, and its identity can only be [`IdentityPart::Content`].
    pub ambiguous_join: bool,
    /// How far the timestamp may be from now in either direction, unless the route says otherwise.
    /// `None`: no limit. Requires [`Scheme::timestamp`].
    pub max_age: Option<Duration>,
    /// What copies of a callback have in common, unless the route says otherwise. At least one
    /// part.
    pub identity: Vec<IdentityPart>,
    /// How long an accepted callback is remembered, unless the route says otherwise.
    pub keep: Duration,
    /// Complete bodies by which a backend tells the provider that it did not accept a callback,
    /// whatever the status.
    pub failure: Vec<String>,
}

/// A part of what makes two callbacks the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum IdentityPart {
    /// The bytes that were signed.
    Content,
    /// The value of the scheme's key-id header.
    KeyId,
    /// The nonce.
    Nonce,
    /// A field of the body.
    #[cfg_attr(feature = "serde", serde(with = "serial::path"))]
    Field(FieldPath),
}

/// In the configuration's syntax.
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

static BUILT_IN: Lazy<Vec<Scheme>> = Lazy::new(|| vec![cheezeepay::scheme(), sgate::scheme()]);

/// How long a callback is remembered by default.
const KEEP: Duration = Duration::from_secs(24 * 60 * 60);

impl Scheme {
    /// A scheme without timestamp, nonce, key id and event. Two callbacks are the same if their
    /// signed bytes are, and are remembered for a day. Set the fields if the provider does more.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        algorithm: Algorithm,
        signature: SignatureRule,
        content: Content,
    ) -> Self {
        Self {
            name: name.into(),
            algorithm,
            signature,
            signature_form: None,
            timestamp: None,
            nonce: None,
            key_id: None,
            body: BodyFormat::Opaque,
            charset: Charset::Utf8,
            event: None,
            content,
            ambiguous_join: false,
            max_age: None,
            identity: vec![IdentityPart::Content],
            keep: KEEP,
            failure: Vec::new(),
        }
    }

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

    /// Whether such top-level fields are left out of the signed text.
    #[must_use]
    pub fn omits(&self, field: Field<'_, '_>) -> bool {
        self.omits_empty() && field.is_empty()
    }

    /// Whether it joins body fields, so that its signed text can be read in several ways.
    #[must_use]
    pub fn joins_fields(&self) -> bool {
        matches!(self.content.form, Form::SortedFields(_))
    }

    /// Whether verification requires a body with fields.
    pub(crate) fn needs_fields(&self) -> bool {
        let sources = [
            Some(&self.signature.source),
            self.timestamp.as_ref().map(|rule| &rule.source),
            self.nonce.as_ref().map(|rule| &rule.source),
        ];
        let mut sources = sources.into_iter().flatten();
        self.joins_fields() || sources.any(|source| matches!(source, Source::Field(_)))
    }

    /// The format of its bodies. A scheme that finds values in fields has bodies with fields,
    /// whatever it declares, and a backend must not read them in another format.
    #[must_use]
    pub fn body_format(&self) -> BodyFormat {
        if self.names_fields() {
            self.body.of_fields()
        } else {
            self.body
        }
    }

    /// Whether it finds any value in a body field, during or after verification.
    fn names_fields(&self) -> bool {
        let is_field = |part: &IdentityPart| matches!(part, IdentityPart::Field(_));
        self.needs_fields() || self.event.is_some() || self.identity.iter().any(is_field)
    }

    /// Whether some or all of its callbacks can be read in several ways under one signature.
    #[must_use]
    pub fn may_be_ambiguous(&self) -> bool {
        self.joins_fields() || self.ambiguous_join
    }

    /// Whether empty top-level fields are left out of the signed text.
    #[must_use]
    pub fn omits_empty(&self) -> bool {
        matches!(&self.content.form, Form::SortedFields(form) if form.omit_empty)
    }

    /// The schemes that come with Countersign.
    #[must_use]
    pub fn built_in() -> &'static [Self] {
        &BUILT_IN
    }

    /// The built-in scheme with this name.
    #[must_use]
    pub fn find_built_in(name: &str) -> Option<&'static Self> {
        BUILT_IN.iter().find(|scheme| scheme.name == name)
    }
}
