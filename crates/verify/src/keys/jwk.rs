//! JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037), alone and in sets.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::key_error::{JwkError, KeyError};
use super::secret::Secret;
use super::verifying_key::VerifyingKey;
use super::{ec, ed25519, rsa_public_key};
use crate::algorithm::{Algorithm, Curve};
use crate::jose_algorithms::JOSE_ALGORITHMS;
use crate::json::{self, JsonKind, JsonValue};

/// The members that only private keys have, apart from `k` of a secret.
const PRIVATE: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth"];

/// One key.
pub(super) struct Jwk {
    /// Its `kid`.
    pub(super) id: Option<String>,
    pub(super) is_of_set: bool,
    pub(super) kind: Box<dyn VerifyingKey>,
    /// The only algorithm that it may be used with, if it names one.
    pub(super) algorithm: Option<Algorithm>,
}

/// Reads a key, or all keys of a set that verify signatures: at least one. A set may also have keys
/// for other uses and of other kinds, which count for nothing (section 5), but no private ones and no
/// secrets.
pub(super) fn read(json: &[u8]) -> Result<Vec<Jwk>, KeyError> {
    let document = json::parse(json).map_err(|error| JwkError::Json(error.at))?;
    let root = document.root();
    if is_private(root) {
        return Err(private());
    }
    let Some(set) = root.get("keys") else {
        return Ok(vec![key(root)?]);
    };
    if set.kind() != JsonKind::Array {
        return Err(JwkError::Member("keys").into());
    }
    let mut keys = Vec::new();
    for (_, member) in set.members() {
        match key(member) {
            Ok(key) => keys.push(Jwk {
                is_of_set: true,
                ..key
            }),
            Err(KeyError::BadJwk(JwkError::Unsupported(_) | JwkError::OtherUse(_)))
                if member.get("k").is_none() => {}
            Err(KeyError::BadJwk(JwkError::Unsupported(_) | JwkError::OtherUse(_))) => {
                return Err(private());
            }
            Err(error) => return Err(error),
        }
    }
    if keys.is_empty() {
        return Err(JwkError::NoKeys.into());
    }
    Ok(keys)
}

fn key(value: JsonValue<'_, '_>) -> Result<Jwk, KeyError> {
    if is_private(value) {
        return Err(private());
    }
    let kty = text(value, "kty")?.ok_or(JwkError::Member("kty"))?;
    if kty != "oct" && value.get("k").is_some() {
        return Err(private());
    }
    check_use(value)?;
    let algorithm = match text(value, "alg")? {
        None => None,
        Some(name) => {
            let known = JOSE_ALGORITHMS.iter().find(|(known, _)| *known == name);
            Some(known.ok_or(JwkError::Unsupported("alg"))?.1)
        }
    };
    let kind = match kty.as_str() {
        "RSA" => rsa_public_key::from_numbers(&number(value, "n")?, &number(value, "e")?)?,
        "EC" => curve_point(value)?,
        "OKP" => match text(value, "crv")?.as_deref() {
            Some("Ed25519") => ed25519::from_bytes(&sized(value, "x", ed25519::LENGTH)?)?,
            Some(_) => return Err(JwkError::Unsupported("crv").into()),
            None => return Err(JwkError::Member("crv").into()),
        },
        "oct" => Box::new(Secret::new(number(value, "k")?)?),
        _ => return Err(JwkError::Unsupported("kty").into()),
    };
    if algorithm.is_some_and(|algorithm| algorithm.key_kind() != kind.kind()) {
        return Err(JwkError::WrongAlgorithm.into());
    }
    let id = text(value, "kid")?.filter(|id| !id.is_empty());
    // It stands in logs and headers.
    if id
        .as_ref()
        .is_some_and(|id| id.chars().any(char::is_control))
    {
        return Err(JwkError::Characters("kid").into());
    }
    Ok(Jwk {
        id,
        is_of_set: false,
        kind,
        algorithm,
    })
}

/// Whether it has a member of a private key.
fn is_private(value: JsonValue<'_, '_>) -> bool {
    PRIVATE.iter().any(|name| value.get(name).is_some())
}

fn private() -> KeyError {
    KeyError::Private("JWK".to_owned())
}

/// Refuses a key for another use (sections 4.2 and 4.3).
fn check_use(value: JsonValue<'_, '_>) -> Result<(), KeyError> {
    if text(value, "use")?.is_some_and(|purpose| purpose != "sig") {
        return Err(JwkError::OtherUse("use").into());
    }
    let Some(operations) = value.get("key_ops") else {
        return Ok(());
    };
    if operations.kind() != JsonKind::Array {
        return Err(JwkError::Member("key_ops").into());
    }
    let mut operations = operations.members();
    match operations.any(|(_, name)| name.as_str().as_deref() == Some("verify")) {
        true => Ok(()),
        false => Err(JwkError::OtherUse("key_ops").into()),
    }
}

/// The coordinates have the full length of the curve (RFC 7518, section 6.2.1.2).
fn curve_point(value: JsonValue<'_, '_>) -> Result<Box<dyn VerifyingKey>, KeyError> {
    let curve = match text(value, "crv")?.as_deref() {
        Some("P-256") => Curve::P256,
        Some("P-384") => Curve::P384,
        Some("P-521") => Curve::P521,
        Some(_) => return Err(JwkError::Unsupported("crv").into()),
        None => return Err(JwkError::Member("crv").into()),
    };
    let mut point = vec![4];
    for name in ["x", "y"] {
        point.extend_from_slice(&sized(value, name, curve.bytes())?);
    }
    ec::from_sec1(curve, &point)
}

/// A member that is text, if it is there.
fn text(value: JsonValue<'_, '_>, name: &'static str) -> Result<Option<String>, KeyError> {
    let Some(member) = value.get(name) else {
        return Ok(None);
    };
    let text = member.as_str().ok_or(JwkError::Member(name))?;
    Ok(Some(text.into_owned()))
}

/// Bytes in base64url, at least one. They may be a secret.
fn number(value: JsonValue<'_, '_>, name: &'static str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let text = Zeroizing::new(text(value, name)?.ok_or(JwkError::Member(name))?);
    let bytes = URL_SAFE_NO_PAD.decode(text.as_bytes()).map(Zeroizing::new);
    let bytes = bytes.ok().filter(|bytes| !bytes.is_empty());
    Ok(bytes.ok_or(JwkError::Number(name))?)
}

/// The same of this length.
fn sized(
    value: JsonValue<'_, '_>,
    name: &'static str,
    length: usize,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let bytes = number(value, name)?;
    if bytes.len() == length {
        Ok(bytes)
    } else {
        Err(JwkError::Number(name).into())
    }
}
