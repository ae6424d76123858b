//! Whether bytes can be text.

/// Whether the bytes are UTF-8 without control characters but tabs and line ends.
///
/// A wrong key's result passes this about as seldom as its padding passes, and independently.
pub(super) fn is_plausible(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| {
        text.chars()
            .all(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_any_script_is_plausible_and_bytes_are_not() {
        for text in ["", "A-1 \t\r\n", "محمد بن سلمان", "张伟", "\u{1f600}"] {
            assert!(is_plausible(text.as_bytes()), "{text}");
        }
        for bytes in [
            &b"\0"[..],
            b"a\x1b",
            b"\x7f",
            b"\xc2\x80",
            b"\xff",
            b"\xe5\xbc",
        ] {
            assert!(!is_plausible(bytes), "{bytes:?}");
        }
    }
}
