//! Why a callback was refused: a closed list with stable codes.

use std::fmt;

use http::HeaderName;

use super::memory::OutOfMemory;

crate::closed_list! {
    /// Why a callback was refused, in the order of the checks. If the signature is a body field,
    /// the body is parsed before the signature is checked.
    ///
    /// The code is the same word in the log, the metrics, the documentation and, if a route exposes
    /// it, the answer. Codes are never reused or renamed.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum Reason

    HandshakeUnsupported = "handshake_unsupported", "The request asks to confirm a subscription in a way that the proxy cannot: somebody must do it by hand ([schemes.md](schemes.md#handshakes)).";
    ContentEncoded = "content_encoded", "Content-Encoding says that the body is compressed: a backend would read different bytes from the ones that were verified.";
    ContentTypeAmbiguous = "content_type_ambiguous", "Content-Type occurs more than once, or names a character set in which the body reads differently than in UTF-8: a backend could see different fields from the ones that were verified.";
    ContentTypeNotJson = "content_type_not_json", "The scheme or the route reads the body as JSON, but Content-Type names another format: a backend that parses it as a form would see different fields from the ones that were verified, or none.";
    ContentTypeNotForm = "content_type_not_form", "The scheme reads the body as a form, but Content-Type is missing or names another format: a backend would see no fields, or different ones from those that were verified.";
    ContentTypeNotXml = "content_type_not_xml", "The scheme reads the body as XML, but Content-Type names another format: a backend that parses it as a form would see different fields from the ones that were verified, or none.";
    SignatureMissing = "signature_missing", "The signature header or field is missing or empty.";
    SignatureRepeated = "signature_repeated", "The signature header occurs more than once.";
    SignatureMalformed = "signature_malformed", "The signature is not valid in the scheme's encoding (strict base64 or hex), or not in its form of ECDSA (DER, where the scheme says so).";
    SignatureTooLong = "signature_too_long", "The signature is longer than the largest supported key could produce.";
    KeyIdMissing = "key_id_missing", "The header that selects the key is missing or empty.";
    KeyIdRepeated = "key_id_repeated", "The header that selects the key occurs more than once.";
    KeyIdMalformed = "key_id_malformed", "The header that selects the key is not valid UTF-8.";
    KeyUnknown = "key_unknown", "The header that selects the key names no key of the route: the merchant is not configured, or the sender is a stranger.";
    SignatureWrongLength = "signature_wrong_length", "The signature's length fits no key of the route: it was truncated, or made with another key or algorithm.";
    BodyEmpty = "body_empty", "The scheme signs body fields, but the body is empty.";
    BodyNotUtf8 = "body_not_utf8", "The scheme signs the body as text, but the body is not valid UTF-8.";
    BodyNotInCharset = "body_not_in_charset", "A value of the form is not valid in the scheme's character set, or only some decoders read it.";
    TooManyFields = "too_many_fields", "A form or a query has more than 1,000 fields (empty parts count), or XML more than 10,000 elements: backends would drop some.";
    FormInvalid = "form_invalid", "The body is not a form that every parser reads alike: a percent code without two digits, a raw `;`, a NUL, a part without `=`, a field without a name, unbalanced brackets in a name, or a byte-order mark.";
    XmlInvalid = "xml_invalid", "The body is not well-formed XML, starts with a byte-order mark, or has a raw carriage return in a value.";
    XmlNotFlat = "xml_not_flat", "The body's XML has nested elements, attributes, namespaces, or text beside its elements or beside a CDATA section: the scheme reads elements that contain only text.";
    XmlForbidden = "xml_forbidden", "The body's XML has a document type, an entity, a comment or a processing instruction, or is declared in another encoding than UTF-8.";
    JsonByteOrderMark = "json_byte_order_mark", "The body starts with a byte-order mark, which parsers treat differently.";
    JsonInvalid = "json_invalid", "The body is not valid JSON (RFC 8259).";
    JsonNotObject = "json_not_object", "The body is JSON, but not an object.";
    JsonTrailingBytes = "json_trailing_bytes", "The body has extra data after its JSON object.";
    JsonLoneSurrogate = "json_lone_surrogate", "A string in the body escapes only half of a surrogate pair, which parsers treat differently.";
    JsonTooDeep = "json_too_deep", "The body's JSON is nested more than 64 levels deep.";
    FieldRepeated = "field_repeated", "An object in the body has two members with the same name, or with names that differ only in case and are not both covered by the signature: parsers disagree on which one counts. In a form, names that PHP takes for one (`a.b` and `a_b`), or of which one holds the other (`a` and `a[b]`), count as the same. So does, alone, a name that the signature does not cover and some reader takes for one that it does.";
    QueryInvalid = "query_invalid", "The query is not one that every parser reads alike: a percent code without two digits, a raw `;`, a NUL, or text that is not valid in the scheme's character set.";
    QueryRepeated = "query_repeated", "The query has two parameters with the same name, or with names that PHP takes for one; or one that the signature does not cover, with a name that some reader takes for that of one it does (`Order` and `order`, `order[x]` and `order`).";
    QueryShadowsField = "query_shadows_field", "The signature is valid, but the target, which it does not cover, has a query parameter with the name of a field in the form: a backend that reads both into one, such as a Java servlet, would take the parameter's value.";
    TimestampMissing = "timestamp_missing", "The timestamp header or field is missing or empty.";
    TimestampRepeated = "timestamp_repeated", "The timestamp header occurs more than once.";
    TimestampMalformed = "timestamp_malformed", "The timestamp is not a whole number of at most 19 digits, without sign or leading zero. Where the signed text has another value directly next to it, it must have exactly 10 digits (13 for milliseconds).";
    NonceMissing = "nonce_missing", "The nonce header or field is missing or empty.";
    NonceRepeated = "nonce_repeated", "The nonce header occurs more than once.";
    NonceMalformed = "nonce_malformed", "The nonce is not valid UTF-8.";
    NonceTooLong = "nonce_too_long", "The nonce has more characters than the scheme allows.";
    HeaderMissing = "header_missing", "Another header that the scheme signs is missing.";
    HeaderRepeated = "header_repeated", "Another header that the scheme signs occurs more than once; or a header that the verification reads is accompanied by a second spelling of its name (`V_Api_Key` next to `V-Api-Key`), which CGI, WSGI and PHP treat as the same header.";
    HeaderMalformed = "header_malformed", "Another header that the scheme signs is not valid UTF-8.";
    ValueMissing = "value_missing", "Another value that the scheme needs is missing or null.";
    ValueRepeated = "value_repeated", "Another value that the scheme needs occurs more than once.";
    ValueMalformed = "value_malformed", "Another value that the scheme needs does not have the form that a filter of its expression needs.";
    ValueUnexpected = "value_unexpected", "A value is not what the scheme's `check` or `require` allows, such as the version of the signature or the digest of the body; or what a handshake's `check` or `allowed` does. Or the signed content is what a handshake signs for whoever asks.";
    AlgorithmNotAllowed = "algorithm_not_allowed", "The callback names an algorithm that is not in the scheme's closed choice.";
    TooManySignatures = "too_many_signatures", "The callback has so many signatures that trying all keys over all candidates for the signed content would take more than 32 attempts.";
    TargetMalformed = "target_malformed", "The scheme signs the request target as text, but the target is not valid UTF-8.";
    SignatureMismatch = "signature_mismatch", "No key of the route made this signature over this content: the callback is forged or was altered in transit, or the wrong key is configured.";
    TimestampStale = "timestamp_stale", "The signature is valid, but its timestamp is older than the route allows: a replay, or a clock that is behind.";
    TimestampFuture = "timestamp_future", "The signature is valid, but its timestamp is further in the future than the route allows: a clock is wrong.";
    BodyUnexpected = "body_unexpected", "The signature is valid, but there is a body, which it does not cover; the route takes callbacks without one: somebody added it in transit, or the provider sends it.";
    FieldUnsigned = "field_unsigned", "The signature is valid but does not cover this body field, for its name or because it is empty, and the route refuses unsigned fields: somebody added it in transit, or the provider sends it.";
    FieldMissing = "field_missing", "The signature is valid, but the body lacks a field that the route requires, or the field is empty and the scheme does not sign empty fields: fields were moved into one another, or this is another kind of callback.";
    FieldTypeWrong = "field_type_wrong", "The signature is valid, but a field that the route requires has a different JSON type: it was changed in transit where the scheme signs both types alike, or the route's requirement is wrong.";
    ContentAmbiguous = "content_ambiguous", "The signature is valid, but this body field could have been signed as several others, and the route refuses that: fields were moved into one another, or a value looks as if they had been.";
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The place of the fault in the callback.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum At {
    /// A header.
    Header(HeaderName),
    /// A byte of the body, counted from 0.
    BodyByte(usize),
    /// A byte of the request target, counted from 0.
    TargetByte(usize),
    /// A top-level field of the body.
    Field(String),
    /// Another value, as the scheme's expression writes it.
    Value(String),
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(f, "header:{name}"),
            Self::BodyByte(at) => write!(f, "body:{at}"),
            Self::TargetByte(at) => write!(f, "target:{at}"),
            Self::Field(name) => write!(f, "field:{}", name.escape_debug()),
            Self::Value(expression) => write!(f, "value:{}", expression.escape_debug()),
        }
    }
}

