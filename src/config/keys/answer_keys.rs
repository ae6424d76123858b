//! The keys of what a scheme answers: acknowledgements, refusals and handshakes.

use super::section::Section;
use super::setting::{Holds, setting};
use super::value_kind::ValueKind;
use crate::verify::language::AnswerType;
use ValueKind::{Integer, List, Map, OneOrList, Table, Text, Word};

/// The table `scheme.acknowledge`.
pub(in crate::config) static SCHEME_ACKNOWLEDGE: Section = Section {
    path: "scheme.acknowledge",
    header: "acknowledge",
    settings: &[
        setting("status", Integer(200, 204), r#"200, 201, 202, or 204 without a body"#)
            .default("200"),
        setting(
            "content_type",
            Word(|| codes(AnswerType::ALL)),
            r#"What the body is. In JSON, each value stands in a string, and is written as JSON writes its
            characters; XML has no values in it"#,
        )
        .default(r#""text/plain""#),
        setting(
            "body",
            Text,
            r#"The body: text, with values that the signature covers, such as `"OK{form:InvId}"`. `[` and `]`
            are plain characters, `{{` and `}}` stand for braces"#,
        )
        .written("expression")
        .default(r#""""#)
        .holds(Holds::Expression),
    ],
    one_of: &[],
};

/// The table `scheme.refuse`.
pub(in crate::config) static SCHEME_REFUSE: Section = Section {
    path: "scheme.refuse",
    header: "refuse",
    settings: &[setting("status", Integer(400, 422), r#"400, 401, 403, 412 or 422"#).required()],
    one_of: &[],
};

/// The table `[[scheme.handshake]]`.
pub(in crate::config) static SCHEME_HANDSHAKE: Section = Section {
    path: "scheme.handshake",
    header: "[[scheme.handshake]]",
    settings: &[
        setting(
            "methods",
            List(&Word(|| vec!["GET", "HEAD", "OPTIONS", "POST"])),
            r#"Its methods. A route accepts them without an entry in its `methods`"#,
        )
        .required(),
        setting(
            "when",
            Map(&Text),
            r#"What it looks like: values that match a regular expression, from their first character to their
            last: `{ "{field:type}" = "url_verification" }`. A request that does not look like it, or has more
            than 16 KiB, is no handshake. Required unless the only method is HEAD"#,
        )
        .written("table of regular expressions by expression")
        .default("{}")
        .holds(Holds::Expression),
        setting(
            "check",
            Map(&OneOrList(&Text)),
            r#"What must hold, or it is refused: values that must be equal, compared in constant time. Secrets may
            stand here: `{ "{query:hub.verify_token}" = "{secret:verify_token}" }`"#,
        )
        .written("table of expressions, or lists of them, by expression")
        .default("{}")
        .holds(Holds::Expression),
        setting(
            "after",
            Word(|| vec!["signature"]),
            r#"`"signature"`: it must be signed, and as fresh, as a callback, or it is refused"#,
        ),
        setting(
            "value",
            Text,
            r#"The value of the request that the answer is made of, as `{value}`: `"{query:challenge}"`"#,
        )
        .written("expression")
        .holds(Holds::Expression),
        setting(
            "allowed",
            Text,
            r#"What that value may be: a regular expression of at most 256 ASCII letters, digits and
            `-._~+/=:@,|`. Anything else is refused: `value_unexpected`"#,
        )
        .written("regular expression")
        .otherwise("required with `value`"),
        setting(
            "answer",
            Table(&HANDSHAKE_ANSWER),
            r#"The answer. Without it, the handshake is one that the proxy cannot answer, and is refused:
            `handshake_unsupported`"#,
        ),
    ],
    one_of: &[],
};

/// The table `scheme.handshake.answer`.
pub(in crate::config) static HANDSHAKE_ANSWER: Section = Section {
    path: "scheme.handshake.answer",
    header: "answer",
    settings: &[
        setting("status", Integer(200, 204), r#"200, 201, 202, or 204 without a body"#)
            .default("200"),
        setting(
            "content_type",
            Word(|| codes(&[AnswerType::Text, AnswerType::Json])),
            r#"What the body is. In JSON, each value stands in a string"#,
        )
        .default(r#""text/plain""#),
        setting(
            "headers",
            Map(&Text),
            r#"Further headers: `{ WebHook-Allowed-Origin = "{value}" }`"#,
        )
        .written("table of expressions")
        .default("{}")
        .holds(Holds::Expression),
        setting(
            "body",
            Text,
            r#"The body. Of the request, it has `{value}` and nothing else; a secret stands only in an HMAC or
            digest of that value: `"{value|hmac-sha256:{secret}|hex}"`"#,
        )
        .written("expression")
        .default(r#""""#)
        .holds(Holds::Expression),
    ],
    one_of: &[],
};

fn codes(types: &[AnswerType]) -> Vec<&'static str> {
    types.iter().map(|known| known.code()).collect()
}
