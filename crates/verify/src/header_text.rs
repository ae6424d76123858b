//! Text as a header value.

/// Percent-encodes what a header could not carry, so that decoding always restores the text: `%`,
/// control characters, everything beyond ASCII, and spaces at the ends.
#[must_use]
pub fn header_text(value: &str) -> String {
    let inner = value.trim_matches(' ');
    let start = value
        .len()
        .saturating_sub(value.trim_start_matches(' ').len());
    let end = start.saturating_add(inner.len());
    let stays = |at: usize, byte: u8| {
        let plain = matches!(byte, b' '..=b'~') && byte != b'%';
        let outer_space = byte == b' ' && !(start..end).contains(&at);
        plain && !outer_space
    };
    // Allocate all of it up front: the text may be secret, and a growing buffer leaves copies
    // behind.
    let encoded = value.bytes().enumerate();
    let encoded = encoded.filter(|(at, byte)| !stays(*at, *byte)).count();
    let capacity = value.len().saturating_add(encoded.saturating_mul(2));
    let mut out = String::with_capacity(capacity);
    for (at, byte) in value.bytes().enumerate() {
        if stays(at, byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for digit in [byte >> 4, byte & 15] {
                out.extend(
                    char::from_digit(digit.into(), 16).map(|digit| digit.to_ascii_uppercase()),
                );
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_can_be_undone() {
        for (value, encoded) in [
            ("plain text/1.5", "plain text/1.5"),
            ("100%", "100%25"),
            (" a b ", "%20a b%20"),
            ("   ", "%20%20%20"),
            ("a\r\nX-Evil: 1\0\u{7f}\t", "a%0D%0AX-Evil: 1%00%7F%09"),
            ("客", "%E5%AE%A2"),
        ] {
            assert_eq!(header_text(value), encoded);
        }
    }
}
