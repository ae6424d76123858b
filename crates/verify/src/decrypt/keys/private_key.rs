//! Decoding RSA private keys. Intermediate buffers are overwritten.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::pkcs8::{DecodePrivateKey as _, PrivateKeyInfoRef};
use rsa::traits::PublicKeyParts as _;
use zeroize::Zeroizing;

/// The sizes that the engines accept, in bits. Shorter keys can be broken.
const BITS: std::ops::RangeInclusive<u32> = 2048..=8192;

/// Why a private key could not be read. No message contains key material.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PrivateKeyError {
    /// Nothing but white space.
    #[error("the key is empty")]
    Empty,
    /// More than one PEM block.
    #[error("the file contains {0} PEM blocks, but one private key is needed")]
    Several(usize),
    /// A key that is protected by a pass phrase.
    #[error("the key is protected by a pass phrase")]
    Encrypted,
    /// A public key or a certificate.
    #[error("this is a public key or a certificate, but the private key is needed")]
    Public,
    /// A PEM block of another kind, or a truncated one.
    #[error("it contains no complete PEM block `PRIVATE KEY` or `RSA PRIVATE KEY`")]
    BadPem,
    /// Neither PEM, DER nor base64.
    #[error("neither PEM, DER nor base64 of DER")]
    NotAKey,
    /// DER that is not an RSA private key.
    #[error("not an RSA private key (PKCS#8 or PKCS#1) with two consistent primes")]
    NotRsa,
    /// A modulus that is too short or too long.
    #[error("this is {0}-bit RSA, but a key for decryption has {min} to {max} bits", min = BITS.start(), max = BITS.end())]
    Size(u32),
    /// The engine rejects it.
    #[error("the RSA key is unusable: its numbers are inconsistent, or its exponent is too large")]
    Unusable,
}

/// Decodes a key from PEM, DER or one-line base64; PKCS#8 or PKCS#1.
pub(super) fn decode(bytes: &[u8]) -> Result<rsa::PrivateKey, PrivateKeyError> {
    // A byte order mark, which Windows puts in front of text.
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        return Err(PrivateKeyError::Empty);
    }
    let der = match std::str::from_utf8(bytes) {
        Ok(text) if text.contains(BEGIN) => from_pem(text)?,
        // A DER SEQUENCE of more than 127 bytes; base64 never contains such a byte.
        _ if bytes.first() == Some(&0x30) && bytes.get(1).is_some_and(|byte| *byte >= 0x80) => {
            Zeroizing::new(bytes.to_vec())
        }
        _ => from_base64(bytes).ok_or(PrivateKeyError::NotAKey)?,
    };
    let key = from_der(&der)?;
    let bits = key.n().bit_width();
    if !BITS.contains(&bits) {
        return Err(PrivateKeyError::Size(bits));
    }
    Ok(key)
}

const BEGIN: &str = "-----BEGIN ";

fn from_pem(text: &str) -> Result<Zeroizing<Vec<u8>>, PrivateKeyError> {
    let count = text.matches(BEGIN).count();
    if count != 1 {
        return Err(PrivateKeyError::Several(count));
    }
    let block = text
        .split_once(BEGIN)
        .and_then(|(_, block)| block.split_once("-----"));
    let (label, block) = block.ok_or(PrivateKeyError::BadPem)?;
    // The content decides: labels are often wrong.
    match label {
        "ENCRYPTED PRIVATE KEY" => return Err(PrivateKeyError::Encrypted),
        "PRIVATE KEY" | "RSA PRIVATE KEY" | "PUBLIC KEY" | "RSA PUBLIC KEY" | "CERTIFICATE" => {}
        label if label.contains("PUBLIC KEY") || label.contains("CERTIFICATE") => {
            return Err(PrivateKeyError::Public);
        }
        _ => return Err(PrivateKeyError::BadPem),
    }
    let end = format!("-----END {label}-----");
    let (inside, _) = block.split_once(&end).ok_or(PrivateKeyError::BadPem)?;
    // OpenSSL's old encrypted format starts with such headers.
    if inside.contains("ENCRYPTED") {
        return Err(PrivateKeyError::Encrypted);
    }
    from_base64(inside.as_bytes()).ok_or(PrivateKeyError::BadPem)
}

/// Decodes base64 with any white space in it.
fn from_base64(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut compact = Zeroizing::new(Vec::with_capacity(text.len()));
    compact.extend(text.iter().filter(|byte| !byte.is_ascii_whitespace()));
    // Allocate all of it up front: a growing buffer leaves copies behind.
    let mut der = Zeroizing::new(vec![0; compact.len()]);
    let length = STANDARD.decode_slice(&*compact, &mut der).ok()?;
    der.truncate(length);
    Some(der)
}

fn from_der(der: &[u8]) -> Result<rsa::PrivateKey, PrivateKeyError> {
    let key = if PrivateKeyInfoRef::try_from(der).is_ok() {
        rsa::PrivateKey::from_pkcs8_der(der).ok()
    } else {
        rsa::PrivateKey::from_pkcs1_der(der).ok()
    };
    key.ok_or_else(|| {
        if crate::Key::decode("", der).is_ok() {
            PrivateKeyError::Public
        } else {
            PrivateKeyError::NotRsa
        }
    })
}
