//! Text of a client's making, kept within its place on its line and within bounds.

use std::io::Write as _;

/// The most bytes of one text. A Host of a megabyte, which a stranger may send, would soon fill
/// what waits to be written, and other requests' lines would be dropped.
pub(super) const MAX_TEXT: usize = 2048;

/// What ends a text that was cut off.
const CUT: &str = "…";

/// The beginning of a text, without half a character at its end, and what ends it.
fn clipped(text: &[u8]) -> (&[u8], &'static str) {
    if text.len() <= MAX_TEXT {
        return (text, "");
    }
    let is_inside = |at: &usize| text.get(*at).is_some_and(|byte| byte & 0xc0 == 0x80);
    let end = (0..=MAX_TEXT).rfind(|at| !is_inside(at));
    (text.get(..end.unwrap_or_default()).unwrap_or_default(), CUT)
}

/// The runs of plain bytes, each but the last followed by one that is not.
fn split_at_special(
    text: &[u8],
    is_plain: impl Fn(u8) -> bool,
) -> impl Iterator<Item = (&[u8], Option<u8>)> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = text.iter().position(|byte| !is_plain(*byte));
        let end = end.unwrap_or(text.len());
        let special = text.get(end).copied();
        rest = special.and_then(|_| text.get(end.saturating_add(1)..));
        Some((text.get(..end).unwrap_or_default(), special))
    })
}

/// As nginx's `escape=default`: `\x0A` for quotes, backslashes, control characters and all that is
/// not ASCII.
pub(super) fn default(out: &mut Vec<u8>, text: &[u8]) {
    let (text, cut) = clipped(text);
    for text in [text, cut.as_bytes()] {
        let is_plain = |byte| matches!(byte, b' '..=b'~' if byte != b'"' && byte != b'\\');
        for (plain, special) in split_at_special(text, is_plain) {
            out.extend_from_slice(plain);
            if let Some(byte) = special {
                // Writing to memory cannot fail.
                let _ = write!(out, "\\x{byte:02X}");
            }
        }
    }
}

/// As within a JSON string.
pub(super) fn json(out: &mut Vec<u8>, text: &[u8]) {
    let (text, cut) = clipped(text);
    let is_plain = |byte| byte >= b' ' && byte != b'"' && byte != b'\\';
    // What is no UTF-8 would make the whole line no JSON.
    for chunk in text.utf8_chunks() {
        for (plain, special) in split_at_special(chunk.valid().as_bytes(), is_plain) {
            out.extend_from_slice(plain);
            let _ = match special {
                Some(byte @ (b'"' | b'\\')) => out.write_all(&[b'\\', byte]),
                Some(b'\n') => out.write_all(b"\\n"),
                Some(b'\r') => out.write_all(b"\\r"),
                Some(b'\t') => out.write_all(b"\\t"),
                Some(byte) => write!(out, "\\u{byte:04x}"),
                None => Ok(()),
            };
        }
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
    out.extend_from_slice(cut.as_bytes());
}

/// For people: quotes, backslashes and control characters escaped, other letters as they are.
pub(super) fn readable(out: &mut Vec<u8>, text: &str) {
    let (text, cut) = clipped(text.as_bytes());
    // It was cut between characters.
    let text = std::str::from_utf8(text).unwrap_or_default();
    let mut rest = text;
    let is_special = |c: char| c.is_control() || c == '"' || c == '\\';
    while let Some((plain, special, behind)) = rest.find(is_special).and_then(|at| {
        let (plain, behind) = rest.split_at_checked(at)?;
        let mut behind = behind.chars();
        Some((plain, behind.next()?, behind.as_str()))
    }) {
        out.extend_from_slice(plain.as_bytes());
        let _ = write!(out, "{}", special.escape_default());
        rest = behind;
    }
    out.extend_from_slice(rest.as_bytes());
    out.extend_from_slice(cut.as_bytes());
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
    fn default_is_nginxs() {
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
    fn json_is_json_whatever_comes() {
        let hostile = b"\"\\\r\n\t\0\x1b\x7f\xff\xc3(\xe2\x80\xa8";
        let line = format!("\"{}\"", made(json, hostile));
        assert!(!line.contains(['\n', '\r']));
        let parsed: String = serde_json::from_str(&line).unwrap();
        assert_eq!(parsed, String::from_utf8_lossy(hostile));
    }

    #[test]
    fn all_bytes_stay_on_their_line() {
        let all: Vec<u8> = (0..=255).cycle().take(MAX_TEXT).collect();
        for escape in [default, json] {
            let line = made(escape, &all);
            assert!(!line.contains(|c: char| c < ' '));
        }
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let long = format!("a{}", "é".repeat(500_000));
        let readable = |out: &mut Vec<u8>, text: &[u8]| {
            readable(out, std::str::from_utf8(text).unwrap());
        };
        for text in [made(json, long.as_bytes()), made(readable, long.as_bytes())] {
            assert!(text.len() < MAX_TEXT + 4);
            assert!(text.ends_with("é…"));
        }
        assert!(made(default, long.as_bytes()).len() <= 4 * (MAX_TEXT + 3));
    }
}
