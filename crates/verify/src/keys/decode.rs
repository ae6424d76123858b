//! The formats in which platforms publish public keys.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::SubjectPublicKeyInfoRef;
use x509_cert::Certificate;
use x509_cert::der::asn1::OctetStringRef;
use x509_cert::der::{Decode as _, Encode as _, Reader as _, SliceReader};

use super::jwk::{self, Jwk};
use super::key_certificate::KeyCertificate;
use super::key_error::{KeyError, unknown};
use super::rsa_public_key::{from_pkcs1, from_spki as rsa_from_spki};
use super::verifying_key::VerifyingKey;
use super::{PUBLIC_KINDS, ed25519};
use crate::hex::decode_hex;

/// What Standard Webhooks writes before the base64 of an Ed25519 public key.
pub(super) const ED25519_PREFIX: &[u8] = b"whpk_";

/// What a file of keys contains.
pub(super) enum Decoded {
    /// A key.
    One(DecodedKey),
    /// At least one JWK.
    Jwks(Vec<Jwk>),
}

/// A key, and the certificate that it was in.
pub(super) struct DecodedKey {
    pub(super) kind: Box<dyn VerifyingKey>,
    pub(super) certificate: Option<KeyCertificate>,
}

impl From<Box<dyn VerifyingKey>> for DecodedKey {
    fn from(kind: Box<dyn VerifyingKey>) -> Self {
        Self {
            kind,
            certificate: None,
        }
    }
}

/// Decodes a key from PEM, DER or one-line base64; a SubjectPublicKeyInfo, PKCS#1 or a certificate.
/// Or 32 bytes of Ed25519, or JWKs.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, KeyError> {
    let text = as_utf8(bytes);
    let bytes = &*text;
    if bytes.trim_ascii().is_empty() {
        return Err(KeyError::Empty);
    }
    if bytes.trim_ascii_start().first() == Some(&b'{') {
        return Ok(Decoded::Jwks(jwk::read(bytes)?));
    }
    let key = if contains(bytes, b"-----BEGIN ") {
        from_pem(bytes)?
    } else if bytes.first() == Some(&0x30) && !is_text(bytes) {
        // A DER SEQUENCE. Base64 can begin with that byte, too, but is text.
        from_der(bytes)?
    } else {
        let compact: Vec<u8> = bytes
            .iter()
            .copied()
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect();
        from_compact(&compact)?
    };
    Ok(Decoded::One(key))
}

/// Decodes a key from base64 of DER, or of the 32 bytes of an Ed25519 key, which can also be in
/// hexadecimal. No DER of a key has 32 bytes, and 64 hexadecimal digits are no base64 of DER, which begins
/// with `M`.
fn from_compact(text: &[u8]) -> Result<DecodedKey, KeyError> {
    let raw = text.strip_prefix(ED25519_PREFIX);
    let digits = std::str::from_utf8(text).ok().and_then(decode_hex);
    if let Some(key) = digits.filter(|key| key.len() == ed25519::LENGTH) {
        return ed25519::from_bytes(&key).map(DecodedKey::from);
    }
    let bytes = STANDARD.decode(raw.unwrap_or(text));
    let bytes = bytes.map_err(|_| KeyError::NotAKey)?;
    let is_raw = bytes.len() == ed25519::LENGTH && !begins_like_der(&bytes);
    if raw.is_some() || is_raw {
        return ed25519::from_bytes(&bytes).map(DecodedKey::from);
    }
    from_der(&bytes)
}

/// Whether these are the first bytes of a key's DER, which was cut off: a sequence as long as one of a
/// key, and a sequence or a number in it. One Ed25519 key in two million begins so, too, and can be
/// written in another format.
fn begins_like_der(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0x30, 0x2a | 0x59 | 0x76, 0x30 | 0x02, ..]
            | [0x30, 0x81, _, 0x30 | 0x02, ..]
            | [0x30, 0x82, _, _, 0x30 | 0x02, ..]
    )
}

/// The bytes without the mark that Windows puts in front of text, and UTF-16 as UTF-8. DER starts with
/// none of these marks.
pub(super) fn as_utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let (wide, unit): (_, fn([u8; 2]) -> u16) = match bytes {
        [0xEF, 0xBB, 0xBF, text @ ..] => return text.into(),
        [0xFF, 0xFE, wide @ ..] => (wide, u16::from_le_bytes),
        [0xFE, 0xFF, wide @ ..] => (wide, u16::from_be_bytes),
        _ => return bytes.into(),
    };
    let units = wide.chunks(2).map(|pair| match pair {
        [first, second] => unit([*first, *second]),
        _ => u16::from(u8::MAX),
    });
    String::from_utf16_lossy(&units.collect::<Vec<_>>())
        .into_bytes()
        .into()
}

