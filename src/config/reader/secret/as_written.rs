//! Values as they are written, where a syntax error prevents parsing them.

use std::ops::Range;

/// What may be a value at the start of a text.
pub(super) struct AsWritten {
    /// What is in the quotes, or the value itself.
    pub(super) inner: Range<usize>,
    /// The byte after the value.
    pub(super) end: usize,
    /// Whether it is in quotes that are closed.
    pub(super) is_quoted: bool,
}

impl AsWritten {
    pub(super) fn of(text: &str) -> Self {
        let line = text.lines().next().unwrap_or_default();
        for quote in ["\"\"\"", "'''"] {
            if let Some(rest) = text.strip_prefix(quote) {
                let length = rest.find(quote);
                return Self::quoted(quote, length, rest.len());
            }
        }
        for quote in ["\"", "'"] {
            if let Some(rest) = line.strip_prefix(quote) {
                // Without a closing quote, the value ends with the line.
                let length = closing_quote(rest, quote);
                return Self::quoted(quote, length, rest.len());
            }
        }
        let end = line.trim_end().len();
        Self {
            inner: 0..end,
            end,
            is_quoted: false,
        }
    }

    /// The same, but an array or inline table counts to its last bracket: where that is missing, up to
    /// the next header or the end.
    pub(super) fn whole(text: &str) -> Self {
        let value = Self::of(text);
        if value.is_quoted || !text.starts_with(['[', '{']) {
            return value;
        }
        let end = last_bracket(text);
        Self {
            inner: 0..end,
            end,
            is_quoted: false,
        }
    }

    fn quoted(quote: &str, length: Option<usize>, rest: usize) -> Self {
        let is_quoted = length.is_some();
        let start = quote.len();
        let inner_end = start.saturating_add(length.unwrap_or(rest));
        let closing = if is_quoted { quote.len() } else { 0 };
        Self {
            inner: start..inner_end,
            end: inner_end.saturating_add(closing),
            is_quoted,
        }
    }
}

/// The quote that closes a string on one line. In double quotes, a backslash escapes one.
fn closing_quote(rest: &str, quote: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (at, character) in rest.char_indices() {
        if is_escaped {
            is_escaped = false;
        } else if quote == "\"" && character == '\\' {
            is_escaped = true;
        } else if quote.starts_with(character) {
            return Some(at);
        }
    }
    None
}

/// The byte after the bracket that closes the first one.
fn last_bracket(text: &str) -> usize {
    let mut depth: usize = 0;
    let mut at: usize = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let first = rest.chars().next().unwrap_or_default();
        let length = match first {
            '"' | '\'' => AsWritten::of(rest).end.max(1),
            first => first.len_utf8(),
        };
        if first == '[' && at > 0 && is_header(text, at) {
            return at;
        }
        match first {
            '[' | '{' => depth = depth.saturating_add(1),
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at = at.saturating_add(length);
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// Whether a header begins at this bracket.
fn is_header(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let rest = text.get(at..).unwrap_or_default();
    before.ends_with('\n') && header_name(rest).is_some()
}

/// The name in a header, with the byte at which it begins, if the text begins with a header.
pub(super) fn header_name(text: &str) -> Option<(usize, &str)> {
    let brackets = text
        .len()
        .saturating_sub(text.trim_start_matches('[').len());
    let inner = text.get(brackets..)?;
    let name = inner.trim_start_matches([' ', '\t']);
    let start = text.len().saturating_sub(name.len());
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let end = name.find(|c| !is_part(c)).unwrap_or(name.len());
    let name = name.get(..end)?;
    ((1..=2).contains(&brackets) && !name.is_empty()).then_some((start, name))
}
