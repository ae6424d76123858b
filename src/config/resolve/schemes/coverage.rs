//! Whether a scheme's signature covers what is relied on.

use super::template::written;
use crate::config::diagnostic::Diagnostic;
use crate::config::reader::{Table, quote};
use crate::config::resolve::once;
use crate::verify::scheme::{
    ContentDigest, Form, OpenJoin, Part, Scheme, Source, Unsigned, Unsound,
};

/// What a scheme can say where its provider joins values that cannot be told apart.
const AMBIGUOUS_JOIN: &str = "ambiguous_join";

/// Reports a scheme that nobody can sign or under which one signature is good for several callbacks, and
/// warns of values that anybody could change.
pub(super) fn check(table: &Table<'_>, scheme: &Scheme) -> Option<()> {
    if scheme.signs_raw_body() && matches!(scheme.signature.source, Source::Field(_)) {
        table.problems().report(
            Diagnostic::error(
                "impossible scheme",
                table.key_place("signature"),
                "the signature is in the body, and the whole body is signed",
            )
            .help("name the header that holds the signature, or another form such as \"sorted-fields\""),
        );
        return None;
    }
    if let Err(unsound) = scheme.check() {
        table.problems().report(match unsound {
            Unsound::Join(join) => open_join(table, scheme, &join),
            Unsound::NeedlessAmbiguousJoin => Diagnostic::error(
                "needless setting",
                table.key_place(AMBIGUOUS_JOIN),
                "what this scheme signs is unambiguous, or checked for each callback: `ambiguous_join` is not needed",
            )
            .help(format!("remove `{AMBIGUOUS_JOIN}`")),
            Unsound::Identity(fault) => {
                once::unsound_identity(table.key_place("identity"), scheme, &fault)
            }
            other => Diagnostic::error("unsound scheme", table.key_place("content"), other.to_string()),
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
                    "put `{body}` into what is signed, if the provider does",
                );
                continue;
            }
            Unsigned::Timestamp => "timestamp",
            Unsigned::Nonce => "nonce",
            Unsigned::Event => "event",
            // It only picks the key; what else it could do depends on the route.
            Unsigned::KeyId => continue,
            _ => "content",
        };
        let help = match scheme.content.form {
            Form::SortedFields(_) => {
                format!("write `{key} = {{ field = \"...\" }}` if the body has it, too")
            }
            _ => format!("put `{{{key}}}` into what is signed, if the provider does"),
        };
        warn(
            key,
            "the signature does not cover it: whoever repeats a callback can change it",
            &help,
        );
    }
    if scheme.content.digest == Some(ContentDigest::Md5Hex) && !scheme.algorithm.is_legacy() {
        table.problems().report(
            Diagnostic::warning(
                "legacy digest",
                table.inner_key_place("content", "digest"),
                "MD5 is broken against collisions, whatever signs its digits",
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
            "nothing ends a name: one signature covers the same text as other fields".to_owned(),
        ),
        OpenJoin::NoSeparator => (
            "separator",
            "nothing ends a value: one signature covers the same text as other fields".to_owned(),
        ),
        OpenJoin::OpenEnd { value, next } => ("parts", open_end(scheme, value, next)),
        other => ("form", other.to_string()),
    };
    let quotes = match join {
        OpenJoin::OpenEnd {
            next: Part::Text(text),
            ..
        } if text.contains('\\') => " (in single quotes `\\n` is no line break)",
        _ => "",
    };
    Diagnostic::error("ambiguous content", table.inner_key_place("content", key), why)
        .note("whoever has one callback could send others under its signature")
        .help(format!(
            "compare `{key}` with the provider's document{quotes}; only if it really signs so, say `{AMBIGUOUS_JOIN} = true` in the scheme: every callback is then marked with X-Verified-Ambiguous, and its identity is \"{{content}}\""
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
    // A backslash in single quotes is written once.
    let shown = |part| quote(&written(part)).replace("\\\\", "\\");
    let (value, shown) = (shown(value), shown(next));
    match next {
        Part::Text(_) => {
            format!("{value} {from}may hold {shown} itself, so that nobody knows where it ends")
        }
        _ => format!(
            "nothing stands between {value} and {shown}, so that nobody knows where the first one ends"
        ),
    }
}
