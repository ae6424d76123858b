//! Finding the byte that ends a plain run, many bytes at a time.

/// Bytes that are looked at together; compilers turn the loop over them into a few instructions.
const BLOCK: usize = 16;

/// How many bytes stand before the first special one.
#[inline]
pub(super) fn plain_length(bytes: &[u8], is_special: impl Fn(u8) -> bool) -> usize {
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    let plain = blocks.iter().take_while(|block| {
        // No early end: it would keep the block from being looked at as a whole.
        !block
            .iter()
            .fold(false, |special, byte| special | is_special(*byte))
    });
    let skipped = plain.count().saturating_mul(BLOCK);
    let rest = bytes.get(skipped..).unwrap_or_default();
    let more = rest.iter().position(|byte| is_special(*byte));
    skipped.saturating_add(more.unwrap_or(rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_found() {
        for length in 0..70 {
            let mut bytes = vec![b'x'; length];
            assert_eq!(plain_length(&bytes, |byte| byte == b'"'), length);
            for at in (0..length).rev() {
                bytes[at] = b'"';
                assert_eq!(plain_length(&bytes, |byte| byte == b'"'), at, "of {length}");
            }
        }
    }
}
