//! Hexadecimal text.

/// Decodes hexadecimal digits of either case; `None` if the text is invalid.
#[must_use]
pub fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    // Allocate all of it up front: it may be a key, and a growing buffer leaves copies behind.
    let mut bytes = Vec::with_capacity(pairs.len());
    for &[high, low] in pairs {
        bytes.push(u8::try_from(digit(high)? << 4 | digit(low)?).ok()?);
    }
    Some(bytes)
}

/// The two hexadecimal digits of a byte.
pub(crate) fn hex_digits(byte: u8, upper: bool) -> [u8; 2] {
    [byte >> 4, byte & 15].map(|digit| {
        let character = char::from_digit(digit.into(), 16).unwrap_or('0');
        let character = if upper {
            character.to_ascii_uppercase()
        } else {
            character
        };
        character as u8
    })
}
