//! Ed25519 public keys.

use ed25519_dalek::{Signature, Verifier, VerifyingKey as Point};
use sha2::{Digest as _, Sha256};
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::spki::SubjectPublicKeyInfoRef;

use super::key_error::{KeyError, unknown};
use super::public_key::{PublicKey, ReferenceKey};
use super::verifying_key::VerifyingKey;
use crate::algorithm::{Algorithm, KeyKind};

/// `id-Ed25519` (RFC 8410, section 3).
pub(super) const OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// How many bytes a key has.
pub(super) const LENGTH: usize = 32;

/// Decodes the key from its SubjectPublicKeyInfo.
pub(super) fn from_spki(der: &[u8]) -> Result<Box<dyn VerifyingKey>, KeyError> {
    let info = SubjectPublicKeyInfoRef::from_der(der).map_err(unknown)?;
    if info.algorithm.parameters.is_some() {
        return Err(unknown("Ed25519 has no parameters"));
    }
    let key = info.subject_public_key.as_bytes();
    from_bytes(key.ok_or_else(|| unknown("unused bits"))?)
}

/// Makes the key of its 32 bytes (RFC 8032, section 5.1.5).
pub(super) fn from_bytes(bytes: &[u8]) -> Result<Box<dyn VerifyingKey>, KeyError> {
    let bytes: &[u8; LENGTH] = bytes
        .try_into()
        .map_err(|_| unknown("an Ed25519 key has 32 bytes"))?;
    let point = Point::from_bytes(bytes)
        .map_err(|_| KeyError::Unusable("its point is not on the curve"))?;
    // Two spellings of one key, which engines may treat differently.
    if point.to_edwards().compress().to_bytes() != *bytes {
        return Err(KeyError::Unusable(
            "its point is not written in the only valid way",
        ));
    }
    // Anybody could make signatures that fit.
    if point.is_weak() {
        return Err(KeyError::Unusable("its point has a small order"));
    }
    Ok(Box::new(PublicKey::new(point)))
}

impl ReferenceKey for Point {
    fn kind(&self) -> KeyKind {
        KeyKind::Ed25519
    }

    fn bits(&self) -> usize {
        256
    }

    fn is_legacy(&self) -> bool {
        false
    }

    fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(self.as_bytes()).into()
    }

    fn signature_length(&self) -> usize {
        64
    }

    /// As RFC 8032, section 5.1.7, and without its optional cofactor, as the fast engine does.
    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        algorithm == Algorithm::Ed25519
            && Signature::from_slice(signature)
                .is_ok_and(|signature| Verifier::verify(self, message, &signature).is_ok())
    }

    fn for_fast(&self) -> Option<Vec<u8>> {
        Some(self.as_bytes().to_vec())
    }
}
