//! A value in RSA blocks.

use std::sync::Arc;

use zeroize::{Zeroize as _, Zeroizing};

use super::clear_text::{ClearText, accept};
use crate::decrypt::failure::DecryptFailure;
use crate::decrypt::keys::{DecryptionKey, KeyMaterial, Padding, RsaPrivateKey};
use crate::decrypt::rule::ContentKind;

/// A value in RSA blocks, which may be encrypted to any of several keys.
///
/// With each key, all blocks are decrypted, even after a wrong one, so that the time does not
/// reveal which one was wrong.
pub(super) struct RsaJob {
    padding: Padding,
    cipher_text: Vec<u8>,
    /// The keys whose block length divides the cipher text, in order.
    keys: Vec<Arc<DecryptionKey>>,
    nth_key: usize,
    /// The first byte of the next block.
    at: usize,
    /// Whether all blocks so far were right.
    sound: bool,
    clear: ClearText,
}

impl RsaJob {
    /// The work on a value, and the most private-key operations that it can take.
    pub(super) fn new(
        padding: Padding,
        cipher_text: Vec<u8>,
        keys: &[Arc<DecryptionKey>],
    ) -> Result<(Self, usize), DecryptFailure> {
        let blocks = |key: &Arc<DecryptionKey>| {
            let size = rsa(key)?.size();
            (!cipher_text.is_empty() && cipher_text.len().checked_rem(size)? == 0)
                .then(|| cipher_text.len().checked_div(size))
                .flatten()
        };
        let (keys, blocks): (Vec<_>, Vec<_>) = keys
            .iter()
            .filter_map(|key| Some((Arc::clone(key), blocks(key)?)))
            .unzip();
        if keys.is_empty() {
            return Err(DecryptFailure::WrongLength);
        }
        let operations = blocks
            .iter()
            .fold(0, |sum: usize, blocks| sum.saturating_add(*blocks));
        let job = Self {
            padding,
            // A block's content is shorter than the block.
            clear: Zeroizing::new(Vec::with_capacity(cipher_text.len())),
            cipher_text,
            keys,
            nth_key: 0,
            at: 0,
            sound: true,
        };
        Ok((job, operations))
    }

    pub(super) fn length(&self) -> usize {
        self.cipher_text.len()
    }

    /// Does one private-key operation. `None`: there are more.
    pub(super) fn step(
        &mut self,
        content: ContentKind,
    ) -> Option<Result<ClearText, DecryptFailure>> {
        let failed = Some(Err(DecryptFailure::NotDecrypted));
        let Some(key) = self.keys.get(self.nth_key).and_then(rsa) else {
            return failed;
        };
        let end = self.at.saturating_add(key.size());
        let block = self.cipher_text.get(self.at..end).unwrap_or_default();
        self.sound &= key.decrypt(self.padding, block, &mut self.clear);
        self.at = end;
        if self.at < self.cipher_text.len() {
            return None;
        }
        if let Some(clear) = accept(self.sound, &mut self.clear, content) {
            return Some(Ok(clear));
        }
        self.clear.zeroize();
        self.nth_key = self.nth_key.saturating_add(1);
        self.at = 0;
        self.sound = true;
        if self.nth_key < self.keys.len() {
            return None;
        }
        failed
    }
}

fn rsa(key: &Arc<DecryptionKey>) -> Option<&RsaPrivateKey> {
    match key.secret() {
        KeyMaterial::Rsa(key) => Some(key),
        KeyMaterial::Aes(_) => None,
    }
}
