//! The fast engine: `aws-lc-rs`.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, VerificationAlgorithm,
};
use once_cell::sync::OnceCell;

use crate::algorithm::{Algorithm, KeyKind};

/// What the engine offers. Its PSS takes only salts of the digest's length, as ours does.
const OFFERED: &[(Algorithm, &dyn VerificationAlgorithm)] = &[
    (Algorithm::RsaSha256, &RSA_PKCS1_2048_8192_SHA256),
    (Algorithm::RsaSha384, &RSA_PKCS1_2048_8192_SHA384),
    (Algorithm::RsaSha512, &RSA_PKCS1_2048_8192_SHA512),
    (
        Algorithm::RsaSha1,
        &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
    ),
    (Algorithm::RsaPssSha256, &RSA_PSS_2048_8192_SHA256),
    (Algorithm::RsaPssSha384, &RSA_PSS_2048_8192_SHA384),
    (Algorithm::RsaPssSha512, &RSA_PSS_2048_8192_SHA512),
    (Algorithm::EcdsaP256Sha256, &ECDSA_P256_SHA256_FIXED),
    (Algorithm::EcdsaP384Sha384, &ECDSA_P384_SHA384_FIXED),
    (Algorithm::EcdsaP521Sha512, &ECDSA_P521_SHA512_FIXED),
    (Algorithm::Ed25519, &ED25519),
];

/// A key, prepared for each algorithm when that is used for the first time: nearly every key is
/// used with one.
pub(super) struct FastKey {
    bytes: Box<[u8]>,
    offered: Box<[Offered]>,
}

struct Offered {
    algorithm: Algorithm,
    engine: &'static dyn VerificationAlgorithm,
    /// None if the engine does not take the key.
    key: OnceCell<Option<ParsedPublicKey>>,
}

impl FastKey {
    /// `bytes` is PKCS#1 for RSA, an uncompressed point for ECDSA, 32 bytes for Ed25519. `None` if
    /// the engine does not take the key.
    pub(super) fn new(kind: KeyKind, bytes: &[u8]) -> Option<Self> {
        let offered = OFFERED.iter();
        let offered = offered.filter(|(algorithm, _)| algorithm.key_kind() == kind);
        let key = Self {
            bytes: bytes.into(),
            offered: offered
                .map(|(algorithm, engine)| Offered {
                    algorithm: *algorithm,
                    engine: *engine,
                    key: OnceCell::new(),
                })
                .collect(),
        };
        let first = key.offered.first()?.algorithm;
        key.parsed(first).is_some().then_some(key)
    }

    fn parsed(&self, algorithm: Algorithm) -> Option<&ParsedPublicKey> {
        let mut offered = self.offered.iter();
        let offered = offered.find(|offered| offered.algorithm == algorithm)?;
        let parse = || ParsedPublicKey::new(offered.engine, &self.bytes).ok();
        offered.key.get_or_init(parse).as_ref()
    }

    pub(super) fn offers(&self, algorithm: Algorithm) -> bool {
        self.parsed(algorithm).is_some()
    }

    /// Whether the key made the signature; `None` if the engine does not support the algorithm.
    pub(super) fn verify(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        let key = self.parsed(algorithm)?;
        Some(key.verify_sig(message, signature).is_ok())
    }
}
