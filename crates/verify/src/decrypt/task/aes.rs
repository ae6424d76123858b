//! A value encrypted with AES.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::clear_text::{ClearText, accept};
use crate::decrypt::cipher::{self, AES_BLOCK, Cipher, GCM_TAG};
use crate::decrypt::failure::DecryptFailure;
use crate::decrypt::keys::{DecryptionKey, KeyMaterial};
use crate::decrypt::rule::ContentKind;

/// A value encrypted with AES, and the keys that may fit.
pub(super) struct AesJob {
    cipher: Cipher,
    iv: Vec<u8>,
    aad: Vec<u8>,
    cipher_text: Vec<u8>,
    keys: Vec<Arc<DecryptionKey>>,
    nth_key: usize,
}

impl AesJob {
    pub(super) fn new(
        cipher: Cipher,
        iv: Vec<u8>,
        aad: Vec<u8>,
        cipher_text: Vec<u8>,
        keys: &[Arc<DecryptionKey>],
    ) -> Result<Self, DecryptFailure> {
        let has_length = match cipher {
            Cipher::AesCbc { .. } => {
                !cipher_text.is_empty() && cipher_text.len().is_multiple_of(AES_BLOCK)
            }
            _ => cipher_text.len() >= GCM_TAG,
        };
        if !has_length {
            return Err(DecryptFailure::WrongLength);
        }
        Ok(Self {
            cipher,
            iv,
            aad,
            cipher_text,
            keys: keys.to_vec(),
            nth_key: 0,
        })
    }

    pub(super) fn length(&self) -> usize {
        self.cipher_text.len()
    }

    /// Tries one key. `None`: there are more.
    pub(super) fn step(
        &mut self,
        content: ContentKind,
    ) -> Option<Result<ClearText, DecryptFailure>> {
        let key = self.keys.get(self.nth_key);
        self.nth_key = self.nth_key.saturating_add(1);
        let clear = key.and_then(|key| self.decrypt(key, content));
        if clear.is_none() && self.nth_key >= self.keys.len() {
            return Some(Err(DecryptFailure::NotDecrypted));
        }
        clear.map(Ok)
    }

    fn decrypt(&self, key: &DecryptionKey, content: ContentKind) -> Option<ClearText> {
        let KeyMaterial::Aes(key) = key.secret() else {
            return None;
        };
        let mut buffer = Zeroizing::new(self.cipher_text.clone());
        let sound = match self.cipher {
            Cipher::AesGcm { .. } => cipher::decrypt_gcm(key, &self.iv, &self.aad, &mut buffer),
            Cipher::AesCbc { .. } => {
                let iv = <[u8; AES_BLOCK]>::try_from(self.iv.as_slice()).ok()?;
                cipher::decrypt_cbc(key, iv, &mut buffer)
            }
            Cipher::RsaPkcs1v15 | Cipher::RsaOaep { .. } => false,
        };
        accept(sound, &mut buffer, content)
    }
}
