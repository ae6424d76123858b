//! The forms in which platforms hand out RSA public keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1::{DecodeRsaPublicKey as _, RsaPublicKeyRef};
use rsa::pkcs8::{DecodePublicKey as _, SubjectPublicKeyInfoRef};
use x509_cert::Certificate;
use x509_cert::der::{Decode as _, Encode as _};

/// The smallest and largest modulus, in bits, that is read at all.
const BITS: std::ops::RangeInclusive<usize> = 1024..=8192;

/// The most bits of an exponent that the engines take.
const MAX_EXPONENT_BITS: usize = 33;

/// Why a key could not be read. No message holds key material.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Nothing but white space.
    #[error("the key is empty")]
    Empty,
    /// A private key or an encrypted one.
    #[error("this is a private key (`{0}`); a public key is wanted")]
    Private(String),
    /// More than one PEM block.
    #[error("the file holds {0} PEM blocks; one key is wanted")]
    Several(usize),
    /// A PEM block of another kind.
    #[error("a PEM block `{0}` is not a public key or a certificate")]
    WrongLabel(String),
    /// Armour that cannot be read.
    #[error("the PEM block is damaged: {0}")]
    BadPem(String),
    /// Neither PEM, DER nor base64.
    #[error("neither PEM, DER nor base64 of DER")]
    NotAKey,
    /// DER that is no RSA key.
    #[error("not an RSA public key (SubjectPublicKeyInfo, PKCS#1 or X.509 certificate): {0}")]
    NotRsa(String),
    /// Numbers that make no safe RSA key.
    #[error("the RSA key is unusable: {0}")]
    Unusable(&'static str),
}

/// Reads a key from PEM, DER or one-line base64; SubjectPublicKeyInfo, PKCS#1 or a certificate.
pub(super) fn decode(bytes: &[u8]) -> Result<rsa::PublicKey, KeyError> {
    if bytes.trim_ascii().is_empty() {
        return Err(KeyError::Empty);
    }
    let key = if contains(bytes, b"-----BEGIN ") {
        from_pem(bytes)?
    } else if bytes.first() == Some(&0x30) && bytes.get(1).is_some_and(|length| *length >= 0x80) {
        // A DER SEQUENCE of more than 127 bytes; no base64 text holds such a byte.
        from_der(bytes)?
    } else {
        let compact: Vec<u8> = bytes
            .iter()
            .copied()
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect();
        from_der(&STANDARD.decode(compact).map_err(|_| KeyError::NotAKey)?)?
    };
    Ok(key)
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

fn from_pem(bytes: &[u8]) -> Result<rsa::PublicKey, KeyError> {
    let blocks = pem::parse_many(bytes).map_err(|error| KeyError::BadPem(error.to_string()))?;
    let [block] = blocks.as_slice() else {
        return Err(match blocks.len() {
            0 => KeyError::BadPem("no complete block".to_owned()),
            several => KeyError::Several(several),
        });
    };
    let der = block.contents();
    match block.tag() {
        "PUBLIC KEY" => from_spki(der),
        "RSA PUBLIC KEY" => from_pkcs1(der),
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => from_certificate(der),
        label if label.contains("PRIVATE KEY") => Err(KeyError::Private(label.to_owned())),
        label => Err(KeyError::WrongLabel(label.to_owned())),
    }
}

fn from_der(der: &[u8]) -> Result<rsa::PublicKey, KeyError> {
    // The three forms share no encoding, so at most one attempt succeeds. The first one's error
    // is the one worth telling, unless another finds a key: nearly every platform hands out
    // SubjectPublicKeyInfo.
    let mut told = None;
    for attempt in [from_spki, from_pkcs1, from_certificate] {
        match attempt(der) {
            Err(KeyError::NotRsa(error)) => told = told.or(Some(KeyError::NotRsa(error))),
            decided => return decided,
        }
    }
    if is_private(der) {
        return Err(KeyError::Private("DER".to_owned()));
    }
    Err(told.unwrap_or(KeyError::NotAKey))
}

fn from_spki(der: &[u8]) -> Result<rsa::PublicKey, KeyError> {
    let info = SubjectPublicKeyInfoRef::from_der(der).map_err(not_rsa)?;
    if let Some(key) = info.subject_public_key.as_bytes() {
        check_numbers(key)?;
    }
    rsa::PublicKey::from_public_key_der(der).map_err(not_rsa)
}

fn from_pkcs1(der: &[u8]) -> Result<rsa::PublicKey, KeyError> {
    check_numbers(der)?;
    rsa::PublicKey::from_pkcs1_der(der).map_err(not_rsa)
}

/// Says what is wrong with a key that `rsa` would call malformed without saying why.
fn check_numbers(pkcs1: &[u8]) -> Result<(), KeyError> {
    let Ok(key) = RsaPublicKeyRef::from_der(pkcs1) else {
        return Ok(()); // Not a key at all: the real reader will say so.
    };
    let (modulus, exponent) = (key.modulus.as_bytes(), key.public_exponent.as_bytes());
    let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
    Err(KeyError::Unusable(if !BITS.contains(&bits(modulus)) {
        "its modulus is not 1024 to 8192 bits long"
    } else if !is_odd(modulus) {
        "its modulus is even"
    } else if !is_odd(exponent) {
        "its exponent is even"
    } else if bits(exponent) < 2 {
        "its exponent is 1"
    } else if bits(exponent) > MAX_EXPONENT_BITS {
        "its exponent is over 33 bits long"
    } else {
        return Ok(());
    }))
}

/// The length in bits of a number without leading zero bytes.
fn bits(number: &[u8]) -> usize {
    let unused = number.first().map_or(0, |first| first.leading_zeros());
    let bits = number.len().saturating_mul(8);
    bits.saturating_sub(usize::try_from(unused).unwrap_or_default())
}

fn from_certificate(der: &[u8]) -> Result<rsa::PublicKey, KeyError> {
    let certificate = Certificate::from_der(der).map_err(not_rsa)?;
    let spki = certificate.tbs_certificate().subject_public_key_info();
    from_spki(&spki.to_der().map_err(not_rsa)?)
}

fn is_private(der: &[u8]) -> bool {
    rsa::pkcs8::PrivateKeyInfoRef::from_der(der).is_ok()
        || rsa::pkcs1::RsaPrivateKeyRef::from_der(der).is_ok()
}

fn not_rsa(error: impl std::fmt::Display) -> KeyError {
    KeyError::NotRsa(error.to_string())
}