fn is_text(bytes: &[u8]) -> bool {
    let is_text = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    bytes.iter().all(is_text)
}

pub(super) fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

fn from_pem(bytes: &[u8]) -> Result<DecodedKey, KeyError> {
    let blocks = pem::parse_many(bytes).map_err(|error| KeyError::BadPem(damage(&error)))?;
    // OpenSSL writes a curve's parameters before its private key.
    let is_private = |block: &&pem::Pem| block.tag().contains("PRIVATE KEY");
    if blocks.len() > 1
        && let Some(block) = blocks.iter().find(is_private)
    {
        return Err(KeyError::Private(block.tag().to_owned()));
    }
    let [block] = blocks.as_slice() else {
        return Err(match blocks.len() {
            0 => KeyError::BadPem("no complete block".to_owned()),
            several => KeyError::Several(several),
        });
    };
    let der = block.contents();
    // The content decides: labels are often wrong, and no content fits two formats.
    match block.tag() {
        "PUBLIC KEY" => from_der(der),
        "RSA PUBLIC KEY" => from_any(der, [from_rsa, from_info, from_certificate]),
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
            from_any(der, [from_certificate, from_info, from_rsa])
        }
        label if label.contains("PRIVATE KEY") => from_der(der).map_err(|error| match error {
            KeyError::Unusable(_) => error,
            _ => KeyError::Private(label.to_owned()),
        }),
        label => Err(KeyError::WrongLabel(label.to_owned())),
    }
}

/// What is wrong with a block, without a part of it.
fn damage(error: &pem::PemError) -> String {
    match error {
        pem::PemError::InvalidHeader(_) => "one of its lines is no header".to_owned(),
        pem::PemError::InvalidData(_) => "its contents are not base64".to_owned(),
        pem::PemError::MismatchedTags(..) => "its BEGIN and END have different labels".to_owned(),
        other => other.to_string(),
    }
}

pub(super) fn from_der(der: &[u8]) -> Result<DecodedKey, KeyError> {
    // Nearly all platforms publish a SubjectPublicKeyInfo.
    from_any(der, [from_info, from_rsa, from_certificate])
}

type FromDer = fn(&[u8]) -> Result<DecodedKey, KeyError>;

fn from_any(der: &[u8], formats: [FromDer; 3]) -> Result<DecodedKey, KeyError> {
    // The three formats share no encoding, so at most one attempt succeeds. If none does, report
    // the error of the first.
    let mut told = None;
    for attempt in formats {
        match attempt(der) {
            Err(KeyError::Unknown(error)) => told = told.or(Some(KeyError::Unknown(error))),
            decided => return decided,
        }
    }
    if is_private(der) {
        return Err(KeyError::Private("DER".to_owned()));
    }
    Err(told.unwrap_or(KeyError::NotAKey))
}

fn from_rsa(der: &[u8]) -> Result<DecodedKey, KeyError> {
    from_pkcs1(der).map(DecodedKey::from)
}

fn from_info(der: &[u8]) -> Result<DecodedKey, KeyError> {
    from_spki(der).map(DecodedKey::from)
}

fn from_spki(der: &[u8]) -> Result<Box<dyn VerifyingKey>, KeyError> {
    let info = SubjectPublicKeyInfoRef::from_der(der).map_err(unknown)?;
    let mut kinds = PUBLIC_KINDS.iter();
    match kinds.find(|(oid, _)| *oid == info.algorithm.oid) {
        Some((_, read)) => read(der),
        // Gives the error that names the identifier.
        None => rsa_from_spki(der),
    }
}

fn from_certificate(der: &[u8]) -> Result<DecodedKey, KeyError> {
    let certificate = Certificate::from_der(der).map_err(unknown)?;
    let spki = certificate.tbs_certificate().subject_public_key_info();
    Ok(DecodedKey {
        kind: from_spki(&spki.to_der().map_err(unknown)?)?,
        certificate: Some(KeyCertificate::new(&certificate, der)),
    })
}

fn is_private(der: &[u8]) -> bool {
    rsa::pkcs8::PrivateKeyInfoRef::from_der(der).is_ok()
        || rsa::pkcs1::RsaPrivateKeyRef::from_der(der).is_ok()
        || is_ec_private(der)
}

/// RFC 5915, section 3: a sequence of the version 1 and the number.
fn is_ec_private(der: &[u8]) -> bool {
    let begins_so = |inner: &mut SliceReader<'_>| -> x509_cert::der::Result<bool> {
        let version = u8::decode(inner)?;
        <&OctetStringRef>::decode(inner)?;
        while !inner.is_finished() {
            inner.tlv_bytes()?;
        }
        Ok(version == 1)
    };
    SliceReader::new(der).is_ok_and(|mut reader| reader.sequence(begins_so) == Ok(true))
}
