//! Secrets that stand in the text of an expression, where `{secret}` belongs: what looks like one is in no
//! message.

use std::borrow::Cow;
use std::ops::Range;

/// Shown in place of a secret.
const MASK: &str = "[...]";

/// What a name ends with, or is, whose value is a secret.
const NAMES: &[&str] = &[
    "secret", "password", "passwd", "pwd", "salt", "private", "hmac",
];

/// Shorter than any AES key.
const SHORT: usize = 16;

/// The shortest argument of a filter that is taken for a secret.
const SHORT_ARGUMENT: usize = 8;

/// The filters whose argument is a name.
const OF_NAMES: &[&str] = &["field", "one", "all", "without"];

/// Parts of words with digits that arguments have: names of algorithms and of character sets.
const WORDS: &[&str] = &[
    "sha", "md5", "rsa", "hmac", "ed25519", "aes", "iso", "utf", "gb", "windows", "base64",
];

/// The parts of an expression that look like secrets, in order.
#[must_use]
pub fn planted_parts(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<_> = named(text)
        .chain(random(text))
        .chain(arguments(text))
        .collect();
    found.sort_by_key(|part| (part.start, part.end));
    let mut parts: Vec<Range<usize>> = Vec::new();
    for part in found {
        match parts.last_mut() {
            Some(last) if part.start <= last.end => last.end = last.end.max(part.end),
            _ => parts.push(part),
        }
    }
    parts
}

/// An expression, or a message with one in it, without what looks like a secret.
#[must_use]
pub fn without_planted(text: &str) -> Cow<'_, str> {
    let parts = planted_parts(text);
    if parts.is_empty() {
        return text.into();
    }
    let mut masked = text.to_owned();
    for part in parts.into_iter().rev() {
        masked.replace_range(part, MASK);
    }
    masked.into()
}

/// Text behind `key=`, `app_secret=` and the like, however short it is.
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
        (length > 0).then(|| start..start.saturating_add(length))
    })
}

/// Arguments of filters that are no words.
fn arguments(text: &str) -> impl Iterator<Item = Range<usize>> {
    let ends = text.char_indices().filter(|(_, c)| *c == ':');
    ends.filter_map(|(colon, _)| {
        let start = colon.saturating_add(1);
        let before = text.get(..colon)?;
        let is_part = |c: char| c.is_ascii_alphanumeric() || "-_?".contains(c);
        let filter = before.rsplit(|c| !is_part(c)).next()?;
        let outside = before.strip_suffix(filter)?.trim_end();
        if !outside.ends_with('|') || OF_NAMES.contains(&filter) {
            return None;
        }
        let behind = text.get(start..)?;
        let (quote, argument) = match behind.strip_prefix('\'') {
            Some(quoted) => (1, quoted.split('\'').next()?),
            None => (0, behind.split(['|', '}', ':']).next()?),
        };
        let start = start.saturating_add(quote);
        is_no_word(argument).then(|| start..start.saturating_add(argument.len()))
    })
}

fn is_no_word(argument: &str) -> bool {
    let lower = argument.to_ascii_lowercase();
    let count = |is: fn(&u8) -> bool| argument.bytes().filter(is).count();
    argument.len() >= SHORT_ARGUMENT
        && count(u8::is_ascii_digit) >= 2
        && count(u8::is_ascii_alphabetic) >= 2
        && !WORDS.iter().any(|word| lower.contains(word))
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
    fn what_looks_like_a_secret_is_masked_and_nothing_else() {
        for (text, wanted) in [
            ("{fields}&key=abcdef", "{fields}&key=[...]"),
            ("{fields}&key=a", "{fields}&key=[...]"),
            ("{body}&app_secret=hunter2&x", "{body}&app_secret=[...]&x"),
            ("{body}0123456789abcdef{nonce}", "{body}[...]{nonce}"),
            ("é{body}0123456789abcdef", "é{body}[...]"),
            ("key=abcd{a}secret=efgh", "key=[...]{a}secret=[...]"),
            ("{query:t|prefix:hunter2hunter2}", "{query:t|prefix:[...]}"),
            (
                "{header:A|prefix:'Bearer hunter22'|unhex}",
                "{header:A|prefix:'[...]'|unhex}",
            ),
            ("{header:A| default:s3cr3tpw}", "{header:A| default:[...]}"),
            ("{header:A|defualt:s3cr3tpw}", "{header:A|defualt:[...]}"),
        ] {
            assert_eq!(without_planted(text), wanted);
        }
        for text in [
            "{fields}&key={secret}",
            "{header:X-Sign|pairs:,|one:v1|unhex}",
            "{name}={value}",
            "x-amz-content-sha256:{header:x-amz-content-sha256}",
            "{body|prefix:key=}",
            "{header:X|prefix:HMAC-SHA256=|unhex}",
            "{form:charset|default:iso-8859-15}",
            "{header:A|prefix:'Bearer '}",
            "{header:X|pairs:,|one:customField12}",
            "/notificationItems/*/NotificationRequestItem",
        ] {
            assert_eq!(without_planted(text), text);
        }
    }
}
