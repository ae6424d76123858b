//! Finds the byte that ends a plain run, many bytes at a time.

/// The bytes in a block; compilers turn the loop over a block into a few instructions.
const BLOCK: usize = 16;

/// The number of bytes before the first special one. `is_special` must not branch (use `|`, not
/// `||` or `matches!`): otherwise the loop is not vectorised and takes eight times as long.
#[inline]
pub(super) fn plain_length(bytes: &[u8], is_special: impl Fn(u8) -> bool) -> usize {
    // Most runs are short, and for those one byte at a time is faster.
    let (start, rest) = bytes.split_at_checked(BLOCK).unwrap_or((bytes, &[]));
    if let Some(at) = start.iter().position(|byte| is_special(*byte)) {
        return at;
    }
    let (blocks, _) = rest.as_chunks::<BLOCK>();
    let plain = blocks.iter().take_while(|block| {
        // No early exit, for the same reason.
        let specials = block.iter().map(|byte| u8::from(is_special(*byte)));
        specials.fold(0, |any, special| any | special) == 0
    });
    let skipped = plain.count().saturating_mul(BLOCK);
    let rest = rest.get(skipped..).unwrap_or_default();
    let more = rest.iter().position(|byte| is_special(*byte));
    start
        .len()
        .saturating_add(skipped)
        .saturating_add(more.unwrap_or(rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_special_byte_is_found_at_every_position() {
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
