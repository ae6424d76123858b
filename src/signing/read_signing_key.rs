//! Private keys in the forms in which they are handed out: those that `keygen` writes, and OpenSSL.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rsa::BoxedUint;
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::pkcs8::{DecodePrivateKey as _, ObjectIdentifier, PrivateKeyInfoRef};
use serde_json::Value;
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::OctetStringRef;
use zeroize::Zeroizing;

use super::signing_key::{PrivateSigningKey, SigningMaterial};
use crate::verify::{Key, decode_hex};

/// RFC 8410, section 3.
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// What Standard Webhooks writes before the base64 of a private Ed25519 key.
const ED25519_PREFIX: &str = "whsk_";

/// Why there is no private key. No message has a part of one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningKeyError {
    /// Nothing but white space.
    #[error("the file is empty")]
    Empty,
    /// Protected by a pass phrase.
    #[error(
        "the key is protected by a pass phrase: take that off with `openssl pkey -in FILE -out NEW`"
    )]
    Encrypted,
    /// A public key or a certificate.
    #[error("this is a public key or a certificate, and signing takes the private key")]
    Public,
    /// None of the forms.
    #[error(
        "this is no private key as PEM, DER or base64 (PKCS#8, PKCS#1, SEC1), JWK, or 32 bytes of Ed25519"
    )]
    NotAKey,
    /// A kind that signs nothing here.
    #[error("keys of this kind sign nothing here: RSA, P-256, P-384, P-521 and Ed25519 do")]
    OtherKind,
}

impl PrivateSigningKey {
    /// Reads a key.
    ///
    /// # Errors
    /// If it is none that signs.
    pub fn read(bytes: &[u8]) -> Result<Self, SigningKeyError> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        if bytes.trim_ascii().is_empty() {
            return Err(SigningKeyError::Empty);
        }
        let found = match std::str::from_utf8(bytes) {
            Ok(text) if text.contains("-----BEGIN ") => from_pem(text),
            Ok(text) if text.trim_start().starts_with('{') => from_jwk(text),
            Ok(text) => from_text(text.trim()),
            Err(_) => from_der(bytes),
        };
        found.map(Self).map_err(|error| {
            let is_public = error != SigningKeyError::Encrypted && Key::decode("", bytes).is_ok();
            if is_public {
                SigningKeyError::Public
            } else {
                error
            }
        })
    }
}

fn from_pem(text: &str) -> Result<SigningMaterial, SigningKeyError> {
    // Of the older encrypted form, in a header of the block.
    if text.contains("ENCRYPTED") {
        return Err(SigningKeyError::Encrypted);
    }
    // OpenSSL writes a curve's parameters before its private key.
    let mut blocks = text.split("-----BEGIN ").skip(1);
    let block = blocks.find(|block| {
        let label = block.split("-----").next();
        label.is_some_and(|label| label.contains("PRIVATE KEY"))
    });
    let inside = block.and_then(|block| block.split("-----").nth(1));
    let der = inside.and_then(base64_of);
    from_der(&der.ok_or(SigningKeyError::NotAKey)?)
}

/// Base64 with any white space in it.
fn base64_of(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut compact = Zeroizing::new(String::with_capacity(text.len()));
    compact.extend(text.chars().filter(|c| !c.is_ascii_whitespace()));
    STANDARD.decode(compact.as_bytes()).map(Zeroizing::new).ok()
}

fn from_text(text: &str) -> Result<SigningMaterial, SigningKeyError> {
    let bytes = decode_hex(text)
        .filter(|bytes| bytes.len() == 32)
        .map(Zeroizing::new)
        .or_else(|| base64_of(text.strip_prefix(ED25519_PREFIX).unwrap_or(text)));
    let bytes = bytes.ok_or(SigningKeyError::NotAKey)?;
    match <[u8; 32]>::try_from(bytes.as_slice()) {
        Ok(seed) => Ok(ed25519(&Zeroizing::new(seed))),
        Err(_) => from_der(&bytes),
    }
}

