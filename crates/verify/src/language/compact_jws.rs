//! A JWS in its compact serialization (RFC 7515, section 7.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use once_cell::unsync::OnceCell;

use super::expression_value::Scratch;
use super::value_fault::{EvaluationFault, ValueFault};
use crate::json::JsonValue;
use crate::reason::{At, Reason, Rejection};

/// The most characters of a header: some hold a chain of certificates.
const MAX_HEADER: usize = 16 << 10;

/// The most characters of a signature: one of an RSA key of 8192 bits has fewer.
const MAX_SIGNATURE: usize = 2 << 10;

/// A token, taken apart. Nothing in it is verified yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CompactJws<'v> {
    /// The header as it is written: it is signed so.
    pub(super) header_text: &'v str,
    /// The payload as it is written; empty if the token does not contain it.
    pub(super) payload_text: &'v str,
    pub(super) header: JsonValue<'v, 'v>,
    pub(super) signature: &'v [u8],
}

/// The token of a callback, read once.
#[derive(Default)]
pub(crate) struct TokenCells<'v> {
    pub(super) token: OnceCell<Result<CompactJws<'v>, EvaluationFault>>,
    pub(super) claims: OnceCell<Result<JsonValue<'v, 'v>, ValueFault>>,
}

impl<'v> CompactJws<'v> {
    /// Takes a token apart, and refuses it unless its `alg` is the wanted one: which algorithm and
    /// which extensions there are is not for the token to choose.
    pub(super) fn read(
        text: &'v str,
        wanted: &str,
        is_detached: bool,
        scratch: &'v Scratch<'v>,
    ) -> Result<Self, ValueFault> {
        let mut parts = text.split('.');
        let (Some(header_text), Some(payload_text), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(ValueFault::Malformed);
        };
        if header_text.len() > MAX_HEADER || signature.len() > MAX_SIGNATURE {
            return Err(ValueFault::TooLong);
        }
        // Two payloads, one in the token and one outside, could be read as either.
        if payload_text.is_empty() != is_detached {
            return Err(ValueFault::Malformed);
        }
        let header = object(header_text, scratch)?;
        let alg = header.get("alg").and_then(JsonValue::as_str);
        if alg.as_deref() != Some(wanted) {
            return Err(refused(Reason::AlgorithmNotAllowed, "{jose:alg}"));
        }
        // `crit` names extensions that change what is signed (section 4.1.11); `b64` is one of them
        // (RFC 7797).
        for (name, place) in [("crit", "{jose:crit}"), ("b64", "{jose:b64}")] {
            if header.get(name).is_some() {
                return Err(refused(Reason::ValueUnexpected, place));
            }
        }
        Ok(Self {
            header_text,
            payload_text,
            header,
            signature: decode(signature, scratch)?,
        })
    }

    /// The claims: the payload, if it is a JSON object.
    pub(super) fn claims(&self, scratch: &'v Scratch<'v>) -> Result<JsonValue<'v, 'v>, ValueFault> {
        object(self.payload_text, scratch)
    }
}

fn object<'v>(part: &str, scratch: &'v Scratch<'v>) -> Result<JsonValue<'v, 'v>, ValueFault> {
    let value = scratch.document(decode(part, scratch)?)?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(ValueFault::Malformed)
    }
}

/// A part of the token: not empty, and written in the one way that base64url has without padding.
fn decode<'v>(part: &str, scratch: &'v Scratch<'v>) -> Result<&'v [u8], ValueFault> {
    let bytes = URL_SAFE_NO_PAD.decode(part);
    let bytes = bytes.map_err(|_| ValueFault::Malformed)?;
    if bytes.is_empty() {
        return Err(ValueFault::Malformed);
    }
    scratch.bytes(bytes)
}

fn refused(reason: Reason, place: &str) -> ValueFault {
    Rejection::at(reason, At::Value(place.to_owned())).into()
}
