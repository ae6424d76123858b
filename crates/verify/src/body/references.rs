//! References to characters: `&amp;`, `&#38;`, `&#x26;`.

use std::borrow::Cow;

/// The text with its references replaced. `None` if one is none of XML's own.
pub(super) fn decode(raw: &str) -> Option<Cow<'_, str>> {
    let Some(first) = raw.find('&') else {
        return Some(raw.into());
    };
    let mut text = String::with_capacity(raw.len());
    let (plain, mut rest) = raw.split_at(first);
    text.push_str(plain);
    while let Some(reference) = rest.strip_prefix('&') {
        let (char, behind) = split(reference)?;
        text.push(char);
        let (plain, next) = behind.split_at(behind.find('&').unwrap_or(behind.len()));
        text.push_str(plain);
        rest = next;
    }
    Some(text.into())
}

/// The longest reference, in bytes: `#1114111`, with a few zeros before it.
const LONGEST: usize = 12;

/// Divides what follows a `&` into the character and what follows its `;`.
pub(super) fn split(reference: &str) -> Option<(char, &str)> {
    let bytes = reference.as_bytes();
    let end = bytes.iter().take(LONGEST).position(|byte| *byte == b';')?;
    let (name, rest) = reference.split_at_checked(end)?;
    let char = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => number(name.strip_prefix('#')?)?,
    };
    Some((char, rest.strip_prefix(';')?))
}

fn number(digits: &str) -> Option<char> {
    let (digits, radix) = match digits.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (digits, 10),
    };
    // `from_str_radix` takes a sign.
    if !digits.starts_with(|char: char| char.is_ascii_hexdigit()) {
        return None;
    }
    let char = char::from_u32(u32::from_str_radix(digits, radix).ok()?)?;
    is_char(char).then_some(char)
}

/// Whether a document may contain the character (XML 1.0, section 2.2).
pub(super) fn is_char(char: char) -> bool {
    match char {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        char => char >= ' ',
    }
}
