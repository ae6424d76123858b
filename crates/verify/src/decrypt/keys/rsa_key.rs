//! An RSA private key, prepared for both engines.
//!
//! `aws-lc-rs` does every private-key operation that it supports: it is faster, and its arithmetic
//! takes constant time by design and by test. `rsa` does what `aws-lc-rs` does not support: OAEP
//! with two different digests.

use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey,
    Pkcs1PrivateDecryptingKey, PrivateDecryptingKey,
};
use rsa::Oaep;
use rsa::pkcs8::EncodePrivateKey as _;
use rsa::traits::PublicKeyParts as _;
use sha1::Sha1;
use sha2::Sha256;
use zeroize::{Zeroize as _, Zeroizing};

use super::private_key::PrivateKeyError;
use crate::decrypt::cipher::OaepDigest;

/// The largest block, in bytes: 8192 bits.
const MAX_BLOCK: usize = 1024;

/// The padding of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::decrypt) enum Padding {
    Pkcs1v15,
    Oaep {
        digest: OaepDigest,
        mgf1: OaepDigest,
    },
}

pub(in crate::decrypt) struct RsaPrivateKey {
    size: usize,
    bits: usize,
    pkcs1: Pkcs1PrivateDecryptingKey,
    oaep: OaepPrivateDecryptingKey,
    reference: rsa::PrivateKey,
}

impl RsaPrivateKey {
    pub(super) fn new(reference: rsa::PrivateKey) -> Result<Self, PrivateKeyError> {
        let unusable = |_| PrivateKeyError::Unusable;
        // It overwrites itself.
        let der = reference
            .to_pkcs8_der()
            .map_err(|_| PrivateKeyError::Unusable)?;
        let key = PrivateDecryptingKey::from_pkcs8(der.as_bytes())
            .map_err(|_| PrivateKeyError::Unusable)?;
        Ok(Self {
            size: key.key_size_bytes(),
            bits: usize::try_from(reference.n().bit_width()).unwrap_or(usize::MAX),
            pkcs1: Pkcs1PrivateDecryptingKey::new(key.clone()).map_err(unusable)?,
            oaep: OaepPrivateDecryptingKey::new(key).map_err(unusable)?,
            reference,
        })
    }

    /// The length of a block, in bytes.
    pub(in crate::decrypt) fn size(&self) -> usize {
        self.size
    }

    pub(super) fn bits(&self) -> usize {
        self.bits
    }

    /// Decrypts one block and appends its content to `clear`; `false` if the block does not fit
    /// this key and padding. `clear` must have room for a block, as a reallocation would leave its
    /// contents behind in memory.
    pub(in crate::decrypt) fn decrypt(
        &self,
        padding: Padding,
        block: &[u8],
        clear: &mut Vec<u8>,
    ) -> bool {
        match padding {
            Padding::Pkcs1v15 => self.decrypt_pkcs1(block, clear),
            Padding::Oaep {
                digest: OaepDigest::Sha1,
                mgf1: OaepDigest::Sha1,
            } => self.decrypt_oaep(&OAEP_SHA1_MGF1SHA1, block, clear),
            Padding::Oaep {
                digest: OaepDigest::Sha256,
                mgf1: OaepDigest::Sha256,
            } => self.decrypt_oaep(&OAEP_SHA256_MGF1SHA256, block, clear),
            Padding::Oaep {
                digest: OaepDigest::Sha256,
                mgf1: OaepDigest::Sha1,
            } => self.decrypt_mixed(Oaep::<Sha256, Sha1>::new_with_mgf_hash(), block, clear),
            Padding::Oaep {
                digest: OaepDigest::Sha1,
                mgf1: OaepDigest::Sha256,
            } => self.decrypt_mixed(Oaep::<Sha1, Sha256>::new_with_mgf_hash(), block, clear),
        }
    }

    fn decrypt_pkcs1(&self, block: &[u8], clear: &mut Vec<u8>) -> bool {
        let mut buffer = Zeroizing::new([0; MAX_BLOCK]);
        let inside = self.pkcs1.decrypt(block, &mut *buffer);
        append(inside.ok().as_deref(), clear)
    }

    fn decrypt_oaep(
        &self,
        algorithm: &'static OaepAlgorithm,
        block: &[u8],
        clear: &mut Vec<u8>,
    ) -> bool {
        let mut buffer = Zeroizing::new([0; MAX_BLOCK]);
        let inside = self.oaep.decrypt(algorithm, block, &mut *buffer, None);
        append(inside.ok().as_deref(), clear)
    }

    fn decrypt_mixed(
        &self,
        padding: impl rsa::traits::PaddingScheme,
        block: &[u8],
        clear: &mut Vec<u8>,
    ) -> bool {
        // Blinded with the system's random numbers.
        let mut inside = self.reference.decrypt(padding, block).ok();
        let decrypted = append(inside.as_deref(), clear);
        inside.zeroize();
        decrypted
    }
}

fn append(inside: Option<&[u8]>, clear: &mut Vec<u8>) -> bool {
    if let Some(inside) = inside {
        clear.extend_from_slice(inside);
    }
    inside.is_some()
}
