//! Text that a client controls: escaped so that it stays in its place on the line, and bounded in
//! length.

use crate::ops::escape;

/// The most bytes of one text. A stranger may send a Host of a megabyte; it would soon fill the
/// write buffer, and the lines of other requests would be dropped.
pub(super) const MAX_TEXT: usize = 2048;

/// Marks a text that was truncated.
const CUT: &str = "…";

/// Truncates a text between characters. Returns it with the mark to append.
fn clipped(text: &[u8]) -> (&[u8], &'static str) {
    if text.len() <= MAX_TEXT {
        return (text, "");
    }
    let is_inside = |at: &usize| text.get(*at).is_some_and(|byte| byte & 0xc0 == 0x80);
    let end = (0..=MAX_TEXT).rfind(|at| !is_inside(at));
    (text.get(..end.unwrap_or_default()).unwrap_or_default(), CUT)
}

/// Like nginx's `escape=default`: `\x0A` for quotes, backslashes, control characters and everything
/// that is not ASCII.
pub(super) fn default(out: &mut Vec<u8>, text: &[u8]) {
    let (text, cut) = clipped(text);
    for text in [text, cut.as_bytes()] {
        let mut rest = text;
        while let Some((byte, behind)) = rest.split_first() {
            let plain = rest.iter().take_while(|byte| escape::is_plain(**byte));
            let (plain, special) = rest.split_at_checked(plain.count()).unwrap_or_default();
            out.extend_from_slice(plain);
            rest = special;
            if plain.is_empty() {
                escape::escaped_byte(out, *byte);
                rest = behind;
            }
        }
    }
}

/// Escapes for a JSON string; what is not UTF-8 stays legible.
pub(super) fn json(out: &mut Vec<u8>, text: &[u8]) {
    let (text, cut) = clipped(text);
    escape::json(out, &escape::legible(text));
    out.extend_from_slice(cut.as_bytes());
}

/// For people: escapes quotes, backslashes, hidden characters and what is not UTF-8, and keeps other
/// letters.
pub(super) fn readable(out: &mut Vec<u8>, text: &[u8]) {
    let (text, cut) = clipped(text);
    escape::quoted_bytes(out, text);
    out.extend_from_slice(cut.as_bytes());
}

/// Words separated by single spaces, each of them escaped.
pub(super) fn words(out: &mut Vec<u8>, words: [&[u8]; 3], escape: impl Fn(&mut Vec<u8>, &[u8])) {
    for (nth, word) in words.into_iter().enumerate() {
        if nth > 0 {
            out.push(b' ');
        }
        escape(out, word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(escape: impl Fn(&mut Vec<u8>, &[u8]), text: &[u8]) -> String {
        let mut out = Vec::new();
        escape(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn default_escaping_matches_nginx() {
        for (text, escaped) in [
            (&b"/a?b=c d~"[..], "/a?b=c d~"),
            (b"a\"b\\c", "a\\x22b\\x5Cc"),
            (
                b"\r\n\t\0\x1b[31m\x7f",
                "\\x0D\\x0A\\x09\\x00\\x1B[31m\\x7F",
            ),
            ("é".as_bytes(), "\\xC3\\xA9"),
            (b"\xff", "\\xFF"),
            (b"", ""),
        ] {
            assert_eq!(made(default, text), escaped);
        }
    }

    #[test]
    fn json_escaping_always_gives_valid_json() {
        let hostile = b"\"\\\r\n\t\0\x1b\x7f\xff\xc3(\xe2\x80\xa8";
        let line = format!("\"{}\"", made(json, hostile));
        assert!(!line.contains(['\n', '\r']));
        let parsed: String = serde_json::from_str(&line).unwrap();
        assert_eq!(parsed, "\"\\\r\n\t\0\u{1b}\u{7f}\\xFF\\xC3(\u{2028}");
    }

    #[test]
    fn all_bytes_stay_on_their_line() {
        let all: Vec<u8> = (0..=255).cycle().take(MAX_TEXT).collect();
        for escape in [default, json, readable] {
            let line = made(escape, &all);
            assert!(!line.contains(|c: char| c < ' '));
        }
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let long = format!("a{}", "é".repeat(500_000));
        for text in [made(json, long.as_bytes()), made(readable, long.as_bytes())] {
            assert!(text.len() < MAX_TEXT + 4);
            assert!(text.ends_with("é…"));
        }
        assert!(made(default, long.as_bytes()).len() <= 4 * (MAX_TEXT + 3));
    }
}
