//! Spellings of the name of the field that names the character set.

use crate::body::lenient;

/// Whether a reader of forms may take a name, as it is written, for another one: percent codes stand
/// for characters, some readers ignore case, and PHP leaves out spaces before a name, reads ` ` and `.`
/// as `_`, and `name[x]` as a part of `name`.
pub(super) fn may_be_read_as(written: &[u8], name: &str) -> bool {
    let read = |byte: u8| match byte {
        b' ' | b'.' => b'_',
        other => other.to_ascii_lowercase(),
    };
    let written = lenient(written).map(|(_, byte)| byte);
    let mut written = written.skip_while(|byte| *byte == b' ').map(read);
    name.bytes()
        .map(read)
        .all(|byte| written.next() == Some(byte))
        && matches!(written.next(), None | Some(b'[' | b'\0'))
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
