//! Secrets that stand in the text of an expression, where `{secret}` belongs.

use std::ops::Range;

use super::SHORT;

/// What a name ends with, or is, whose value is a secret.
const NAMES: &[&str] = &[
    "secret", "password", "passwd", "pwd", "salt", "private", "hmac",
];

/// The shortest text behind such a name that is taken for a secret.
const LEAST: usize = 4;

/// The part of an expression that looks like secrets: from the first to the last.
pub(super) fn planted_secret(text: &str) -> Option<Range<usize>> {
    let found = named(text).chain(random(text));
    found.reduce(|all, next| all.start.min(next.start)..all.end.max(next.end))
}

/// Text behind `key=`, `app_secret=` and the like.
fn named(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices('=').filter_map(|(at, equals)| {
        let before = text.get(..at)?;
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let name = before.rsplit(|c| !is_part(c)).next()?.to_ascii_lowercase();
        if name != "key" && !NAMES.iter().any(|secret| name.contains(secret)) {
            return None;
        }
        let start = at.saturating_add(equals.len());
        let value = text.get(start..)?;
        let is_secret = |c: char| c.is_ascii_alphanumeric() || "+/=_-.!@#$%^*~".contains(c);
        let length = value.find(|c| !is_secret(c)).unwrap_or(value.len());
        (length >= LEAST).then(|| start..start.saturating_add(length))
    })
}

/// Letters and digits in no order that words have.
fn random(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_random = |c: char| c.is_ascii_alphanumeric() || c == '+';
    let mut at: usize = 0;
    let words = text.split(move |c| !is_random(c)).map(move |word| {
        let start = at;
        // What divides two words may be longer than a byte.
        at = start.saturating_add(word.len());
        let divider = text.get(at..).and_then(|rest| rest.chars().next());
        at = at.saturating_add(divider.map_or(0, char::len_utf8));
        (start, word)
    });
    words.filter_map(|(start, word)| {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
        let is_long = word.len() >= SHORT && digits >= 2 && letters >= 2;
        is_long.then(|| start..start.saturating_add(word.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_found_and_nothing_else() {
        for (text, wanted) in [
            ("{fields}&key=abcdef", Some("abcdef")),
            ("{body}&app_secret=hunter2&x", Some("hunter2")),
            ("{body}0123456789abcdef{nonce}", Some("0123456789abcdef")),
            ("é{body}0123456789abcdef", Some("0123456789abcdef")),
            ("key=abcd{a}secret=efgh", Some("abcd{a}secret=efgh")),
            ("{fields}&key={secret}", None),
            ("{header:X-Sign|pairs:,|one:v1|unhex}", None),
            ("{name}={value}", None),
            ("x-amz-content-sha256:{header:x-amz-content-sha256}", None),
            ("{body|prefix:key=}", None),
            ("/notificationItems/*/NotificationRequestItem", None),
        ] {
            let found = planted_secret(text).and_then(|range| text.get(range));
            assert_eq!(found, wanted, "{text}");
        }
    }
}
