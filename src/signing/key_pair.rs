//! Pairs of keys, made here.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _,
};
use rsa::pkcs8::PrivateKeyInfoRef;
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::OctetStringRef;
use x509_cert::spki::SubjectPublicKeyInfoRef;
use zeroize::Zeroizing;

use crate::verify::{Curve, KeyKind};

/// The sizes of RSA keys that can be made, in bits.
pub const RSA_BITS: &[u32] = &[2048, 3072, 4096, 8192];

/// A private key and its public key.
pub struct MadeKeyPair {
    /// Its kind.
    pub kind: KeyKind,
    /// The private key, as PKCS#8. It is overwritten when it is dropped.
    pub private: Zeroizing<Vec<u8>>,
    /// The public key, as a SubjectPublicKeyInfo.
    pub public: Vec<u8>,
}

/// Why no key was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyPairError {
    /// A size of RSA keys that is not made.
    #[error("an RSA key has 2048, 3072, 4096 or 8192 bits, not {0}")]
    Bits(u32),
    /// A secret has no public key.
    #[error("a secret is no pair of keys")]
    Secret,
    /// The system has no random numbers, or no memory.
    #[error("the system gave no random numbers for a key")]
    NoRandomness,
}

impl From<Unspecified> for KeyPairError {
    fn from(_: Unspecified) -> Self {
        Self::NoRandomness
    }
}

impl MadeKeyPair {
    /// Makes a pair. `bits` is the size of an RSA key.
    ///
    /// # Errors
    /// If there are no keys of this size, or no random numbers.
    pub fn generate(kind: KeyKind, bits: u32) -> Result<Self, KeyPairError> {
        match kind {
            KeyKind::Rsa => {
                let pair = RsaKeyPair::generate(rsa_size(bits)?)?;
                Self::of(kind, &pair, pair.public_key())
            }
            KeyKind::Ec(curve) => {
                let pair = EcdsaKeyPair::generate(ecdsa(curve)?)?;
                let private = pair.to_pkcs8v1()?;
                let public = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key())?;
                Ok(Self {
                    kind,
                    private: Zeroizing::new(private.as_ref().to_vec()),
                    public: public.as_ref().to_vec(),
                })
            }
            KeyKind::Ed25519 => {
                let pair = Ed25519KeyPair::generate()?;
                Self::of(kind, &pair, pair.public_key())
            }
            _ => Err(KeyPairError::Secret),
        }
    }

    fn of<Private, Public>(
        kind: KeyKind,
        private: &Private,
        public: &Public,
    ) -> Result<Self, KeyPairError>
    where
        Private: AsDer<Pkcs8V1Der<'static>>,
        Public: AsDer<PublicKeyX509Der<'static>>,
    {
        Ok(Self {
            kind,
            private: Zeroizing::new(private.as_der()?.as_ref().to_vec()),
            public: public.as_der()?.as_ref().to_vec(),
        })
    }
}

impl MadeKeyPair {
    /// What PKCS#8 wraps: PKCS#1 of RSA, an `ECPrivateKey` of a curve, an octet string of Ed25519.
    pub(super) fn inner(&self) -> x509_cert::der::Result<&[u8]> {
        let info = PrivateKeyInfoRef::from_der(&self.private)?;
        Ok(info.private_key.as_bytes())
    }

    /// The 32 bytes of a private Ed25519 key (RFC 8410, section 7).
    pub(super) fn seed(&self) -> x509_cert::der::Result<&[u8]> {
        Ok(<&OctetStringRef>::from_der(self.inner()?)?.as_bytes())
    }

    /// What a SubjectPublicKeyInfo wraps: PKCS#1 of RSA, the point of a curve, the bytes of Ed25519.
    pub(super) fn point(&self) -> x509_cert::der::Result<&[u8]> {
        let info = SubjectPublicKeyInfoRef::from_der(&self.public)?;
        Ok(info.subject_public_key.raw_bytes())
    }
}

fn rsa_size(bits: u32) -> Result<KeySize, KeyPairError> {
    match bits {
        2048 => Ok(KeySize::Rsa2048),
        3072 => Ok(KeySize::Rsa3072),
        4096 => Ok(KeySize::Rsa4096),
        8192 => Ok(KeySize::Rsa8192),
        other => Err(KeyPairError::Bits(other)),
    }
}

/// The digest of these counts for nothing: only keys are made with them.
fn ecdsa(curve: Curve) -> Result<&'static EcdsaSigningAlgorithm, KeyPairError> {
    match curve {
        Curve::P256 => Ok(&ECDSA_P256_SHA256_ASN1_SIGNING),
        Curve::P384 => Ok(&ECDSA_P384_SHA384_ASN1_SIGNING),
        Curve::P521 => Ok(&ECDSA_P521_SHA512_ASN1_SIGNING),
        _ => Err(KeyPairError::Secret),
    }
}
