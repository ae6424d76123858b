//! Escapes untrusted text for the logs: it stays on one line, and nothing in it is invisible.

use std::io::Write as _;

/// Whether a character is invisible or changes the rest of its line: it ends the line or reverses
/// the writing direction.
///
/// These are the control characters (Cc), the line and paragraph separators (Zl, Zp) and the format
/// characters (Cf) of Unicode 17.
pub(super) const fn is_hidden(character: char) -> bool {
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

/// For a JSON string. Invalid UTF-8 becomes U+FFFD, as otherwise the whole line would be invalid
/// JSON.
pub(super) fn json(out: &mut Vec<u8>, text: &[u8]) {
    // The fast path: nearly all text is plain.
    if text.iter().all(|byte| is_plain(*byte)) {
        return out.extend_from_slice(text);
    }
    let is_special = |c| is_hidden(c) || c == '"' || c == '\\';
    for chunk in text.utf8_chunks() {
        write(out, chunk.valid(), is_special, json_like);
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
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
        let as_json = |out: &mut Vec<u8>, text: &str| json(out, text.as_bytes());
        assert_eq!(
            made(as_json, text),
            r"a\u2028b\u2029c\u202ed\u200be\ufefff\udb40\udc41g\u0085h\n\u007fé"
        );
    }

    #[test]
    fn every_character_comes_back_from_json() {
        let all: String = ('\0'..=char::MAX).collect();
        let mut out = b"\"".to_vec();
        json(&mut out, all.as_bytes());
        out.push(b'"');
        assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), all);
        let text = String::from_utf8(out).unwrap();
        assert!(!text.contains(is_hidden));
    }
}