/// More about a refusal: a value from the callback that is not secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Detail {
    /// The unknown key id, or its beginning.
    KeyId(String),
    /// The difference between the timestamp and now, in seconds.
    Skew(i64),
}

impl Detail {
    /// The most characters of a key id.
    const MAX: usize = 64;

    /// A key id, which a stranger may have chosen.
    pub(super) fn key_id(id: &str) -> Self {
        let is_long = id.chars().nth(Self::MAX).is_some();
        let cut = is_long.then_some('…');
        Self::KeyId(id.chars().take(Self::MAX).chain(cut).collect())
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyId(id) => write!(f, "key_id:{id}"),
            // Negative: it was signed before now.
            Self::Skew(seconds) => write!(f, "skew:{seconds:+}s"),
        }
    }
}

/// A refusal: the reason and, if there is a single one, the place.
///
/// It contains names and positions, and no values of the callback except those in [`Detail`], so it
/// may be logged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}{}", at.as_ref().map(|at| format!(" ({at})")).unwrap_or_default())]
#[non_exhaustive]
pub struct Rejection {
    /// The reason.
    pub reason: Reason,
    /// The place, if there is a single one.
    pub at: Option<At>,
    /// More about the refusal, for the log only. It may contain any character.
    pub detail: Option<Detail>,
}

