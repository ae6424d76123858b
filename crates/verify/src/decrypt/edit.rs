//! Editing a body by position: everything else stays byte for byte.

use std::ops::Range;

use bytes::Bytes;
use zeroize::Zeroizing;

/// One change to a body.
pub(super) struct Edit<'a> {
    /// The position of the encrypted string, including its quotes.
    pub(super) range: Range<usize>,
    /// The clear text, not yet escaped for JSON.
    pub(super) text: &'a str,
    /// The name of the new member, escaped; `None`: the clear text replaces the encrypted string.
    pub(super) beside: Option<&'a str>,
}

/// A body with clear text in it, overwritten on drop.
struct ClearBody(Zeroizing<Vec<u8>>);

impl AsRef<[u8]> for ClearBody {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Makes all changes. They must be in body order and not overlap.
pub(super) fn edited(body: &[u8], edits: &[Edit<'_>]) -> Bytes {
    // Allocate all of it up front: a growing buffer leaves copies behind.
    let length = edits.iter().fold(body.len(), |length, edit| {
        let removed = match edit.beside {
            None => edit.range.len(),
            Some(_) => 0,
        };
        length.saturating_sub(removed).saturating_add(edit.length())
    });
    let mut out = Zeroizing::new(Vec::with_capacity(length));
    let mut copied = 0;
    for edit in edits {
        let kept = match edit.beside {
            None => edit.range.start,
            Some(_) => edit.range.end,
        };
        out.extend_from_slice(body.get(copied..kept).unwrap_or_default());
        if let Some(name) = edit.beside {
            out.extend_from_slice(b",\"");
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"\":");
        }
        write_string(edit.text, &mut out);
        copied = edit.range.end;
    }
    out.extend_from_slice(body.get(copied..).unwrap_or_default());
    debug_assert_eq!(out.len(), length);
    Bytes::from_owner(ClearBody(out))
}

impl Edit<'_> {
    /// How many bytes the change adds.
    fn length(&self) -> usize {
        // Quotes, and a comma, quotes and a colon around the name.
        let name = self.beside.map_or(0, |name| name.len().saturating_add(4));
        let text = escaped_length(self.text).saturating_add(2);
        text.saturating_add(name)
    }
}

/// How many bytes [`write_string`] writes between the quotes.
fn escaped_length(text: &str) -> usize {
    text.bytes()
        .map(|byte| match byte {
            b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
            0..0x20 => 6,
            _ => 1,
        })
        .fold(0, |sum: usize, length| sum.saturating_add(length))
}

/// Writes a JSON string (RFC 8259, section 7).
fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x20 => {
                out.extend_from_slice(b"\\u00");
                for digit in [byte >> 4, byte & 15] {
                    let digit = char::from_digit(digit.into(), 16).unwrap_or('0');
                    out.push(u8::try_from(digit).unwrap_or(b'0'));
                }
            }
            byte => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    fn edit<'a>(body: &str, at: &str, text: &'a str, beside: Option<&'a str>) -> Edit<'a> {
        let (start, _) = body.match_indices(at).next().unwrap();
        Edit {
            range: start..start.saturating_add(at.len()),
            text,
            beside,
        }
    }

    #[test]
    fn only_what_is_edited_changes() {
        let body = r#" { "a" : "AAAA" ,"b":[1.50, "BBBB"], "c":"CCCC"}  "#;
        let edits = [
            edit(body, "\"AAAA\"", "x\"},\n\u{1}\\é", None),
            edit(body, "\"BBBB\"", "", None),
            edit(body, "\"CCCC\"", "z", Some("c_clear")),
        ];
        let out = edited(body.as_bytes(), &edits);
        assert_eq!(
            std::str::from_utf8(&out).unwrap(),
            " { \"a\" : \"x\\\"},\\n\\u0001\\\\é\" ,\"b\":[1.50, \"\"], \"c\":\"CCCC\",\"c_clear\":\"z\"}  "
        );
    }

    #[test]
    fn clear_text_cannot_break_out_of_its_string() {
        let hostile: String = (0..0x250)
            .filter_map(char::from_u32)
            .chain("\u{2028}\u{2029}\u{feff}\u{10ffff}".chars())
            .collect();
        let body = r#"{"a":"A","b":"B"}"#;
        for beside in [None, Some("x")] {
            let out = edited(body.as_bytes(), &[edit(body, "\"A\"", &hostile, beside)]);
            let document = parse(&out).unwrap();
            let name = beside.unwrap_or("a");
            assert_eq!(
                document.root().get(name).unwrap().as_str().unwrap(),
                hostile
            );
            assert_eq!(document.root().get("b").unwrap().source(), "\"B\"");
            let others = if beside.is_some() { 3 } else { 2 };
            assert_eq!(document.root().members().count(), others);
        }
    }
}
