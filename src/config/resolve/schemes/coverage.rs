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
            Unsound::Join(join) => open_join(table, &join),
            Unsound::NeedlessAmbiguousJoin => Diagnostic::error(
                "needless setting",
                table.key_place(AMBIGUOUS_JOIN),
                "what this scheme signs can be read in one way only, or each callback shows that it cannot",
            )
            .help(format!("remove `{AMBIGUOUS_JOIN}`")),
            Unsound::Identity(fault) => {
                once::unsound_identity(table.key_place("identity"), scheme, &fault)
            }
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

fn open_join(table: &Table<'_>, join: &OpenJoin) -> Diagnostic {
    let (key, why) = match join {
        OpenJoin::NoAssign => (
            "assign",
            "nothing ends a name: one signature covers the same text as other fields".to_owned(),
        ),
        OpenJoin::NoSeparator => (
            "separator",
            "nothing ends a value: one signature covers the same text as other fields".to_owned(),
        ),
        OpenJoin::OpenEnd { value, next } => ("parts", open_end(value, next)),
    };
    Diagnostic::error("ambiguous content", table.inner_key_place("content", key), why)
        .note("whoever has one callback could send others under its signature")
        .help(format!(
            "if the provider really signs so, say `{AMBIGUOUS_JOIN} = true` in the scheme: every callback is then marked with X-Verified-Ambiguous, and its identity is \"{{content}}\""
        ))
}

fn open_end(value: &Part, next: &Part) -> String {
    let (value, shown) = (written(value), written(next));
    match next {
        Part::Text(_) => format!(
            "{} may hold {} itself, so that nobody knows where it ends",
            quote(&value),
            quote(&shown)
        ),
        _ => format!(
            "nothing stands between {} and {}, so that nobody knows where the first one ends",
            quote(&value),
            quote(&shown)
        ),
    }
}
