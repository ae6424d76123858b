//! The first step: what the callback presents as its signature, timestamp, nonce and key id.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::body::{Body, BodyFormat};
use super::callback::Callback;
use super::content_type;
use super::hex::decode_hex;
use super::memory::MemoryBudget;
use super::reason::{At, Reason, Rejection, VerifyError};
use super::scheme::{
    NonceRule, Scheme, SignatureEncoding, SignatureForm, Source, TimeUnit, TimestampRule,
};
use super::verify_steps::{CallbackValue, VerifySteps};

/// The most characters of a signature: twice what an 8192-bit key gives in hexadecimal.
const MAX_SIGNATURE_TEXT: usize = 4096;

/// What a callback's header presents, before any of its body is parsed. Nearly everything that
/// strangers send is refused here, at the cost of checking a few lines.
pub(super) struct Unread<'a> {
    callback: Callback<'a>,
    /// If the scheme has it in a header.
    signature: Option<Vec<u8>>,
    key_id: Option<&'a str>,
}

/// What a callback presents. Nothing in it is verified yet.
#[derive(Debug)]
pub(super) struct Presented<'a> {
    pub(super) callback: Callback<'a>,
    /// The body, parsed if the scheme uses any of its fields.
    pub(super) body: Body<'a>,
    pub(super) signature: Vec<u8>,
    pub(super) timestamp: Option<Timestamp<'a>>,
    pub(super) nonce: Option<Cow<'a, str>>,
    pub(super) key_id: Option<&'a str>,
}

impl Presented<'_> {
    /// Reports what was found, except the timestamp, which is reported when it is checked.
    pub(super) fn show<S: VerifySteps>(&self, steps: &mut S) {
        steps.found(CallbackValue::Signature, &self.signature);
        if let Some(nonce) = &self.nonce {
            steps.found(CallbackValue::Nonce, nonce.as_bytes());
        }
        if let Some(key_id) = self.key_id {
            steps.found(CallbackValue::KeyId, key_id.as_bytes());
        }
    }
}

/// A timestamp as received, and its value.
#[derive(Debug)]
pub(super) struct Timestamp<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) unix_seconds: i64,
}

impl<'a> Unread<'a> {
    /// Reads what the header says about the body, the signature and the key. `format` is what the
    /// scheme or the route reads.
    pub(super) fn find(
        scheme: &Scheme,
        callback: Callback<'a>,
        format: BodyFormat,
    ) -> Result<Self, Rejection> {
        content_type::check(&callback, format, scheme.charset)?;
        let finder = Finder {
            headers: callback.headers,
            body: &Body::Opaque(callback.body),
        };
        let rule = &scheme.signature;
        let signature = match rule.source {
            Source::Header(_) => Some(finder.signature(scheme)?),
            Source::Field(_) => None,
        };
        let key_id = match &scheme.key_id {
            Some(header) => Some(finder.header(header, &KEY_ID)?),
            None => None,
        };
        Ok(Self {
            callback,
            signature,
            key_id,
        })
    }

    /// The signature, if it is in the header.
    pub(super) fn signature(&self) -> Option<&[u8]> {
        self.signature.as_deref()
    }

    /// Parses the body if the scheme needs it, and finds everything else that the scheme names.
    pub(super) fn read(
        self,
        scheme: &Scheme,
        memory: &mut dyn MemoryBudget,
    ) -> Result<Presented<'a>, VerifyError> {
        let Self {
            callback,
            signature,
            key_id,
        } = self;
        let body = if scheme.needs_fields() {
            Body::read(scheme.body_format(), scheme.charset, callback.body, memory)?
        } else {
            Body::Opaque(callback.body)
        };
        let finder = Finder {
            headers: callback.headers,
            body: &body,
        };
        let signature = match signature {
            Some(signature) => signature,
            None => finder.signature(scheme)?,
        };
        let timestamp = scheme
            .timestamp
            .as_ref()
            .map(|rule| finder.timestamp(rule, scheme.timestamp_digits()))
            .transpose()?;
        let nonce = scheme
            .nonce
            .as_ref()
            .map(|rule| finder.nonce(rule))
            .transpose()?;
        Ok(Presented {
            callback,
            signature,
            timestamp,
            nonce,
            key_id,
            body,
        })
    }
}

/// The reasons that go with one role of a header or field.
pub(super) struct Role {
    missing: Reason,
    repeated: Reason,
    malformed: Reason,
}

const SIGNATURE: Role = Role {
    missing: Reason::SignatureMissing,
    repeated: Reason::SignatureRepeated,
    malformed: Reason::SignatureMalformed,
};
const TIMESTAMP: Role = Role {
    missing: Reason::TimestampMissing,
    repeated: Reason::TimestampRepeated,
    malformed: Reason::TimestampMalformed,
};
const NONCE: Role = Role {
    missing: Reason::NonceMissing,
    repeated: Reason::NonceRepeated,
    malformed: Reason::NonceMalformed,
};
pub(super) const KEY_ID: Role = Role {
    missing: Reason::KeyIdMissing,
    repeated: Reason::KeyIdRepeated,
    malformed: Reason::KeyIdMalformed,
};
pub(super) const HEADER: Role = Role {
    missing: Reason::HeaderMissing,
    repeated: Reason::HeaderRepeated,
    malformed: Reason::HeaderMalformed,
};

