//! Public keys on elliptic curves, for ECDSA.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::spki::SubjectPublicKeyInfoRef;

use super::key_error::{KeyError, unknown};
use super::public_key::{PublicKey, ReferenceKey};
use super::verifying_key::VerifyingKey;
use crate::algorithm::Construction::Ecdsa;
use crate::algorithm::{Algorithm, Curve, Digest, KeyKind};

/// `id-ecPublicKey` (RFC 5480, section 2.1.1).
pub(super) const OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// The named curves (RFC 5480, section 2.1.1.1).
const CURVES: &[(ObjectIdentifier, Curve)] = &[
    (
        ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
        Curve::P256,
    ),
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"), Curve::P384),
    (ObjectIdentifier::new_unwrap("1.3.132.0.35"), Curve::P521),
];

/// A point on its curve, and not the one at infinity.
enum EcPoint {
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
    P521(p521::ecdsa::VerifyingKey),
}

/// Decodes the key from its SubjectPublicKeyInfo.
pub(super) fn from_spki(der: &[u8]) -> Result<Box<dyn VerifyingKey>, KeyError> {
    let info = SubjectPublicKeyInfoRef::from_der(der).map_err(unknown)?;
    let named = info.algorithm.parameters;
    let named = named.and_then(|parameters| parameters.decode_as::<ObjectIdentifier>().ok());
    let named = named.ok_or_else(|| unknown("the curve has no name"))?;
    let mut curves = CURVES.iter();
    let (_, curve) = curves
        .find(|(oid, _)| *oid == named)
        .ok_or_else(|| unknown(format!("the curve {named} is not supported")))?;
    let point = info.subject_public_key.as_bytes();
    from_sec1(*curve, point.ok_or_else(|| unknown("unused bits"))?)
}

/// Makes the key of a point as SEC 1 (section 2.3.3) writes it.
pub(super) fn from_sec1(curve: Curve, point: &[u8]) -> Result<Box<dyn VerifyingKey>, KeyError> {
    let off = |_| KeyError::Unusable("its point is not on the curve");
    let point = match curve {
        Curve::P256 => {
            EcPoint::P256(p256::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(off)?)
        }
        Curve::P384 => {
            EcPoint::P384(p384::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(off)?)
        }
        Curve::P521 => {
            EcPoint::P521(p521::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(off)?)
        }
    };
    Ok(Box::new(PublicKey::new(point)))
}

impl EcPoint {
    fn curve(&self) -> Curve {
        match self {
            Self::P256(_) => Curve::P256,
            Self::P384(_) => Curve::P384,
            Self::P521(_) => Curve::P521,
        }
    }

    fn uncompressed(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => key.to_sec1_point(false).as_bytes().to_vec(),
            Self::P384(key) => key.to_sec1_point(false).as_bytes().to_vec(),
            Self::P521(key) => key.to_sec1_point(false).as_bytes().to_vec(),
        }
    }

    fn made(&self, digest: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::P256(key) => made::<p256::ecdsa::Signature>(key, digest, signature),
            Self::P384(key) => made::<p384::ecdsa::Signature>(key, digest, signature),
            Self::P521(key) => made::<p521::ecdsa::Signature>(key, digest, signature),
        }
    }
}

/// Whether the key made the signature, `r || s`, over the digest. Numbers that are zero or not less
/// than the order of the curve make no signature.
fn made<S>(key: &impl PrehashVerifier<S>, digest: &[u8], signature: &[u8]) -> bool
where
    S: for<'s> TryFrom<&'s [u8]>,
{
    S::try_from(signature).is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok())
}

impl ReferenceKey for EcPoint {
    fn kind(&self) -> KeyKind {
        KeyKind::Ec(self.curve())
    }

    fn bits(&self) -> usize {
        self.curve().bits()
    }

    fn is_legacy(&self) -> bool {
        false
    }

    fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(self.uncompressed()).into()
    }

    fn signature_length(&self) -> usize {
        self.curve().bytes().saturating_mul(2)
    }

    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let Ecdsa(curve, digest) = algorithm.construction() else {
            return false;
        };
        let made = match digest {
            Digest::Sha1 => self.made(&Sha1::digest(message), signature),
            Digest::Sha256 => self.made(&Sha256::digest(message), signature),
            Digest::Sha384 => self.made(&Sha384::digest(message), signature),
            Digest::Sha512 => self.made(&Sha512::digest(message), signature),
            Digest::Md5 | Digest::Sha3_256 => false,
        };
        made && curve == self.curve()
    }

    fn for_fast(&self) -> Option<Vec<u8>> {
        Some(self.uncompressed())
    }
}
