//! One key, of any kind.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::Arc;

use super::decode::{Decoded, DecodedKey, decode};
use super::engine::Engine;
use super::jwk::Jwk;
use super::key_certificate::KeyCertificate;
use super::key_error::{JwkError, KeyError};
use super::opened_signature::OpenedSignature;
use super::secret::Secret;
use super::verifying_key::VerifyingKey;
use crate::algorithm::{Algorithm, KeyKind};

/// A key with an id, which verifies signatures.
#[derive(Clone)]
pub struct Key {
    id: String,
    kind: Arc<dyn VerifyingKey>,
    /// The `alg` of a JWK.
    only: Option<Algorithm>,
    /// The `kid` of a JWK.
    kid: Option<String>,
    /// The certificate that it was read from.
    certificate: Option<KeyCertificate>,
    /// Further secrets, by name.
    named: BTreeMap<String, Secret>,
}

impl Key {
    /// Decodes a public key: PEM, DER or one-line base64 of a SubjectPublicKeyInfo, a PKCS#1 key or
    /// an X.509 certificate (only its key is used, not its validity or issuer); an Ed25519 key as 32
    /// bytes in hexadecimal or base64, also behind `whpk_`; or a JWK, or a set of one. The label of
    /// a PEM block may be that of another of these formats, and text may start with a byte order
    /// mark.
    ///
    /// # Errors
    /// If the bytes are none of these, or the key is unsafe: a modulus that is even, or has less
    /// than 1024 or more than 8192 bits; an exponent that is even, less than 3, or has more than 33
    /// bits; a point that is not on its curve, or has a small order.
    pub fn decode(id: &str, bytes: &[u8]) -> Result<Self, KeyError> {
        match decode(bytes)? {
            Decoded::One(key) => Ok(Self::from_decoded(id, key)),
            Decoded::Jwks(mut keys) => match (keys.pop(), keys.len()) {
                (Some(key), 0) => Ok(Self::from_jwk(id, key)),
                (_, others) => Err(KeyError::SeveralJwks(others.saturating_add(1))),
            },
        }
    }

    /// Decodes all keys of a JWK set (RFC 7517, section 5) that verify signatures: each with the id
    /// `id/kid`, or `id` if it has no `kid`. Other formats than a set contain one key, with the id
    /// `id`.
    ///
    /// # Errors
    /// As [`Self::decode`]; or if one of several keys has no `kid`, or another one's.
    pub fn decode_set(id: &str, bytes: &[u8]) -> Result<Vec<Self>, KeyError> {
        let keys = match decode(bytes)? {
            Decoded::One(key) => return Ok(vec![Self::from_decoded(id, key)]),
            Decoded::Jwks(keys) => keys,
        };
        let is_alone = keys.len() == 1;
        let mut ids = HashSet::new();
        for key in keys.iter().filter(|_| !is_alone) {
            let kid = key.id.as_ref().ok_or(JwkError::NoId)?;
            if !ids.insert(kid.clone()) {
                return Err(JwkError::SameId.into());
            }
        }
        let named = |key: Jwk| match key.id.as_ref().filter(|_| key.is_of_set) {
            Some(kid) => Self::from_jwk(&format!("{id}/{kid}"), key),
            None => Self::from_jwk(id, key),
        };
        Ok(keys.into_iter().map(named).collect())
    }

    /// A key that both sides know. Its bytes are the key.
    #[must_use]
    pub fn of_secret(id: &str, secret: Secret) -> Self {
        Self::new(id, Arc::new(secret))
    }

    fn new(id: &str, kind: Arc<dyn VerifyingKey>) -> Self {
        Self {
            id: id.to_owned(),
            kind,
            only: None,
            kid: None,
            certificate: None,
            named: BTreeMap::new(),
        }
    }

    fn from_decoded(id: &str, key: DecodedKey) -> Self {
        Self {
            certificate: key.certificate,
            ..Self::new(id, key.kind.into())
        }
    }

    fn from_jwk(id: &str, key: Jwk) -> Self {
        Self {
            only: key.algorithm,
            kid: key.id,
            ..Self::new(id, key.kind.into())
        }
    }

    /// Adds a further secret, for schemes that sign with several.
    #[must_use]
    pub fn with_named_secret(mut self, name: &str, secret: Secret) -> Self {
        self.named.insert(name.to_owned(), secret);
        self
    }

    /// The same key with another secret in place of its own, if it is one.
    #[must_use]
    pub fn with_secret(self, secret: Secret) -> Self {
        match self.secret() {
            None => self,
            Some(_) => Self {
                kind: Arc::new(secret),
                ..self
            },
        }
    }

