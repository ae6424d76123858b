//! Whether a scheme's signature covers what is relied on.

use crate::config::diagnostic::Diagnostic;
use crate::config::reader::Table;
use crate::verify::scheme::{Form, Part, Scheme, Source};

/// Reports a scheme that nobody can sign, and warns of values that anybody could change.
pub(super) fn check(table: &Table<'_>, scheme: &Scheme) -> Option<()> {
    let signed = Signed::of(scheme);
    if signed.raw_body && matches!(scheme.signature.source, Source::Field(_)) {
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
    let warn = |key: &str, why: &str, help: &str| {
        let warning = Diagnostic::warning("not signed", table.key_place(key), why);
        table.problems().report(warning.help(help));
    };
    if !signed.body {
        warn(
            "content",
            "the signature does not cover the body: anybody who sees one callback can forge others",
            "put `{body}` into what is signed, if the provider does",
        );
    }
    let sources = [
        (
            "timestamp",
            scheme.timestamp.as_ref().map(|rule| &rule.source),
            Part::Timestamp,
        ),
        (
            "nonce",
            scheme.nonce.as_ref().map(|rule| &rule.source),
            Part::Nonce,
        ),
    ];
    for (key, source, part) in sources {
        if source.is_some_and(|source| !signed.covers(source, &part)) {
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
    }
    Some(())
}

/// What the signature covers.
struct Signed<'a> {
    parts: Vec<&'a Part>,
    raw_body: bool,
    body: bool,
}

impl<'a> Signed<'a> {
    fn of(scheme: &'a Scheme) -> Self {
        let parts: Vec<_> = match &scheme.content.form {
            Form::SortedFields(_) => Vec::new(),
            Form::JsonObject(object) => object.members.iter().map(|member| &member.value).collect(),
            Form::Concat(parts) => parts.iter().collect(),
        };
        let raw_body = parts.contains(&&Part::Body);
        Self {
            parts,
            raw_body,
            body: scheme.signs_body(),
        }
    }

    fn covers(&self, source: &Source, part: &Part) -> bool {
        self.parts.contains(&part)
            || match source {
                Source::Field(_) => self.body,
                Source::Header(name) => self
                    .parts
                    .iter()
                    .any(|part| matches!(part, Part::Header(other) if other == name)),
            }
    }
}
