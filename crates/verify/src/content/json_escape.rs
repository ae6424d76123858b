//! JSON string escapes in the styles of several languages.

use super::sink::Sink;
use crate::scan::plain_length;
use crate::scheme::JsonEscape;

/// Writes a string with its quotes.
pub(super) fn write_string(text: &str, style: JsonEscape, out: &mut (impl Sink + ?Sized)) {
    out.put(b"\"");
    write_escaped(text, style, out);
    out.put(b"\"");
}

fn write_escaped(text: &str, style: JsonEscape, out: &mut (impl Sink + ?Sized)) {
    let mut rest = text;
    loop {
        let plain = match style {
            JsonEscape::Php => {
                plain_length(rest.as_bytes(), |byte| is_special(byte) | (byte == 0xE2))
            }
            _ => plain_length(rest.as_bytes(), is_special),
        };
        let (plain, tail) = rest.split_at_checked(plain).unwrap_or((rest, ""));
        out.put_str(plain);
        let mut chars = tail.chars();
        let Some(special) = chars.next() else { return };
        write_special(special, style, out);
        rest = chars.as_str();
    }
}

/// Whether a byte needs an escape in some style. `E2` begins U+2028 and U+2029, which PHP escapes.
#[inline]
fn is_special(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

fn write_special(special: char, style: JsonEscape, out: &mut (impl Sink + ?Sized)) {
    match special {
        '"' => out.put(b"\\\""),
        '\\' => out.put(b"\\\\"),
        '\u{8}' => out.put(b"\\b"),
        '\t' => out.put(b"\\t"),
        '\n' => out.put(b"\\n"),
        '\u{c}' => out.put(b"\\f"),
        '\r' => out.put(b"\\r"),
        '\u{2028}' => out.put(b"\\u2028"),
        '\u{2029}' => out.put(b"\\u2029"),
        '\0'..' ' => {
            out.put(b"\\u00");
            out.put(&hex(special as u8, style == JsonEscape::Jackson));
        }
        other => out.put_str(other.encode_utf8(&mut [0; 4])),
    }
}

/// The two hexadecimal digits of a byte.
pub(crate) fn hex(byte: u8, upper: bool) -> [u8; 2] {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, style: JsonEscape) -> String {
        let mut out = Vec::new();
        write_string(text, style, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn escape_styles_differ_as_their_languages_do() {
        let text = "a\"\\/\u{8}\t\n\u{c}\r\u{0}\u{1f}\u{7f}é€\u{2027}\u{2028}\u{2029}\u{202a}😀";
        assert_eq!(
            written(text, JsonEscape::Php),
            "\"a\\\"\\\\/\\b\\t\\n\\f\\r\\u0000\\u001f\u{7f}é€\u{2027}\\u2028\\u2029\u{202a}😀\""
        );
        assert_eq!(
            written(text, JsonEscape::PhpRawLineSeparators),
            "\"a\\\"\\\\/\\b\\t\\n\\f\\r\\u0000\\u001f\u{7f}é€\u{2027}\u{2028}\u{2029}\u{202a}😀\""
        );
        assert_eq!(
            written(text, JsonEscape::Jackson),
            "\"a\\\"\\\\/\\b\\t\\n\\f\\r\\u0000\\u001F\u{7f}é€\u{2027}\u{2028}\u{2029}\u{202a}😀\""
        );
    }
}
