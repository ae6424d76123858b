//! Escapes untrusted text for the logs: it stays on one line, and nothing in it is invisible.

use std::borrow::Cow;
use std::io::Write as _;

/// Whether a character is invisible or changes the rest of its line: it ends the line or reverses
/// the writing direction.
///
/// These are the control characters (Cc), the line and paragraph separators (Zl, Zp) and the format
/// characters (Cf) of Unicode 17.
pub(crate) const fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0001}'
            | '\u{e0020}'..='\u{e007f}'
    )
}

/// For people, as a whole line: escapes hidden characters and keeps all others.
pub(super) fn line(out: &mut Vec<u8>, text: &str) {
    write(out, text, is_hidden, rust_like);
}

/// For people, within quotes: also escapes quotes and backslashes.
pub(super) fn quoted(out: &mut Vec<u8>, text: &str) {
    let is_special = |c| is_hidden(c) || c == '"' || c == '\\';
    write(out, text, is_special, rust_like);
}

/// The same for any bytes: those that are not UTF-8 are written as `\xD6`.
pub(super) fn quoted_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        quoted(out, chunk.valid());
        for byte in chunk.invalid() {
            escaped_byte(out, *byte);
        }
    }
}

/// For people, any bytes: what is hidden, and backslashes, are escaped, so that each text has a look of
/// its own.
pub(crate) fn visible(bytes: &[u8]) -> String {
    let is_special = |c| is_hidden(c) || c == '\\';
    let mut out = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        write(&mut out, chunk.valid(), is_special, rust_like);
        for byte in chunk.invalid() {
            escaped_byte(&mut out, *byte);
        }
    }
    String::from_utf8(out).unwrap_or_default()
}

/// For people, several lines: escapes what is hidden in each.
pub(crate) fn visible_lines(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    for (nth, each) in text.split('\n').enumerate() {
        if nth > 0 {
            out.push(b'\n');
        }
        line(&mut out, each);
    }
    String::from_utf8(out).unwrap_or_default()
}

/// For a JSON string.
pub(super) fn json(out: &mut Vec<u8>, text: &str) {
    // The fast path: nearly all text is plain.
    if text.bytes().all(is_plain) {
        return out.extend_from_slice(text.as_bytes());
    }
    let is_special = |c| is_hidden(c) || c == '"' || c == '\\';
    write(out, text, is_special, json_like);
}

/// Any bytes as text, for where it is escaped as a whole, as in JSON. Bytes that are not UTF-8 become
/// `\xD6`, and a backslash before an `x` becomes `\x5C`: so whoever replaces every `\x` with its two
/// digits has the bytes again.
pub(crate) fn legible(bytes: &[u8]) -> Cow<'_, str> {
    const BEGIN: &str = "\\x";
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.contains(BEGIN)
    {
        return text.into();
    }
    let mut out = Vec::with_capacity(bytes.len().saturating_mul(2));
    for chunk in bytes.utf8_chunks() {
        for (nth, part) in chunk.valid().split(BEGIN).enumerate() {
            if nth > 0 {
                escaped_byte(&mut out, b'\\');
                out.push(b'x');
            }
            out.extend_from_slice(part.as_bytes());
        }
        for byte in chunk.invalid() {
            escaped_byte(&mut out, *byte);
        }
    }
    String::from_utf8(out).unwrap_or_default().into()
}

/// `\xD6`.
pub(super) fn escaped_byte(out: &mut Vec<u8>, byte: u8) {
    // Writing to memory cannot fail.
    let _ = write!(out, "\\x{byte:02X}");
}

/// Whether a byte is an ASCII character that never needs escaping.
pub(super) const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

fn write(
    out: &mut Vec<u8>,
    text: &str,
    is_special: impl Fn(char) -> bool,
    escape: impl Fn(&mut Vec<u8>, char),
) {
    let mut rest = text;
    while let Some((plain, special, behind)) = rest.find(&is_special).and_then(|at| {
        let (plain, behind) = rest.split_at_checked(at)?;
        let mut behind = behind.chars();
        Some((plain, behind.next()?, behind.as_str()))
    }) {
        out.extend_from_slice(plain.as_bytes());
        escape(out, special);
        rest = behind;
    }
    out.extend_from_slice(rest.as_bytes());
}

