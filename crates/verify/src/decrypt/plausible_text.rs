//! Checks whether bytes can be text.

/// Whether the bytes are UTF-8 without control characters except tabs and line ends.
///
/// The result of a wrong key passes this about as rarely as its padding passes, and independently
/// of that.
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
    fn text_in_any_script_is_plausible_and_random_bytes_are_not() {
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
