//! Checks that a scheme's signature covers the values that routes and backends rely on.

use crate::config::diagnostic::{Diagnostic, WarningName};
use crate::config::reader::{Table, quote};
use crate::config::resolve::once;
use crate::verify::language::OpenBorder;
use crate::verify::scheme::{Scheme, Unsigned, Unsound};

/// The key with which a scheme admits that its provider joins values ambiguously.
const AMBIGUOUS_JOIN: &str = "ambiguous_join";

/// The key with which it admits that its provider does not sign the body.
const UNSIGNED_BODY: &str = "unsigned_body";

/// Reports a scheme that nobody can sign, or under which one signature is valid for several
/// callbacks. Warns about values that an attacker could change.
pub(super) fn check(table: &Table<'_>, scheme: &Scheme, unsigned_body: bool) -> Option<()> {
    let reads_body = scheme.signature_headers().is_empty();
    if scheme.signs_raw_body() && reads_body {
        table.problems().report(
            Diagnostic::error(
                "impossible scheme",
                table.key_place("signature"),
                "the signature is in the body, but the whole body is signed",
            )
            .help(
                "name the header that contains the signature, or another form such as \
                 \"sorted-fields\"",
            ),
        );
        return None;
    }
    if let Err(unsound) = scheme.check() {
        table.problems().report(match unsound {
            Unsound::Join(join) => open_join(table, &join),
            Unsound::NeedlessAmbiguousJoin => Diagnostic::error(
                "needless setting",
                table.key_place(AMBIGUOUS_JOIN),
                "the content that this scheme signs is unambiguous, or checked for each \
                 callback: `ambiguous_join` is not needed",
            )
            .help(format!("remove `{AMBIGUOUS_JOIN}`")),
            Unsound::Identity(fault) => {
                once::unsound_identity(table.key_place("identity"), scheme, &fault)
            }
            other => Diagnostic::error(
                "unsound scheme",
                table.key_place("content"),
                other.to_string(),
            ),
        });
        return None;
    }
    let body = check_body(table, scheme, unsigned_body);
    for value in scheme.unsigned() {
        let key = match value {
            Unsigned::Timestamp => "timestamp",
            Unsigned::Nonce => "nonce",
            Unsigned::Event => "event",
            // A key id only selects the key. Other effects depend on the route.
            Unsigned::KeyId | Unsigned::Body => continue,
            _ => "content",
        };
        let help = format!("add `{{{key}}}` to the signed content, if the provider signs it");
        let why =
            "the signature does not cover it: an attacker can change it in a captured callback";
        let warning = Diagnostic::warning(WarningName::NotSigned, table.key_place(key), why);
        table.problems().report(warning.help(help));
    }
    let signed = scheme.definition().signed.as_deref().unwrap_or_default();
    let is_legacy = scheme
        .algorithms()
        .iter()
        .any(|algorithm| algorithm.is_legacy());
    if signed.contains("|md5") && !is_legacy {
        table.problems().report(
            Diagnostic::warning(
                WarningName::LegacyDigest,
                table.inner_key_place("content", "digest"),
                "MD5 is broken against collisions, whatever signs the digest",
            )
            .help("use it only if the provider offers nothing else"),
        );
    }
    body
}

/// Reports a body that is not signed, unless the scheme states it; and such a statement about a
/// body that is signed.
fn check_body(table: &Table<'_>, scheme: &Scheme, stated: bool) -> Option<()> {
    let is_signed = !scheme.unsigned().contains(&Unsigned::Body);
    table.problems().report(match (is_signed, stated) {
        (true, false) | (false, true) => return Some(()),
        (false, false) => Diagnostic::error(
            "body not signed",
            table.key_place("content"),
            "the signature does not cover the body: anybody who sees one callback can forge others",
        )
        .help(format!(
            "add `{{body}}` to the signed content; only if the provider really does not sign the \
             body, set `{UNSIGNED_BODY} = true` in the scheme"
        )),
        (true, true) => Diagnostic::error(
            "needless setting",
            table.key_place(UNSIGNED_BODY),
            "the signature covers the body",
        )
        .help(format!("remove `{UNSIGNED_BODY}`")),
    });
    None
}

fn open_join(table: &Table<'_>, border: &OpenBorder) -> Diagnostic {
    let (key, why) = match border {
        OpenBorder::NoAssign { .. } => (
            "assign",
            "names have no clear end: one signature is valid for other fields with the same text"
                .to_owned(),
        ),
        OpenBorder::NoSeparator { .. } => (
            "separator",
            "values have no clear end: one signature is valid for other fields with the same text"
                .to_owned(),
        ),
        OpenBorder::Touch { value, next } => (
            "parts",
            format!(
                "nothing separates {} and {}, so the end of the first is ambiguous",
                quote(value),
                quote(next)
            ),
        ),
        OpenBorder::MayContain { value, text } => (
            "parts",
            format!(
                "{} may contain {} itself, so its end is ambiguous",
                quote(value),
                quote(text).replace("\\\\", "\\")
            ),
        ),
        other => ("form", other.to_string()),
    };
    let quotes = match border {
        OpenBorder::MayContain { text, .. } if text.contains('\\') => {
            " (in single quotes, `\\n` is not a line break)"
        }
        _ => "",
    };
    Diagnostic::error(
        "ambiguous content",
        table.inner_key_place("content", key),
        why,
    )
    .note("whoever has one callback could forge others under its signature")
    .help(format!(
        "compare `{key}` with the provider's documentation{quotes}; only if it really signs \
             this way, set `{AMBIGUOUS_JOIN} = true` in the scheme: every callback is then \
             marked with X-Verified-Ambiguous, and its identity is \"{{content}}\""
    ))
}
