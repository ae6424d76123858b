//! Bytes as visible characters.

use crate::ops::escape;

/// The characters before a difference that are shown, and those behind it.
const AROUND: usize = 40;

/// The most bytes of a text that is shown whole.
const MAX: usize = 400;

/// All of it, if it is not too long, as visible characters.
pub(super) fn visible(bytes: &[u8]) -> String {
    match bytes.split_at_checked(MAX) {
        Some((first, rest)) if !rest.is_empty() => {
            format!("{}… ({} bytes)", escape::visible(first), bytes.len())
        }
        _ => escape::visible(bytes),
    }
}

/// Two texts around their first difference.
pub(super) struct Difference {
    pub(super) got: String,
    pub(super) wanted: String,
    /// How many characters of either precede it.
    pub(super) column: usize,
    /// The first byte that differs, counted from 0.
    pub(super) at: usize,
}

/// How many bytes both begin with, up to the beginning of a character.
pub(super) fn common(a: &[u8], b: &[u8]) -> usize {
    let mut at = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let is_inside = |text: &[u8], at: usize| text.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
    while at > 0 && (is_inside(a, at) || is_inside(b, at)) {
        at = at.saturating_sub(1);
    }
    at
}

pub(super) fn difference(got: &[u8], wanted: &[u8]) -> Difference {
    let at = common(got, wanted);
    let mut start = at.saturating_sub(AROUND);
    while start > 0 && got.get(start).is_some_and(|byte| byte & 0xc0 == 0x80) {
        start = start.saturating_sub(1);
    }
    let before = got.get(start..at).unwrap_or_default();
    let before = format!(
        "{}{}",
        if start > 0 { "…" } else { "" },
        escape::visible(before)
    );
    let behind = |text: &[u8]| {
        let end = at.saturating_add(AROUND).min(text.len());
        let shown = escape::visible(text.get(at..end).unwrap_or_default());
        let cut = if end < text.len() { "…" } else { "" };
        format!("{before}{shown}{cut}")
    };
    Difference {
        got: behind(got),
        wanted: behind(wanted),
        column: before.chars().count(),
        at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_found_in_front_of_a_character() {
        let found = difference("a\n\u{e9}b".as_bytes(), "a\n\u{e8}b".as_bytes());
        assert_eq!(
            (found.at, found.column, found.got.as_str()),
            (2, 3, "a\\n\u{e9}b")
        );
        let found = difference(b"ab", b"abc");
        assert_eq!((found.at, found.wanted.as_str()), (2, "abc"));
        let long = "x".repeat(100);
        let found = difference(format!("{long}1").as_bytes(), format!("{long}2").as_bytes());
        assert_eq!((found.at, found.column), (100, 41));
    }
}
