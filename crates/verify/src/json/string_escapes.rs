//! Decoding of string escapes that the parser has already checked.

use std::borrow::Cow;

/// The decoded form of the text between a string's quotes.
pub(super) fn decode(text: &str, escaped: bool) -> Cow<'_, str> {
    if escaped {
        Cow::Owned(unescape(text))
    } else {
        Cow::Borrowed(text)
    }
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let mut chars = escape.chars();
        match chars.next() {
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('u') => push_unicode(&mut out, &mut chars),
            Some(literal) => out.push(literal),
            None => {}
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out
}

/// Decodes `XXXX` or `XXXX\uXXXX`. The parser accepted only complete pairs.
fn push_unicode(out: &mut String, chars: &mut std::str::Chars<'_>) {
    let first = code_unit(chars);
    let mut units = [first, 0];
    let mut len = 1;
    if (0xD800..0xDC00).contains(&first) {
        chars.next();
        chars.next();
        units = [first, code_unit(chars)];
        len = 2;
    }
    out.extend(
        char::decode_utf16(units.into_iter().take(len))
            .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)),
    );
}

fn code_unit(chars: &mut std::str::Chars<'_>) -> u16 {
    chars
        .by_ref()
        .take(4)
        .filter_map(|digit| digit.to_digit(16))
        .fold(0, |unit: u16, digit| unit << 4 | digit as u16)
}
