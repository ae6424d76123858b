//! The fast engine: `aws-lc-rs`.

use aws_lc_rs::signature::{
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RsaParameters,
};
use rsa::pkcs1::EncodeRsaPublicKey as _;

use crate::algorithm::{Algorithm, Digest};

/// A key of 2048 bits or more, prepared for each digest.
pub(super) struct FastKey {
    sha1: ParsedPublicKey,
    sha256: ParsedPublicKey,
    sha384: ParsedPublicKey,
    sha512: ParsedPublicKey,
}

impl FastKey {
    pub(super) fn new(key: &rsa::PublicKey) -> Option<Self> {
        let der = key.to_pkcs1_der().ok()?;
        let parse = |parameters: &'static RsaParameters| {
            ParsedPublicKey::new(parameters, der.as_bytes()).ok()
        };
        Some(Self {
            sha1: parse(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY)?,
            sha256: parse(&RSA_PKCS1_2048_8192_SHA256)?,
            sha384: parse(&RSA_PKCS1_2048_8192_SHA384)?,
            sha512: parse(&RSA_PKCS1_2048_8192_SHA512)?,
        })
    }

    fn parsed(&self, algorithm: Algorithm) -> Option<&ParsedPublicKey> {
        match algorithm.digest() {
            Digest::Md5 => None,
            Digest::Sha1 => Some(&self.sha1),
            Digest::Sha256 => Some(&self.sha256),
            Digest::Sha384 => Some(&self.sha384),
            Digest::Sha512 => Some(&self.sha512),
        }
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
