//! The signatures in a chain of certificates, verified by the same code as those of callbacks.

use rustls_pki_types::{
    AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id,
};
use x509_cert::der::asn1::Any;
use x509_cert::der::{Encode as _, Tag};

use crate::algorithm::Algorithm;
use crate::keys::Key;
use crate::signature_form::SignatureForm;

/// How one certificate signs another.
#[derive(Debug)]
pub(super) struct ChainAlgorithm {
    algorithm: Algorithm,
    key: AlgorithmIdentifier,
    signature: AlgorithmIdentifier,
}

/// What may sign a certificate: nothing with SHA-1 or MD5, whose collisions forge certificates.
pub(super) const ALL: &[&dyn SignatureVerificationAlgorithm] = &[
    &chain(
        Algorithm::RsaSha256,
        alg_id::RSA_ENCRYPTION,
        alg_id::RSA_PKCS1_SHA256,
    ),
    &chain(
        Algorithm::RsaSha384,
        alg_id::RSA_ENCRYPTION,
        alg_id::RSA_PKCS1_SHA384,
    ),
    &chain(
        Algorithm::RsaSha512,
        alg_id::RSA_ENCRYPTION,
        alg_id::RSA_PKCS1_SHA512,
    ),
    &chain(
        Algorithm::EcdsaP256Sha256,
        alg_id::ECDSA_P256,
        alg_id::ECDSA_SHA256,
    ),
    &chain(
        Algorithm::EcdsaP384Sha384,
        alg_id::ECDSA_P384,
        alg_id::ECDSA_SHA384,
    ),
    &chain(
        Algorithm::EcdsaP521Sha512,
        alg_id::ECDSA_P521,
        alg_id::ECDSA_SHA512,
    ),
    &chain(Algorithm::Ed25519, alg_id::ED25519, alg_id::ED25519),
];

const fn chain(
    algorithm: Algorithm,
    key: AlgorithmIdentifier,
    signature: AlgorithmIdentifier,
) -> ChainAlgorithm {
    ChainAlgorithm {
        algorithm,
        key,
        signature,
    }
}

impl SignatureVerificationAlgorithm for ChainAlgorithm {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let key = self.public_key(public_key).ok_or(InvalidSignature)?;
        let form = self.algorithm.curve().map(|_| SignatureForm::Der);
        let signature = SignatureForm::read(form, self.algorithm, signature);
        let signature = signature.ok_or(InvalidSignature)?;
        if !key.is_legacy() && key.verify(self.algorithm, message, &signature) {
            Ok(())
        } else {
            Err(InvalidSignature)
        }
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.key
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}

impl ChainAlgorithm {
    /// The key, out of the inner bytes of a SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7).
    fn public_key(&self, bits: &[u8]) -> Option<Key> {
        let wrap = |tag, inner: Vec<u8>| Any::new(tag, inner).ok()?.to_der().ok();
        // No bit of the last byte is unused.
        let bits = wrap(Tag::BitString, [&[0], bits].concat())?;
        let algorithm = wrap(Tag::Sequence, self.key.to_vec())?;
        let info = wrap(Tag::Sequence, [algorithm, bits].concat())?;
        Key::decode("", &info).ok()
    }
}
