//! RSA public keys.

mod engine;
#[cfg_attr(not(feature = "aws-lc-rs"), path = "no_fast.rs")]
mod fast;

use rsa::pkcs1::{DecodeRsaPublicKey as _, RsaPublicKeyRef};
use rsa::pkcs8::{DecodePublicKey as _, SubjectPublicKeyInfoRef};
use rsa::traits::PublicKeyParts as _;
use sha2::{Digest as _, Sha256};
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::ObjectIdentifier;

pub use engine::Engine;

use super::key_error::{KeyError, unknown};
use super::verifying_key::VerifyingKey;
use crate::algorithm::{Algorithm, KeyKind};
use engine::Engines;

/// `rsaEncryption` (RFC 8017, appendix A.1).
pub(super) const OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// The smallest and largest accepted modulus, in bits.
const BITS: std::ops::RangeInclusive<usize> = 1024..=8192;

/// The smallest modulus, in bits, that is not legacy (NIST SP 800-131A).
const MODERN_BITS: usize = 2048;

/// The largest exponent, in bits, that the engines accept.
const MAX_EXPONENT_BITS: usize = 33;

/// An RSA public key.
struct RsaPublicKey {
    bits: usize,
    engines: Engines,
}

/// Decodes the key from its SubjectPublicKeyInfo.
pub(super) fn from_spki(der: &[u8]) -> Result<Box<dyn VerifyingKey>, KeyError> {
    let info = SubjectPublicKeyInfoRef::from_der(der).map_err(unknown)?;
    if let Some(key) = info.subject_public_key.as_bytes() {
        check_numbers(key)?;
    }
    Ok(boxed(
        rsa::PublicKey::from_public_key_der(der).map_err(unknown)?,
    ))
}

/// Decodes the key from PKCS#1, a format for RSA keys only.
pub(super) fn from_pkcs1(der: &[u8]) -> Result<Box<dyn VerifyingKey>, KeyError> {
    check_numbers(der)?;
    Ok(boxed(rsa::PublicKey::from_pkcs1_der(der).map_err(unknown)?))
}

fn boxed(key: rsa::PublicKey) -> Box<dyn VerifyingKey> {
    Box::new(RsaPublicKey {
        bits: usize::try_from(key.n().bit_width()).unwrap_or(usize::MAX),
        engines: Engines::new(key),
    })
}

impl VerifyingKey for RsaPublicKey {
    fn kind(&self) -> KeyKind {
        KeyKind::Rsa
    }

    fn bits(&self) -> usize {
        self.bits
    }

    fn is_legacy(&self) -> bool {
        self.bits < MODERN_BITS
    }

    fn is_secret(&self) -> bool {
        false
    }

    fn fingerprint(&self) -> [u8; 32] {
        let key = self.engines.reference();
        let exponent = key.e_bytes();
        let length = u64::try_from(exponent.len()).unwrap_or(u64::MAX);
        let mut digest = Sha256::new();
        digest.update(length.to_be_bytes());
        digest.update(exponent);
        digest.update(key.n_bytes());
        digest.finalize().into()
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        algorithm.key_kind() == KeyKind::Rsa
    }

    fn candidate(&self, _algorithm: Algorithm, signature: &[u8]) -> bool {
        signature.len() == self.engines.reference().size()
    }

    fn engine(&self, algorithm: Algorithm) -> Engine {
        self.engines.preferred(algorithm)
    }

    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.engines.verify(algorithm, message, signature)
    }

    fn verify_with(
        &self,
        engine: Engine,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        self.engines
            .verify_with(engine, algorithm, message, signature)
    }
}

/// Finds what is wrong with a key that `rsa` would only call malformed.
fn check_numbers(pkcs1: &[u8]) -> Result<(), KeyError> {
    let Ok(key) = RsaPublicKeyRef::from_der(pkcs1) else {
        return Ok(()); // Not a key at all: the real decoder reports that.
    };
    let (modulus, exponent) = (key.modulus.as_bytes(), key.public_exponent.as_bytes());
    let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
    Err(KeyError::Unusable(if !BITS.contains(&bits(modulus)) {
        "its modulus does not have 1024 to 8192 bits"
    } else if !is_odd(modulus) {
        "its modulus is even"
    } else if !is_odd(exponent) {
        "its exponent is even"
    } else if bits(exponent) < 2 {
        "its exponent is 1"
    } else if bits(exponent) > MAX_EXPONENT_BITS {
        "its exponent has more than 33 bits"
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
