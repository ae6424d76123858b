//! Spellings of the name of the field that names the character set.

use std::iter;

/// Whether a reader of forms may take a name, as it is written, for another one: percent codes stand
/// for characters, some readers ignore case, and PHP leaves out spaces before a name, reads ` ` and `.`
/// as `_`, and `name[x]` as a part of `name`.
pub(super) fn may_be_read_as(written: &[u8], name: &str) -> bool {
    let read = |byte: u8| match byte {
        b' ' | b'.' => b'_',
        other => other.to_ascii_lowercase(),
    };
    let mut written = decoded(written).skip_while(|byte| *byte == b' ').map(read);
    name.bytes()
        .map(read)
        .all(|byte| written.next() == Some(byte))
        && matches!(written.next(), None | Some(b'[' | b'\0'))
}

/// The bytes of a name. A percent sign without digits stands for itself.
fn decoded(written: &[u8]) -> impl Iterator<Item = u8> {
    let mut rest = written;
    iter::from_fn(move || {
        let (first, behind) = rest.split_first()?;
        rest = behind;
        if *first == b'%'
            && let Some((digits, behind)) = rest.split_at_checked(2)
            && let Some(byte) = byte(digits)
        {
            rest = behind;
            return Some(byte);
        }
        Some(if *first == b'+' { b' ' } else { *first })
    })
}

fn byte(digits: &[u8]) -> Option<u8> {
    digits.iter().try_fold(0, |byte, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(byte << 4 | u8::try_from(digit).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_name() {
        for written in [
            "charset",
            "%63harset",
            "c%68arse%74",
            "Charset",
            "+charset",
            "%20charset",
            "charset[]",
            "charset%5B0%5D",
            "charset%00x",
        ] {
            assert!(may_be_read_as(written.as_bytes(), "charset"), "{written}");
        }
        for written in [
            "",
            "char",
            "charsets",
            "x_charset",
            "%6",
            "charset%",
            "%zzcharset",
        ] {
            assert!(!may_be_read_as(written.as_bytes(), "charset"), "{written}");
        }
        assert!(may_be_read_as(b"_input.charset", "_input_charset"));
        assert!(may_be_read_as(b"_input%20charset", "_input_charset"));
    }
}
