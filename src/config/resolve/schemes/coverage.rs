//! Checks that a scheme's signature covers the values that routes and backends rely on.

use super::template::written;
use crate::config::diagnostic::Diagnostic;
use crate::config::reader::{Table, quote};
use crate::config::resolve::once;
use crate::verify::scheme::{
    ContentDigest, Form, OpenJoin, Part, Scheme, Source, Unsigned, Unsound,
};

/// The key with which a scheme admits that its provider joins values ambiguously.
const AMBIGUOUS_JOIN: &str = "ambiguous_join";

/// Reports a scheme that nobody can sign, or under which one signature is valid for several
/// callbacks. Warns about values that an attacker could change.
pub(super) fn check(table: &Table<'_>, scheme: &Scheme) -> Option<()> {
    if scheme.signs_raw_body() && matches!(scheme.signature.source, Source::Field(_)) {
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
            Unsound::Join(join) => open_join(table, scheme, &join),
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
    let warn = |key: &str, why: &str, help: &str| {
        let warning = Diagnostic::warning("not signed", table.key_place(key), why);
        table.problems().report(warning.help(help));
    };
    for value in scheme.unsigned() {
        let key = match value {
            Unsigned::Body => {
                warn(
                    "content",
                    "the signature does not cover the body: anybody who sees one callback can forge others",
                    "add `{body}` to the signed content, if the provider signs it",
                );
                continue;
            }
            Unsigned::Timestamp => "timestamp",
            Unsigned::Nonce => "nonce",
            Unsigned::Event => "event",
            // It only selects the key. Other effects depend on the route.
            Unsigned::KeyId => continue,
            _ => "content",
        };
        let help = match scheme.content.form {
            Form::SortedFields(_) => {
                format!("write `{key} = {{ field = \"...\" }}` if the body has it, too")
            }
            _ => format!("add `{{{key}}}` to the signed content, if the provider signs it"),
        };
        warn(
            key,
            "the signature does not cover it: an attacker can change it in a captured callback",
            &help,
        );
    }
    if scheme.content.digest == Some(ContentDigest::Md5Hex) && !scheme.algorithm.is_legacy() {
        table.problems().report(
            Diagnostic::warning(
                "legacy digest",
                table.inner_key_place("content", "digest"),
                "MD5 is broken against collisions, whatever signs the digest",
            )
            .help("use it only if the provider offers nothing else"),
        );
    }
    Some(())
}

fn open_join(table: &Table<'_>, scheme: &Scheme, join: &OpenJoin) -> Diagnostic {
    let (key, why) = match join {
        OpenJoin::NoAssign => (
            "assign",
            "names have no clear end: one signature is valid for other fields with the same text"
                .to_owned(),
        ),
        OpenJoin::NoSeparator => (
            "separator",
            "values have no clear end: one signature is valid for other fields with the same text"
                .to_owned(),
        ),
        OpenJoin::OpenEnd { value, next } => ("parts", open_end(scheme, value, next)),
        other => ("form", other.to_string()),
    };
    let quotes = match join {
        OpenJoin::OpenEnd {
            next: Part::Text(text),
            ..
        } if text.contains('\\') => " (in single quotes, `\\n` is not a line break)",
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

fn open_end(scheme: &Scheme, value: &Part, next: &Part) -> String {
    let is_field = *value == Part::Nonce
        && matches!(&scheme.nonce, Some(rule) if matches!(rule.source, Source::Field(_)));
    let from = if is_field {
        "comes from a body field and "
    } else {
        ""
    };
    // `quote` doubles backslashes, but TOML does not escape them in single quotes.
    let shown = |part| quote(&written(part)).replace("\\\\", "\\");
    let (value, shown) = (shown(value), shown(next));
    match next {
        Part::Text(_) => {
            format!("{value} {from}may contain {shown} itself, so its end is ambiguous")
        }
        _ => format!("nothing separates {value} and {shown}, so the end of the first is ambiguous"),
    }
}
