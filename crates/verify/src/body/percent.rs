//! Percent codes.

use std::borrow::Cow;

use super::charset::Charset;

/// The decoded text. `None` if a code has no two digits, or the bytes are no text.
pub(super) fn decode(raw: &str, charset: Charset) -> Option<Cow<'_, str>> {
    if !raw.contains(['%', '+']) {
        return Some(raw.into());
    }
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        bytes.push(match first {
            b'+' => b' ',
            b'%' => {
                let (digits, behind) = rest.split_at_checked(2)?;
                rest = behind;
                code(digits)?
            }
            byte => *byte,
        });
    }
    if let Charset::Utf8 = charset {
        return String::from_utf8(bytes).ok().map(Cow::Owned);
    }
    charset.decode(&bytes).map(Cow::into_owned).map(Cow::Owned)
}

fn code(digits: &[u8]) -> Option<u8> {
    digits.iter().try_fold(0_u8, |code, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(code << 4 | u8::try_from(digit).ok()?)
    })
}
