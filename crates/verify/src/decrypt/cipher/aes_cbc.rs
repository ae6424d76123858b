//! AES-CBC with PKCS#7 padding (RFC 5652, section 6.3).

use aws_lc_rs::cipher::{AES_128, AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _, ConstantTimeGreater as _};

use super::AES_BLOCK;

/// Decrypts in place and leaves the clear text in `buffer`; `false` if the input is not whole
/// blocks, or the padding is wrong.
pub(in crate::decrypt) fn decrypt(key: &[u8], iv: [u8; AES_BLOCK], buffer: &mut Vec<u8>) -> bool {
    let algorithm = if key.len() == 16 { &AES_128 } else { &AES_256 };
    let decrypted = UnboundCipherKey::new(algorithm, key)
        // Do not let the engine remove the padding: the time that takes would reveal it.
        .and_then(DecryptingKey::cbc)
        .and_then(|key| {
            let context = DecryptionContext::Iv128(FixedLength::from(iv));
            key.decrypt(buffer, context).map(|_| ())
        });
    let padding = decrypted.ok().and_then(|()| padding(buffer));
    let length = padding.map(|padding| buffer.len().saturating_sub(padding));
    buffer.truncate(length.unwrap_or(0));
    length.is_some()
}

/// The length of the padding in bytes, found in constant time whether it is right or wrong.
fn padding(buffer: &[u8]) -> Option<usize> {
    let last_block: &[u8; AES_BLOCK] = buffer.last_chunk()?;
    let length = *last_block.last()?;
    let block_length = AES_BLOCK as u8;
    let mut right = !length.ct_eq(&0) & !length.ct_gt(&block_length);
    for (before_end, byte) in (1..=block_length).zip(last_block.iter().rev()) {
        let is_padding = !before_end.ct_gt(&length);
        let fits = Choice::conditional_select(&Choice::from(1), &byte.ct_eq(&length), is_padding);
        right &= fits;
    }
    bool::from(right).then_some(usize::from(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_valid_padding_is_recognised_and_nothing_else() {
        for length in 0..=u8::MAX {
            let mut block = [length; AES_BLOCK];
            let expected = (1..=16).contains(&length).then_some(usize::from(length));
            assert_eq!(padding(&block), expected);
            if let Some(right) = expected {
                let first = AES_BLOCK - right;
                block[first] ^= 1;
                assert_eq!(padding(&block), None);
                block[first] ^= 1;
                if first > 0 {
                    block[first - 1] = 0;
                    assert_eq!(padding(&block), expected);
                }
            }
        }
        assert_eq!(padding(&[1; 15]), None);
        assert_eq!(padding(&[]), None);
    }
}
