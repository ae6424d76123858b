//! Percent codes.

use std::borrow::Cow;
use std::iter;

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

/// The bytes that a lenient reader of forms and queries takes a text for, each with the number of bytes
/// that it is written in. A percent sign without two digits stands for itself.
pub(crate) fn lenient(written: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    units(written, |_| 0)
}

/// The same to a reader who decodes again and again: `%253D` is one `=`.
pub fn repeatedly_decoded(written: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    // A `25` behind a percent sign is another percent sign, as long as digits follow.
    units(written, |behind| {
        let nested = behind.chunks(2).take_while(|pair| *pair == b"25").count();
        let nested = nested.saturating_mul(2);
        let is_code = |length: &usize| {
            behind
                .get(*length..)
                .is_some_and(|rest| first_code(rest).is_some())
        };
        [nested, nested.saturating_sub(2)]
            .into_iter()
            .find(is_code)
            .unwrap_or_default()
    })
}

/// `skipped` says how many bytes behind a percent sign precede its digits.
fn units(written: &[u8], skipped: impl Fn(&[u8]) -> usize) -> impl Iterator<Item = (usize, u8)> {
    let mut rest = written;
    iter::from_fn(move || {
        let (first, behind) = rest.split_first()?;
        rest = behind;
        Some(match first {
            b'+' => (1, b' '),
            b'%' => {
                let skipped = skipped(behind);
                let digits = behind.get(skipped..).unwrap_or_default();
                match first_code(digits) {
                    Some(byte) => {
                        rest = digits.get(2..).unwrap_or_default();
                        (skipped.saturating_add(3), byte)
                    }
                    None => (1, b'%'),
                }
            }
            byte => (1, *byte),
        })
    })
}

fn first_code(text: &[u8]) -> Option<u8> {
    let (digits, _) = text.split_at_checked(2)?;
    code(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_decoded_once_or_to_the_end() {
        for (written, once, to_the_end) in [
            ("a%3Db+c", "a=b c", "a=b c"),
            ("%253D", "%3D", "="),
            ("%25253d%25", "%253d%", "=%"),
            ("%2525", "%25", "%"),
            ("%25%3D", "%=", "%="),
            ("%", "%", "%"),
            ("%2", "%2", "%2"),
            ("%zz%25zz", "%zz%zz", "%zz%zz"),
        ] {
            let text = |units: &mut dyn Iterator<Item = (usize, u8)>| {
                let (lengths, bytes): (Vec<usize>, Vec<u8>) = units.unzip();
                assert_eq!(lengths.iter().sum::<usize>(), written.len(), "{written}");
                String::from_utf8(bytes).unwrap()
            };
            let written = written.as_bytes();
            assert_eq!(text(&mut lenient(written)), once);
            assert_eq!(text(&mut repeatedly_decoded(written)), to_the_end);
        }
    }
}
