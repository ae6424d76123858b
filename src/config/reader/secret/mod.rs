//! What no report may show, because it is a secret or may be one by mistake. The purpose of a
//! value's key decides this, not what the value looks like; what has no known purpose is not shown.

mod as_written;
mod comment_text;
mod override_text;
mod places;
mod purpose;
mod written;

use std::borrow::Cow;
use std::env;
use std::ops::Range;
use std::path::{Path, PathBuf};

pub(in crate::config) use comment_text::comments;
pub(in crate::config) use places::places;
pub(super) use purpose::is_shown_name;

use super::suggest::looks_like_key;
use crate::config::keys::{self, Holds};
use crate::config::source::SourceText;
use crate::verify::language::planted_parts;

/// Shown in place of a secret.
pub(in crate::config) const MASK: &str = "[...]";

/// How the names of files with keys and secrets usually end.
const ENDINGS: &[&str] = &[
    "cer", "crt", "der", "json", "jwk", "jwks", "key", "p8", "pass", "passwd", "password", "pem",
    "pk8", "pub", "pwd", "secret", "txt",
];

/// Shorter than any AES key.
const SHORT: usize = 16;

/// Where systemd puts the credentials of a service.
pub(in crate::config) const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// The part of a value that must not be shown; `source` contains the value.
///
/// Some keys expect the name of a file or variable that contains a secret. A value that does not
/// look like a name, and names nothing that exists, is treated as the secret itself.
pub(super) fn hidden(holds: Holds, text: &str, source: &SourceText) -> Option<Range<usize>> {
    let is_shown = match holds {
        Holds::Path | Holds::Socket | Holds::Destination => true,
        Holds::Secret | Holds::PublicKey | Holds::HeaderValues => false,
        Holds::Word => keys::is_word(text),
        Holds::SecretFile | Holds::PublicKeyFile => is_file_name(text, source),
        Holds::SecretVariable => is_variable_name(text),
        // Any password may look like the name of one, so only those that exist are shown.
        Holds::Credential => credential(text).is_some_and(|path| path.is_file()),
        Holds::Server => return user_info(text),
        Holds::Expression => return planted_secret(text),
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

/// The part of an expression that looks like secrets: from the first to the last.
fn planted_secret(text: &str) -> Option<Range<usize>> {
    let parts = planted_parts(text);
    let (first, last) = (parts.first()?, parts.last()?);
    Some(first.start..last.end)
}

fn is_file_name(text: &str, source: &SourceText) -> bool {
    let path = source.resolve(text);
    if path.exists() {
        return true;
    }
    if looks_like_key(text) || text.contains("-----BEGIN ") {
        return false;
    }
    // No key in base64 has neither a capital letter nor a digit.
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || b"/._-".contains(&byte);
    if text.contains('/') && text.bytes().all(is_letter) {
        return true;
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
    let is_letter = |byte: u8| byte.is_ascii_uppercase();
    let is_word = text.len() < SHORT && text.bytes().all(is_letter);
    let is_usual = text.bytes().all(is_usual) && (is_word || text.contains('_'));
    is_usual || (!text.contains(['=', '\0']) && env::var_os(text).is_some())
}

/// The file of a systemd credential, if the text can be the name of one and systemd passes any.
fn credential(name: &str) -> Option<PathBuf> {
    let directory = env::var_os(CREDENTIALS)?;
    is_credential_name(name).then(|| Path::new(&directory).join(name))
}

/// Whether a systemd credential can have this name.
pub(in crate::config) fn is_credential_name(name: &str) -> bool {
    let is_usual = |byte: u8| byte.is_ascii_alphanumeric() || b"._@-".contains(&byte);
    !name.is_empty() && !name.starts_with('.') && name.bytes().all(is_usual)
}

/// The byte ranges of a source's values that must not be shown, judging by its text alone: they
/// cannot be parsed.
pub(in crate::config) fn in_text(source: &SourceText) -> Vec<Range<usize>> {
    match source.is_command_line() {
        true => override_text::in_overrides(source),
        false => written::in_file(source),
    }
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
                "once.redis={ password_file = \"env = x\", prefix = \"p\" }",
                "once.redis={ password_file = \"[...]\", prefix = \"p\" }",
            ),
            ("a={ b = 1 }", "a=[...]"),
            ("key.k.token=\"x\"", "key.k.token=\"[...]\""),
            ("key.k.legacy=true", "key.k.legacy=true"),
            ("key.k.credential=hunter2", "key.k.credential=[...]"),
            ("key.k.secret hunter2", "key[...]"),
            ("hunter2", "[...]"),
            (
                "upstream.u.health_check.headers.Authorization=Bearer x",
                "upstream.u.health_check.headers.Authorization=[...]",
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
