//! Why a callback was refused: a closed list with stable codes.

use std::fmt;

use http::HeaderName;

use super::memory::OutOfMemory;

/// Declares [`Reason`] once: the variant, its code, and the meaning that `docs/reasons.md` repeats.
macro_rules! reasons {
    ($($variant:ident = $code:literal, $meaning:literal;)+) => {
        /// Why a callback was refused.
        ///
        /// The code is the same word in the log, the metrics, the documentation and, where a route
        /// exposes it, the answer. Codes are never reused or renamed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Reason {
            $(#[doc = $meaning] $variant,)+
        }

        impl Reason {
            /// Every reason, in the order of the checks. Where the signature is a field of the body, the body
            /// is read before it.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable code: lower-case words joined by `_`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// One sentence: what was found, and who is usually at fault.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning,)+
                }
            }
        }
    };
}

reasons! {
    ContentEncoded = "content_encoded", "The body is labelled as compressed (Content-Encoding): a backend would read other bytes than were verified.";
    ContentTypeAmbiguous = "content_type_ambiguous", "Content-Type is there more than once, or names a character set in which its body reads otherwise than in UTF-8: a backend could read other fields than were verified.";
    ContentTypeNotJson = "content_type_not_json", "The scheme or the route reads the body as JSON, and Content-Type says that it is something else: as a form, a backend would see other fields than were verified, or none.";
    SignatureMissing = "signature_missing", "The signature's header or field is not there, or is empty.";
    SignatureRepeated = "signature_repeated", "The signature's header is there more than once.";
    SignatureMalformed = "signature_malformed", "The signature is not text in the scheme's encoding (strict base64 or hex).";
    SignatureTooLong = "signature_too_long", "The signature is longer than the largest key could make.";
    KeyIdMissing = "key_id_missing", "The header that picks the key is not there, or is empty.";
    KeyIdRepeated = "key_id_repeated", "The header that picks the key is there more than once.";
    KeyIdMalformed = "key_id_malformed", "The header that picks the key holds bytes that are not UTF-8.";
    KeyUnknown = "key_unknown", "The header that picks the key names none that the route knows: a merchant not configured, or a stranger.";
    SignatureWrongLength = "signature_wrong_length", "The signature's length fits no key of the route: cut off, or another key's.";
    BodyEmpty = "body_empty", "The scheme signs body fields, and the body has no bytes.";
    BodyNotUtf8 = "body_not_utf8", "The scheme signs the body as text, and it is not UTF-8.";
    JsonByteOrderMark = "json_byte_order_mark", "The body begins with a byte-order mark; parsers disagree on it.";
    JsonInvalid = "json_invalid", "The body is not JSON (RFC 8259).";
    JsonNotObject = "json_not_object", "The body is JSON, but not an object.";
    JsonTrailingBytes = "json_trailing_bytes", "Something follows the body's JSON object.";
    JsonLoneSurrogate = "json_lone_surrogate", "A string of the body escapes half of a surrogate pair; parsers disagree on it.";
    JsonTooDeep = "json_too_deep", "The body's JSON is nested deeper than 64 levels.";
    FieldRepeated = "field_repeated", "An object of the body has two members of one name, or two that differ in case only and of which the signature does not cover both; parsers disagree on which counts.";
    TimestampMissing = "timestamp_missing", "The signing time's header or field is not there, or is empty.";
    TimestampRepeated = "timestamp_repeated", "The signing time's header is there more than once.";
    TimestampMalformed = "timestamp_malformed", "The signing time is not a whole number of at most 19 digits, without sign or leading zero; or, where the signed text has another value right beside it, not one of 10 digits (13 of milliseconds).";
    NonceMissing = "nonce_missing", "The nonce's header or field is not there, or is empty.";
    NonceRepeated = "nonce_repeated", "The nonce's header is there more than once.";
    NonceMalformed = "nonce_malformed", "The nonce holds bytes that are not UTF-8.";
    NonceTooLong = "nonce_too_long", "The nonce has more characters than the scheme allows.";
    HeaderMissing = "header_missing", "Another header that the scheme signs is not there.";
    HeaderRepeated = "header_repeated", "Another header that the scheme signs is there more than once; or a header that was read for the verification has a second spelling beside it (`V_Api_Key` beside `V-Api-Key`), which CGI, WSGI and PHP take for the same.";
    HeaderMalformed = "header_malformed", "Another header that the scheme signs holds bytes that are not UTF-8.";
    TargetMalformed = "target_malformed", "The scheme signs the request target as text, and it is not UTF-8.";
    SignatureMismatch = "signature_mismatch", "No key of the route made this signature over this content: forged, altered on the way, or the wrong key configured.";
    TimestampStale = "timestamp_stale", "The signature is genuine but older than the route allows: a replay, or a clock that is behind.";
    TimestampFuture = "timestamp_future", "The signature is genuine but its time lies further ahead than the route allows: a clock is wrong.";
    FieldUnsigned = "field_unsigned", "The signature is genuine but does not cover this field of the body, which is empty, and the route refuses such fields: added on the way, or the provider sends them.";
    FieldMissing = "field_missing", "The signature is genuine but the body lacks a field that the route requires, or has it empty where the scheme does not sign empty fields: fields that were moved into others, or another kind of callback.";
    FieldTypeWrong = "field_type_wrong", "The signature is genuine but a field that the route requires has another JSON type: changed on the way where the scheme signs types alike, or the route is wrong about it.";
    ContentAmbiguous = "content_ambiguous", "The signature is genuine but this field of the body could have been signed as others, and the route refuses that: fields that were moved into one another, or a value that reads as if they were.";
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Where in the callback the fault is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum At {
    /// A header.
    Header(HeaderName),
    /// A byte of the body, counted from 0.
    BodyByte(usize),
    /// A top-level field of the body.
    Field(String),
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(f, "header:{name}"),
            Self::BodyByte(at) => write!(f, "body:{at}"),
            Self::Field(name) => write!(f, "field:{}", name.escape_debug()),
        }
    }
}

/// What else there is to say of a refusal: a value of the callback that is no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Detail {
    /// The key id that no key has, or its beginning.
    KeyId(String),
    /// How far the signing time lies behind now, or ahead of it, in seconds.
    Skew(i64),
}

impl Detail {
    /// The most characters of a key id.
    const MAX: usize = 64;

    /// A key id that a stranger may have chosen.
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

/// A refusal: the reason, and where there is one, the place.
///
/// It holds names and positions, and of the callback's values only those of [`Detail`], so that it
/// may be logged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}{}", at.as_ref().map(|at| format!(" ({at})")).unwrap_or_default())]
#[non_exhaustive]
pub struct Rejection {
    /// Why.
    pub reason: Reason,
    /// Where, if one place is at fault.
    pub at: Option<At>,
    /// What else there is to say, which is for the log alone and may hold any character.
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

    /// The same refusal with something more to say.
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
pub enum Failure {
    /// The callback is refused.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// There is no verdict.
    #[error(transparent)]
    OutOfMemory(#[from] OutOfMemory),
}

impl Failure {
    /// The refusal, where there was all the memory that was asked for.
    pub(super) fn of_plenty(self) -> Rejection {
        match self {
            Self::Rejected(rejection) => rejection,
            // It never is, and if it were, the callback must not pass.
            Self::OutOfMemory(OutOfMemory) => Reason::JsonInvalid.into(),
        }
    }
}

impl From<Reason> for Failure {
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