/// The value of a header that must occur exactly once.
pub(super) fn single<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
    role: &Role,
) -> Result<&'a str, Rejection> {
    let fault = |reason| Rejection::at(reason, At::Header(name.clone()));
    let mut values = headers.get_all(name).iter();
    let value: &HeaderValue = values.next().ok_or_else(|| fault(role.missing))?;
    if values.next().is_some() {
        return Err(fault(role.repeated));
    }
    std::str::from_utf8(value.as_bytes()).map_err(|_| fault(role.malformed))
}

struct Finder<'d, 'a> {
    headers: &'a HeaderMap,
    body: &'d Body<'a>,
}

impl<'a> Finder<'_, 'a> {
    fn header(&self, name: &HeaderName, role: &Role) -> Result<&'a str, Rejection> {
        let value = single(self.headers, name, role)?;
        if value.is_empty() {
            return Err(Rejection::at(role.missing, At::Header(name.clone())));
        }
        Ok(value)
    }

    /// The text of a header or field; whole numbers count as text if `numbers` says so.
    fn text(&self, source: &Source, role: &Role, numbers: bool) -> Result<Cow<'a, str>, Rejection> {
        match source {
            Source::Header(name) => self.header(name, role).map(Cow::Borrowed),
            Source::Field(name) => {
                let fault = |reason| Rejection::at(reason, At::Field(name.clone()));
                let field = self.body.field(name).filter(|field| !field.is_null());
                let field = field.ok_or_else(|| fault(role.missing))?;
                if let Some(digits) = field.whole_number().filter(|_| numbers) {
                    return Ok(digits.into());
                }
                match field.text() {
                    Some(text) if text.is_empty() => Err(fault(role.missing)),
                    Some(text) => Ok(text),
                    None => Err(fault(role.malformed)),
                }
            }
        }
    }

    fn signature(&self, scheme: &Scheme) -> Result<Vec<u8>, Rejection> {
        let rule = &scheme.signature;
        let text = self.text(&rule.source, &SIGNATURE, false)?;
        if text.len() > MAX_SIGNATURE_TEXT {
            return Err(Rejection::at(Reason::SignatureTooLong, at(&rule.source)));
        }
        let bytes = match rule.encoding {
            // Padded and canonical: no white space, no stray bits after the last byte.
            SignatureEncoding::Base64 => STANDARD.decode(text.as_bytes()).ok(),
            SignatureEncoding::Hex => decode_hex(&text),
        };
        let (form, algorithm) = (scheme.signature_form, scheme.algorithm);
        let in_form = |bytes: Vec<u8>| match SignatureForm::read(form, algorithm, &bytes)? {
            Cow::Borrowed(_) => Some(bytes),
            Cow::Owned(bytes) => Some(bytes),
        };
        bytes
            .and_then(in_form)
            .ok_or_else(|| Rejection::at(Reason::SignatureMalformed, at(&rule.source)))
    }

    /// `digits` is the required number of digits, if it matters.
    fn timestamp(
        &self,
        rule: &TimestampRule,
        digits: Option<usize>,
    ) -> Result<Timestamp<'a>, Rejection> {
        let text = self.text(&rule.source, &TIMESTAMP, true)?;
        let value = whole_number(&text)
            .filter(|_| digits.is_none_or(|digits| text.len() == digits))
            .ok_or_else(|| Rejection::at(Reason::TimestampMalformed, at(&rule.source)))?;
        let unix_seconds = match rule.unit {
            TimeUnit::Seconds => value,
            TimeUnit::Milliseconds => value.div_euclid(1000),
        };
        Ok(Timestamp { text, unix_seconds })
    }

    fn nonce(&self, rule: &NonceRule) -> Result<Cow<'a, str>, Rejection> {
        let text = self.text(&rule.source, &NONCE, false)?;
        if text.chars().nth(rule.max_length).is_some() {
            return Err(Rejection::at(Reason::NonceTooLong, at(&rule.source)));
        }
        Ok(text)
    }
}

fn at(source: &Source) -> At {
    match source {
        Source::Header(name) => At::Header(name.clone()),
        Source::Field(name) => At::Field(name.clone()),
    }
}

/// One spelling per number: `+5`, `05` and `5 ` are refused, because no signer writes them and
/// parsers disagree on them.
pub(super) fn whole_number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = text == "0" || !text.starts_with('0');
    (digits && canonical).then(|| text.parse().ok()).flatten()
}
