//! RSA public keys.

use md5::Md5;
use rsa::BoxedUint;
use rsa::hazmat::rsa_encrypt;
use rsa::pkcs1::{DecodeRsaPublicKey as _, EncodeRsaPublicKey as _, RsaPublicKeyRef};
use rsa::pkcs8::{DecodePublicKey as _, SubjectPublicKeyInfoRef};
use rsa::traits::PublicKeyParts as _;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use x509_cert::der::Decode as _;
use x509_cert::der::Encode as _;
use x509_cert::der::asn1::{ObjectIdentifier, UintRef};

use super::key_error::{KeyError, unknown};
use super::opened_signature::OpenedSignature;
use super::public_key::{PublicKey, ReferenceKey};
use super::verifying_key::VerifyingKey;
use crate::algorithm::Construction::{RsaPkcs1, RsaPss};
use crate::algorithm::{Algorithm, Digest, KeyKind};

/// `rsaEncryption` (RFC 8017, appendix A.1).
pub(super) const OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// The smallest and largest accepted modulus, in bits.
const BITS: std::ops::RangeInclusive<usize> = 1024..=8192;

/// The smallest modulus, in bits, that is not legacy (NIST SP 800-131A).
const MODERN_BITS: usize = 2048;

/// The largest exponent, in bits, that the engines accept.
const MAX_EXPONENT_BITS: usize = 33;

/// An RSA public key.
struct RsaPublicKey(rsa::PublicKey);

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

/// Makes the key of its numbers: big-endian, without sign.
pub(super) fn from_numbers(
    modulus: &[u8],
    exponent: &[u8],
) -> Result<Box<dyn VerifyingKey>, KeyError> {
    let numbers = RsaPublicKeyRef {
        modulus: UintRef::new(modulus).map_err(unknown)?,
        public_exponent: UintRef::new(exponent).map_err(unknown)?,
    };
    from_pkcs1(&numbers.to_der().map_err(unknown)?)
}

fn boxed(key: rsa::PublicKey) -> Box<dyn VerifyingKey> {
    Box::new(PublicKey::new(RsaPublicKey(key)))
}

impl ReferenceKey for RsaPublicKey {
    fn kind(&self) -> KeyKind {
        KeyKind::Rsa
    }

    fn bits(&self) -> usize {
        usize::try_from(self.0.n().bit_width()).unwrap_or(usize::MAX)
    }

    fn is_legacy(&self) -> bool {
        self.bits() < MODERN_BITS
    }

    fn fingerprint(&self) -> [u8; 32] {
        let exponent = self.0.e_bytes();
        let length = u64::try_from(exponent.len()).unwrap_or(u64::MAX);
        let mut digest = Sha256::new();
        digest.update(length.to_be_bytes());
        digest.update(exponent);
        digest.update(self.0.n_bytes());
        digest.finalize().into()
    }

    fn signature_length(&self) -> usize {
        self.0.size()
    }

    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let key = &self.0;
        let verdict = match algorithm.construction() {
            RsaPkcs1(Digest::Md5) => key.pkcs1v15_verify::<Md5>(message, signature),
            RsaPkcs1(Digest::Sha1) => key.pkcs1v15_verify::<Sha1>(message, signature),
            RsaPkcs1(Digest::Sha256) => key.pkcs1v15_verify::<Sha256>(message, signature),
            RsaPkcs1(Digest::Sha384) => key.pkcs1v15_verify::<Sha384>(message, signature),
            RsaPkcs1(Digest::Sha512) => key.pkcs1v15_verify::<Sha512>(message, signature),
            RsaPss(Digest::Sha256) => key.pss_verify::<Sha256>(message, signature),
            RsaPss(Digest::Sha384) => key.pss_verify::<Sha384>(message, signature),
            RsaPss(Digest::Sha512) => key.pss_verify::<Sha512>(message, signature),
            _ => return false,
        };
        verdict.is_ok()
    }

    fn open(&self, signature: &[u8]) -> Option<OpenedSignature> {
        let key = &self.0;
        if signature.len() != key.size() {
            return None;
        }
        let number = BoxedUint::from_be_slice(signature, key.n().bits_precision()).ok()?;
        if number >= **key.n() {
            return Some(OpenedSignature::Unknown);
        }
        let block = rsa_encrypt(key, &number).ok()?.to_be_bytes();
        // Its precision is a number of whole words.
        let start = block.len().checked_sub(key.size())?;
        Some(OpenedSignature::read(block.get(start..)?, self.bits()))
    }

    /// The engine accepts keys of less than 2048 bits, but then rejects all of their signatures.
    fn for_fast(&self) -> Option<Vec<u8>> {
        if self.is_legacy() {
            return None;
        }
        Some(self.0.to_pkcs1_der().ok()?.as_bytes().to_vec())
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