fn ed25519(seed: &[u8; 32]) -> SigningMaterial {
    SigningMaterial::Ed25519(Box::new(ed25519_dalek::SigningKey::from_bytes(seed)))
}

fn from_der(der: &[u8]) -> Result<SigningMaterial, SigningKeyError> {
    if let Ok(info) = PrivateKeyInfoRef::try_from(der) {
        return from_pkcs8(der, &info).ok_or(SigningKeyError::OtherKind);
    }
    if let Ok(key) = rsa::PrivateKey::from_pkcs1_der(der) {
        return Ok(SigningMaterial::Rsa(Box::new(key)));
    }
    p256::SecretKey::from_sec1_der(der)
        .map(SigningMaterial::P256)
        .or_else(|_| p384::SecretKey::from_sec1_der(der).map(SigningMaterial::P384))
        .or_else(|_| p521::SecretKey::from_sec1_der(der).map(SigningMaterial::P521))
        .map_err(|_| SigningKeyError::NotAKey)
}

fn from_pkcs8(der: &[u8], info: &PrivateKeyInfoRef<'_>) -> Option<SigningMaterial> {
    if info.algorithm.oid == ED25519 {
        let seed = <&OctetStringRef>::from_der(info.private_key.as_bytes()).ok()?;
        let seed: &[u8; 32] = seed.as_bytes().try_into().ok()?;
        return Some(ed25519(seed));
    }
    if let Ok(key) = rsa::PrivateKey::from_pkcs8_der(der) {
        return Some(SigningMaterial::Rsa(Box::new(key)));
    }
    p256::SecretKey::from_pkcs8_der(der)
        .map(SigningMaterial::P256)
        .or_else(|_| p384::SecretKey::from_pkcs8_der(der).map(SigningMaterial::P384))
        .or_else(|_| p521::SecretKey::from_pkcs8_der(der).map(SigningMaterial::P521))
        .ok()
}

fn from_jwk(text: &str) -> Result<SigningMaterial, SigningKeyError> {
    let jwk: Value = serde_json::from_str(text).map_err(|_| SigningKeyError::NotAKey)?;
    let name = |name: &str| jwk.get(name).and_then(Value::as_str);
    let number = |member: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(name(member)?).ok()?;
        Some(Zeroizing::new(bytes))
    };
    let curve = name("crv").unwrap_or_default();
    let key = match (name("kty").unwrap_or_default(), curve) {
        ("RSA", _) => rsa_of_jwk(number),
        ("EC", curve) => number("d").and_then(|d| match curve {
            "P-256" => p256::SecretKey::from_slice(&d)
                .map(SigningMaterial::P256)
                .ok(),
            "P-384" => p384::SecretKey::from_slice(&d)
                .map(SigningMaterial::P384)
                .ok(),
            "P-521" => p521::SecretKey::from_slice(&d)
                .map(SigningMaterial::P521)
                .ok(),
            _ => None,
        }),
        ("OKP", "Ed25519") => number("d").and_then(|d| {
            let seed: &[u8; 32] = d.as_slice().try_into().ok()?;
            Some(ed25519(seed))
        }),
        _ => return Err(SigningKeyError::OtherKind),
    };
    key.ok_or(SigningKeyError::NotAKey)
}

/// Of its two primes: what else a JWK says follows from them.
fn rsa_of_jwk(number: impl Fn(&str) -> Option<Zeroizing<Vec<u8>>>) -> Option<SigningMaterial> {
    let uint = |name: &str| {
        let bytes = number(name)?;
        let bits = u32::try_from(bytes.len().checked_mul(8)?).ok()?;
        BoxedUint::from_be_slice(&bytes, bits).ok()
    };
    let key = rsa::PrivateKey::from_p_q(uint("p")?, uint("q")?, uint("e")?);
    key.ok().map(|key| SigningMaterial::Rsa(Box::new(key)))
}
