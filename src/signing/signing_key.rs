//! A private key that signs.

use std::fmt;

use ed25519_dalek::Signer as _;
use md5::Md5;
use p256::ecdsa::signature::hazmat::PrehashSigner;
use rsa::pkcs8::EncodePublicKey as _;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::verify::sign::ContentSigner;
use crate::verify::{Algorithm, Construction, Curve, Digest, Key, KeyError, KeyKind};

/// A private key of any kind. It appears in no message.
pub struct PrivateSigningKey(pub(super) SigningMaterial);

/// The numbers of a private key, each kind with what signs with it.
pub(super) enum SigningMaterial {
    Rsa(Box<rsa::PrivateKey>),
    P256(p256::SecretKey),
    P384(p384::SecretKey),
    P521(p521::SecretKey),
    Ed25519(Box<ed25519_dalek::SigningKey>),
}

impl PrivateSigningKey {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        match &self.0 {
            SigningMaterial::Rsa(_) => KeyKind::Rsa,
            SigningMaterial::P256(_) => KeyKind::Ec(Curve::P256),
            SigningMaterial::P384(_) => KeyKind::Ec(Curve::P384),
            SigningMaterial::P521(_) => KeyKind::Ec(Curve::P521),
            SigningMaterial::Ed25519(_) => KeyKind::Ed25519,
        }
    }

    /// Its public key, under this id.
    ///
    /// # Errors
    /// If no receiver takes such a key: an RSA key that is too short, say.
    pub fn public_key(&self, id: &str) -> Result<Key, KeyError> {
        let info = match &self.0 {
            SigningMaterial::Rsa(key) => key.to_public_key().to_public_key_der(),
            SigningMaterial::P256(key) => key.public_key().to_public_key_der(),
            SigningMaterial::P384(key) => key.public_key().to_public_key_der(),
            SigningMaterial::P521(key) => key.public_key().to_public_key_der(),
            SigningMaterial::Ed25519(key) => {
                let bytes = key.verifying_key().to_bytes();
                let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                return Key::decode(id, digits.as_bytes());
            }
        };
        Key::decode(id, info.map_err(|_| KeyError::NotAKey)?.as_bytes())
    }
}

impl fmt::Debug for PrivateSigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateSigningKey({})", self.kind())
    }
}

impl ContentSigner for PrivateSigningKey {
    fn sign(&self, algorithm: Algorithm, content: &[u8]) -> Option<Vec<u8>> {
        match (&self.0, algorithm.construction()) {
            (SigningMaterial::Rsa(key), Construction::RsaPkcs1(digest)) => {
                pkcs1_signature(key, digest, content)
            }
            (SigningMaterial::Rsa(key), Construction::RsaPss(digest)) => {
                pss_signature(key, digest, content)
            }
            (SigningMaterial::P256(key), Construction::Ecdsa(Curve::P256, digest)) => {
                let key = p256::ecdsa::SigningKey::from(key);
                ecdsa_signature::<p256::ecdsa::Signature>(&key, digest, content)
                    .map(|signature| signature.to_bytes().to_vec())
            }
            (SigningMaterial::P384(key), Construction::Ecdsa(Curve::P384, digest)) => {
                let key = p384::ecdsa::SigningKey::from(key);
                ecdsa_signature::<p384::ecdsa::Signature>(&key, digest, content)
                    .map(|signature| signature.to_bytes().to_vec())
            }
            (SigningMaterial::P521(key), Construction::Ecdsa(Curve::P521, digest)) => {
                let key = p521::ecdsa::SigningKey::from(key);
                ecdsa_signature::<p521::ecdsa::Signature>(&key, digest, content)
                    .map(|signature| signature.to_bytes().to_vec())
            }
            (SigningMaterial::Ed25519(key), Construction::Ed25519) => {
                Some(key.sign(content).to_bytes().to_vec())
            }
            _ => None,
        }
    }
}

fn pkcs1_signature(key: &rsa::PrivateKey, digest: Digest, content: &[u8]) -> Option<Vec<u8>> {
    let signed = match digest {
        Digest::Md5 => key.pkcs1v15_sign::<Md5>(content),
        Digest::Sha1 => key.pkcs1v15_sign::<Sha1>(content),
        Digest::Sha256 => key.pkcs1v15_sign::<Sha256>(content),
        Digest::Sha384 => key.pkcs1v15_sign::<Sha384>(content),
        Digest::Sha512 => key.pkcs1v15_sign::<Sha512>(content),
        _ => return None,
    };
    signed.ok()
}

fn pss_signature(key: &rsa::PrivateKey, digest: Digest, content: &[u8]) -> Option<Vec<u8>> {
    let signed = match digest {
        Digest::Sha256 => key.pss_sign::<Sha256>(content),
        Digest::Sha384 => key.pss_sign::<Sha384>(content),
        Digest::Sha512 => key.pss_sign::<Sha512>(content),
        _ => return None,
    };
    signed.ok()
}

/// `r || s`. The numbers come of the key and the content alone (RFC 6979).
fn ecdsa_signature<S>(key: &impl PrehashSigner<S>, digest: Digest, content: &[u8]) -> Option<S> {
    let digest = match digest {
        Digest::Sha1 => Sha1::digest(content).to_vec(),
        Digest::Sha256 => Sha256::digest(content).to_vec(),
        Digest::Sha384 => Sha384::digest(content).to_vec(),
        Digest::Sha512 => Sha512::digest(content).to_vec(),
        _ => return None,
    };
    key.sign_prehash(&digest).ok()
}