/// `\n`, `\"`, `\u{2028}`.
fn rust_like(out: &mut Vec<u8>, character: char) {
    // Writing to memory cannot fail.
    let _ = write!(out, "{}", character.escape_default());
}

/// `\n`, `\"`, `\u2028`; a surrogate pair above U+FFFF (RFC 8259, section 7).
fn json_like(out: &mut Vec<u8>, character: char) {
    let short = match character {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to memory cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
            return;
        }
    };
    out.extend_from_slice(short.as_bytes());
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn made(escape: impl Fn(&mut Vec<u8>, &str), text: &str) -> String {
        let mut out = Vec::new();
        escape(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    /// Python has the characters of some version of Unicode. Newer ones have more of them, so what it
    /// does not know (Cn) may be hidden or not.
    #[test]
    fn hidden_characters_are_those_of_unicode() {
        let program = "import sys, unicodedata\n\
            hidden = lambda c: unicodedata.category(chr(c)) in ('Cc', 'Cf', 'Zl', 'Zp')\n\
            known = lambda c: unicodedata.category(chr(c)) != 'Cn'\n\
            print(*filter(hidden, range(0x110000)))\n\
            print(*filter(known, map(int, sys.argv[1:])))";
        let ours: Vec<String> = ('\0'..=char::MAX)
            .filter(|character| is_hidden(*character))
            .map(|character| u32::from(character).to_string())
            .collect();
        let output = Command::new("python3")
            .args(["-c", program])
            .args(&ours)
            .output()
            .unwrap();
        let output = String::from_utf8(output.stdout).unwrap();
        let (all, known) = output.trim_end().split_once('\n').unwrap();
        assert_eq!(all, known);
        assert!(all.split(' ').count() > 200, "{all}");
    }

    #[test]
    fn hidden_characters_are_shown() {
        let text = "a\u{2028}b\u{2029}c\u{202e}d\u{200b}e\u{feff}f\u{e0041}g\u{85}h\n\u{7f}é";
        assert_eq!(
            made(line, text),
            r"a\u{2028}b\u{2029}c\u{202e}d\u{200b}e\u{feff}f\u{e0041}g\u{85}h\n\u{7f}é"
        );
        assert_eq!(made(quoted, "\u{202e}\"\\ é"), r#"\u{202e}\"\\ é"#);
        assert_eq!(
            made(json, text),
            r"a\u2028b\u2029c\u202ed\u200be\ufefff\udb40\udc41g\u0085h\n\u007fé"
        );
    }

    #[test]
    fn every_character_comes_back_from_json() {
        let all: String = ('\0'..=char::MAX).collect();
        let mut out = b"\"".to_vec();
        json(&mut out, &all);
        out.push(b'"');
        assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), all);
        let text = String::from_utf8(out).unwrap();
        assert!(!text.contains(is_hidden));
    }

    /// What a reader of the JSON log does: replaces each `\x` with its two digits by the byte.
    fn bytes(text: &str) -> Vec<u8> {
        let mut parts = text.split("\\x");
        let mut out = parts.next().unwrap().as_bytes().to_vec();
        for part in parts {
            let (digits, rest) = part.split_at(2);
            out.push(u8::from_str_radix(digits, 16).unwrap());
            out.extend(rest.as_bytes());
        }
        out
    }

    #[test]
    fn every_byte_comes_back_from_legible_text() {
        let pairs = (0..=255_u8).flat_map(|a| [b'\\', b'x', 0xc3, 0xa9, 0xff].map(|b| [b, a]));
        for pair in pairs {
            for all in [
                &pair[..],
                &[pair, pair].concat(),
                &[b"\\", &pair[..], b"x41"].concat(),
            ] {
                assert_eq!(bytes(&legible(all)), all, "{}", legible(all));
            }
        }
        for (bytes, text) in [
            (&b"/a\xd6\xff?b=\xc3\xa9"[..], "/a\\xD6\\xFF?b=é"),
            (b"\\n \\", "\\n \\"),
            (b"\\xD6", "\\x5CxD6"),
            (b"\\\xd6", "\\\\xD6"),
        ] {
            assert_eq!(legible(bytes), text);
        }
    }
}