    /// Its further secrets, with their names.
    pub fn named_secrets(&self) -> impl Iterator<Item = (&str, &Secret)> {
        let named = self.named.iter();
        named.map(|(name, secret)| (name.as_str(), secret))
    }

    /// Whether it has a further secret with this name.
    #[must_use]
    pub fn has_named_secret(&self, name: &str) -> bool {
        self.named.contains_key(name)
    }

    /// The further secret with this name.
    pub(crate) fn named_secret(&self, name: &str) -> Option<&Secret> {
        self.named.get(name)
    }

    /// The characters of its secret, if it is one.
    pub(crate) fn secret_text(&self) -> Option<&str> {
        self.kind.secret()?.text()
    }

    /// The characters of the further secret with this name.
    pub(crate) fn named_secret_text(&self, name: &str) -> Option<&str> {
        self.named.get(name)?.text()
    }

    /// Whether a callback that names this id means this key: by its id, by the `kid` of its JWK, or
    /// by the serial number of its certificate in hexadecimal.
    pub(crate) fn goes_by(&self, id: &str) -> bool {
        let certificate = self.certificate.as_ref();
        self.id == id
            || self.kid.as_deref() == Some(id)
            || certificate.is_some_and(|certificate| certificate.has_serial(id))
    }

    /// Whether it has an id that callbacks name: the `kid` of a JWK.
    pub(crate) const fn is_named(&self) -> bool {
        self.kid.is_some()
    }

    /// The certificate that it was read from, as DER.
    #[must_use]
    pub fn certificate(&self) -> Option<&[u8]> {
        let certificate = self.certificate.as_ref();
        certificate.map(|certificate| certificate.der.as_slice())
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The kind of key.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.kind.kind()
    }

    /// Its length in bits: that of an RSA key's modulus, or a curve's coordinates; 0 for a secret.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.kind.bits()
    }

    /// Whether it is too short by today's standards: RSA with less than 2048 bits.
    #[must_use]
    pub fn is_legacy(&self) -> bool {
        self.kind.is_legacy()
    }

    /// Whether the key can also make signatures. Such a key must not appear in any log or message.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.kind.is_secret()
    }

    /// The secret, if it is one.
    #[must_use]
    pub fn secret(&self) -> Option<&Secret> {
        self.kind.secret()
    }

    /// The only algorithm that it may be used with, if it is a JWK that names one.
    #[must_use]
    pub fn only(&self) -> Option<Algorithm> {
        self.only
    }

    /// The name that its provider gave it, if it is a JWK that has one.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// A SHA-256 of the key itself: the same for two ids of one key.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        self.kind.fingerprint()
    }

    /// Whether it can verify signatures of the algorithm.
    #[must_use]
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        let is_allowed = self.only.is_none_or(|only| only == algorithm);
        is_allowed && algorithm.key_kind() == self.kind()
    }

    /// Whether the signature could be from this key, judging by its length alone: RSA signatures have
    /// as many bytes as the modulus. This is cheap, so it is checked before the signed content is
    /// built.
    #[must_use]
    pub fn candidate(&self, algorithm: Algorithm, signature: &[u8]) -> bool {
        self.fits(algorithm) && self.kind.candidate(algorithm, signature)
    }

    /// The engine that verifies this key's signatures.
    #[must_use]
    pub fn engine(&self, algorithm: Algorithm) -> Engine {
        self.kind.engine(algorithm)
    }

    /// Whether this key made the signature over the message. Always `false` if the algorithm does
    /// not fit, and for plain digests, which prove nothing unless the message holds the secret
    /// ([`DigestCheck`](super::DigestCheck)). A signature of ECDSA is `r || s`:
    /// [`SignatureForm::read`](crate::scheme::SignatureForm::read) makes it from DER.
    #[must_use]
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.fits(algorithm) && self.kind.verify(algorithm, message, signature)
    }

    /// What a signature holds, opened with this key: for diagnosis only, it proves nothing. `None` unless it is an RSA
    /// key, and the signature as long as one of its own.
    #[must_use]
    pub fn open(&self, signature: &[u8]) -> Option<OpenedSignature> {
        self.kind.open(signature)
    }

    /// The same with one engine, to compare the engines. `None` if that engine does not support the
    /// algorithm for this key.
    #[must_use]
    pub fn verify_with(
        &self,
        engine: Engine,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        self.fits(algorithm)
            .then(|| self.kind.verify_with(engine, algorithm, message, signature))
            .flatten()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("id", &self.id)
            .field("kind", &self.kind())
            .field("bits", &self.bits())
            .finish_non_exhaustive()
    }
}
