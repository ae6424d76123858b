//! Texts as TOML, and as parts of an expression.

use std::fmt::Write as _;

/// A text as a string: in single quotes if that saves escapes.
pub(super) fn string(text: &str) -> String {
    let needs_escapes = text.contains(['"', '\\']);
    let is_plain = !text.contains('\'') && !text.chars().any(char::is_control);
    if needs_escapes && is_plain {
        return format!("'{text}'");
    }
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// One text, or a list of several, one on each line.
pub(super) fn one_or_list(key: &str, texts: &[String]) -> Vec<String> {
    match texts {
        [only] => vec![format!("{key} = {}", string(only))],
        texts => {
            let items = texts.iter().map(|text| format!("    {},", string(text)));
            std::iter::once(format!("{key} = ["))
                .chain(items)
                .chain(["]".to_owned()])
                .collect()
        }
    }
}

/// A key: bare if it can be.
pub(super) fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    match !name.is_empty() && name.chars().all(is_bare) {
        true => name.to_owned(),
        false => string(name),
    }
}

/// Fixed text in an expression.
pub(super) fn fixed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if "{}[]".contains(character) {
            out.push(character);
        }
        out.push(character);
    }
    out
}

/// A name behind a source's colon: `header:NAME`.
pub(super) fn argument(name: &str) -> String {
    if !name.is_empty() && !name.contains(['|', '{', '}', ':', '"', '\'']) {
        return name.to_owned();
    }
    format!("'{}'", name.replace('\\', "\\\\").replace('\'', "\\'"))
}
