//! What no report may show, because it is a secret or may be one by mistake. The purpose of a
//! value's key decides this, not what the value looks like.

mod places;
mod written;

use std::borrow::Cow;
use std::env;
use std::ops::Range;

pub(in crate::config) use places::places;
pub(in crate::config) use written::in_text;

use super::suggest::{looks_like_key, similar};
use crate::config::keys::{self, Holds};
use crate::config::source::SourceText;

/// Shown in place of a secret.
pub(in crate::config) const MASK: &str = "[...]";

/// How the names of files with secrets usually end.
const ENDINGS: &[&str] = &[
    "crt", "der", "key", "p8", "pass", "passwd", "password", "pem", "pk8", "pwd", "secret", "txt",
];

/// Shorter than any AES key.
const SHORT: usize = 16;

/// The part of a value that must not be shown; `source` contains the value.
///
/// Some keys expect the name of a file or variable that contains a secret. A value that does not
/// look like a name, and names nothing that exists, is treated as the secret itself.
pub(super) fn hidden(holds: Holds, text: &str, source: &SourceText) -> Option<Range<usize>> {
    let is_shown = match holds {
        Holds::Path | Holds::Socket | Holds::Destination => true,
        Holds::Secret => false,
        Holds::SecretFile => is_file_name(text, source),
        Holds::SecretVariable => is_variable_name(text),
        Holds::Server => return user_info(text),
    };
    (!is_shown).then_some(0..text.len())
}

/// The value with the hidden part masked.
pub(in crate::config) fn masked<'t>(
    holds: Option<Holds>,
    text: &'t str,
    source: &SourceText,
) -> Cow<'t, str> {
    match holds.and_then(|holds| hidden(holds, text, source)) {
        Some(range) => {
            let mut masked = text.to_owned();
            masked.replace_range(range, MASK);
            masked.into()
        }
        None => text.into(),
    }
}

fn is_file_name(text: &str, source: &SourceText) -> bool {
    let path = source.resolve(text);
    if path.exists() {
        return true;
    }
    if looks_like_key(text) || text.contains("-----BEGIN ") {
        return false;
    }
    let ending = path.extension().and_then(|ending| ending.to_str());
    let begins_in_a_directory = || {
        let root = usize::from(text.starts_with('/'));
        let end = text.get(root..).and_then(|rest| rest.find('/'));
        let end = end.map(|end| end.saturating_add(root));
        let first = end.and_then(|end| text.get(..end));
        first.is_some_and(|first| source.resolve(first).is_dir())
    };
    ending.is_some_and(|ending| ENDINGS.contains(&ending)) || begins_in_a_directory()
}

fn is_variable_name(text: &str) -> bool {
    let is_usual = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let is_usual = text.bytes().all(is_usual) && (text.len() < SHORT || text.contains('_'));
    is_usual || (!text.contains(['=', '\0']) && env::var_os(text).is_some())
}

/// The name and password in a URL or address: everything before the last `@`.
fn user_info(text: &str) -> Option<Range<usize>> {
    let end = text.rfind('@')?;
    let before = text.get(..end)?;
    let start = before.find("://").map_or(0, |at| at.saturating_add(3));
    Some(start..end)
}

/// The text of a source with all secrets masked.
pub(in crate::config) fn without(source: &SourceText) -> String {
    let text = source.text();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for range in in_text(source) {
        // Ranges may be nested.
        if range.start >= at {
            out.push_str(text.get(at..range.start).unwrap_or_default());
            out.push_str(MASK);
        }
        at = range.end.max(at);
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// How a key holds a secret, if it does, even if it is misspelt or in the wrong table.
fn of_key(table: &str, key: &str) -> Option<Holds> {
    let section = keys::ALL.iter().find(|section| section.path == table);
    if let Some(section) = section {
        if let Some(setting) = section.find(key) {
            return setting.holds;
        }
        let meant = similar(key, section.names()).and_then(|meant| section.find(meant));
        if let Some(holds) = meant.and_then(|meant| meant.holds) {
            return Some(holds);
        }
    }
    of_name(key)
}

/// How a key holds a secret, if all keys with this name do so in the same way.
fn of_name(key: &str) -> Option<Holds> {
    let mut all = keys::ALL
        .iter()
        .filter_map(|section| section.find(key))
        .map(|setting| setting.holds);
    let first = all.next()??;
    (first.may_be_secret() && all.all(|other| other == Some(first))).then_some(first)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_command_line_is_shown_without_secrets() {
        let shown = |text: &str| {
            without(&SourceText::command_line(
                &[text.to_owned()],
                Path::new("c"),
            ))
        };
        for (text, wanted) in [
            ("workers=2", "workers=2"),
            (
                "once.redis.password_file=a.txt",
                "once.redis.password_file=a.txt",
            ),
            (
                "once.redis.password_file=hunter2",
                "once.redis.password_file=[...]",
            ),
            (
                "a={ password_file = \"env = x\", b = 1 }",
                "a={ password_file = \"[...]\", b = 1 }",
            ),
            (
                "decryption_key.\"k\".env='hunter2'",
                "decryption_key.\"k\".env='[...]'",
            ),
            (
                "decryption_key.k.env=PAY_KEY",
                "decryption_key.k.env=PAY_KEY",
            ),
        ] {
            assert_eq!(shown(text), wanted);
        }
    }
}
