//! The keys of `[[scheme.case]]`, which `countersign scheme test` runs.

use super::section::Section;
use super::setting::{Holds, setting};
use super::value_kind::ValueKind;
use crate::verify::Reason;
use ValueKind::{Any, Integer, List, Map, OneOrList, Path, Table, Text, Word};

/// The table `[[scheme.case]]`.
pub(in crate::config) static SCHEME_CASE: Section = Section {
    path: "scheme.case",
    header: "[[scheme.case]]",
    settings: &[
        setting(
            "name",
            Text,
            r#"What the request shows; unique among the cases of its scheme"#,
        )
        .required(),
        setting("method", Text, r#"Its method"#).default(r#""POST""#),
        setting(
            "target",
            Text,
            r#"Its path and query, as the provider sent them"#,
        )
        .default(r#""/""#),
        setting(
            "headers",
            Map(&OneOrList(&Text)),
            r#"Its headers; a list is a header that occurs several times. Only those that are here: without
            `Content-Type`, it has none"#,
        )
        .written(r#"table of texts, or lists of texts"#)
        .default("{}")
        .holds(Holds::HeaderValues),
        setting(
            "body",
            Text,
            r#"Its body. In single quotes, TOML takes every character as it is"#,
        ),
        setting("body_base64", Text, r#"The same, in base64"#),
        setting(
            "body_file",
            Path,
            r#"The same, in a file. Without any of the three, there is no body"#,
        )
        .holds(Holds::Path),
        setting(
            "secret",
            Text,
            r#"The secret that both sides know: one for tests, never a real one. Only this case uses it: it
            is no `[[key]]`, and no route can refer to it"#,
        )
        .holds(Holds::Secret),
        setting(
            "public_key",
            Text,
            r#"The public key, or the certificate of the authority, in any of the text formats"#,
        )
        .holds(Holds::PublicKey),
        setting(
            "keys",
            Map(&Table(&CASE_KEY)),
            r#"Several keys by their ids; where a header names the key, by its value"#,
        )
        .written(r#"table of tables"#)
        .holds(Holds::Secret),
        setting(
            "secrets",
            Map(&Text),
            r#"What `{secret:NAME}` stands for, with every key of the case"#,
        )
        .written(r#"table of texts"#)
        .holds(Holds::Secret),
        setting(
            "values",
            Map(&Text),
            r#"What `{value:NAME}` stands for, as a route says it"#,
        )
        .written(r#"table of texts"#)
        .default("{}"),
        setting("public_url", Text, r#"The URL that the provider called"#),
        setting(
            "at",
            Any(&[Integer(0, MAX_TIME), Text]),
            r#"When it arrives. Required if the scheme has a `max_age` other than "none"; without it, nothing
            is too old"#,
        )
        .written(r#"Unix seconds, or RFC 3339: `"2026-07-01T12:00:00Z"`"#),
        setting(
            "expect",
            Word(expected_words),
            r#"What must come out: `"verified"`, or the code of the [reason](reasons.md) for which it must
            be refused"#,
        )
        .written(r#"`"verified"`, or a reason"#)
        .default(r#""verified""#),
        setting(
            "content",
            Text,
            r#"The content that must come out; with `signed`, before or after that"#,
        ),
        setting("content_base64", Text, r#"The same, in base64"#),
        setting(
            "identity",
            List(&Text),
            r#"The values that the scheme's `identity` must have"#,
        )
        .written(r#"list of texts"#),
    ],
    one_of: &[],
};

/// The last second of the year 9999.
const MAX_TIME: u64 = 253_402_300_799;

/// The word for a case that must be verified.
pub(in crate::config) const VERIFIED: &str = "verified";

fn expected_words() -> Vec<&'static str> {
    let reasons = Reason::ALL.iter().map(|reason| reason.code());
    std::iter::once(VERIFIED).chain(reasons).collect()
}

/// A table in `scheme.case.keys`.
pub(in crate::config) static CASE_KEY: Section = Section {
    path: "scheme.case.keys.NAME",
    header: "a key of a case",
    settings: &[
        setting("secret", Text, r#"As `secret` of the case"#).holds(Holds::Secret),
        setting("public_key", Text, r#"As `public_key` of the case"#).holds(Holds::PublicKey),
    ],
    one_of: &["secret", "public_key"],
};
