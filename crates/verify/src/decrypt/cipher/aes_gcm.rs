//! AES-GCM (NIST SP 800-38D).

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

/// Decrypts in place and leaves the clear text in `buffer`; `false` if the tag does not match.
pub(in crate::decrypt) fn decrypt(
    key: &[u8],
    nonce: &[u8],
    aad: &[u8],
    buffer: &mut Vec<u8>,
) -> bool {
    let algorithm = if key.len() == 16 {
        &AES_128_GCM
    } else {
        &AES_256_GCM
    };
    let key = UnboundKey::new(algorithm, key).ok();
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok();
    let Some((key, nonce)) = key.zip(nonce) else {
        return false;
    };
    let opened = LessSafeKey::new(key).open_in_place(nonce, Aad::from(aad), buffer);
    let length = opened.map(|clear| clear.len()).ok();
    buffer.truncate(length.unwrap_or(0));
    length.is_some()
}