impl Rejection {
    /// A refusal at a place.
    #[must_use]
    pub fn at(reason: Reason, at: At) -> Self {
        Self {
            reason,
            at: Some(at),
            detail: None,
        }
    }

    /// The same refusal with a detail.
    #[must_use]
    pub(super) fn with(self, detail: Detail) -> Self {
        Self {
            detail: Some(detail),
            ..self
        }
    }
}

impl From<Reason> for Rejection {
    fn from(reason: Reason) -> Self {
        Self {
            reason,
            at: None,
            detail: None,
        }
    }
}

/// Why there is no [`Verified`](super::Verified).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The callback is refused.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// There was not enough memory for a verdict.
    #[error(transparent)]
    OutOfMemory(#[from] OutOfMemory),
}

impl VerifyError {
    /// The refusal, if memory was unlimited.
    #[must_use]
    pub fn of_plenty(self) -> Rejection {
        match self {
            Self::Rejected(rejection) => rejection,
            // This cannot happen. If it did, the callback must not pass.
            Self::OutOfMemory(OutOfMemory) => Reason::JsonInvalid.into(),
        }
    }
}

impl From<Reason> for VerifyError {
    fn from(reason: Reason) -> Self {
        Self::Rejected(reason.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_snake_case() {
        let mut codes: Vec<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
        assert!(codes.iter().all(|code| {
            code.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        }));
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Reason::ALL.len());
    }
}
