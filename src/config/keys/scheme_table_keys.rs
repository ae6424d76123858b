//! The keys of the tables of a scheme.

use super::section::Section;
use super::setting::{Holds, setting};
use super::value_kind::ValueKind;
use crate::verify::language::SchemeDefinition;
use ValueKind::{List, Map, Text, Word};

/// The table `scheme.algorithm`.
pub(in crate::config) static SCHEME_ALGORITHM: Section = Section {
    path: "scheme.algorithm",
    header: "algorithm",
    settings: &[
        setting(
            "by",
            Text,
            r#"The value that chooses: `"{header:X-Sign|pairs:,|one:alg}"`"#,
        )
        .written(r#"expression"#)
        .holds(Holds::Expression)
        .required(),
        setting(
            "of",
            Map(&Word(SchemeDefinition::algorithms)),
            r#"The algorithm for each of its values. A callback with any other is refused:
            `algorithm_not_allowed`"#,
        )
        .written(r#"table of [algorithms](schemes.md#algorithms)"#)
        .required(),
    ],
    one_of: &[],
};

/// The table `scheme.timestamp`.
pub(in crate::config) static SCHEME_TIMESTAMP: Section = Section {
    path: "scheme.timestamp",
    header: "timestamp",
    settings: &[
        setting("value", Text, r#"Where the timestamp is"#)
            .written(r#"expression"#)
            .holds(Holds::Expression)
            .required(),
        setting(
            "unit",
            Text,
            r#"`s` and `ms`: whole seconds or milliseconds since 1970, at most 19 digits, without sign and
            leading zeros. `auto`: either, by its length. `rfc3339`, `http-date`: as these write times. A
            format is a pattern of `strftime` and a zone. Anything else is refused:
            `timestamp_malformed`"#,
        )
        .written(
            r#"`"s"`, `"ms"`, `"auto"`, `"rfc3339"`, `"http-date"`, or such as `"format:%Y-%m-%d %H:%M:%S+08:00"`"#,
        )
        .default(r#""s""#),
    ],
    one_of: &[],
};

/// The table `scheme.certificate`.
pub(in crate::config) static SCHEME_CERTIFICATE: Section = Section {
    path: "scheme.certificate",
    header: "certificate",
    settings: &[
        setting(
            "value",
            Text,
            r#"The certificate: PEM, DER or base64 of DER. A list, such as `"{jose:x5c}"`, begins with it,
            and the others lead to the root"#,
        )
        .written(r#"expression"#)
        .holds(Holds::Expression)
        .required(),
        setting(
            "subject",
            Map(&Text),
            r#"Attributes of its subject that must match: `{ CN = "callbacks\\.example" }`"#,
        )
        .written(r#"table of regular expressions"#),
        setting(
            "extensions",
            List(&Text),
            r#"Extensions that it must have. This or `subject` is required"#,
        )
        .written(r#"list of object identifiers"#),
        setting(
            "issuer_extensions",
            List(&Text),
            r#"Extensions that the certificate must have that issued it"#,
        )
        .written(r#"list of object identifiers"#),
    ],
    one_of: &[],
};

/// A table in `scheme.let`.
pub(in crate::config) static SCHEME_STEP: Section = Section {
    path: "scheme.let.NAME",
    header: "a step",
    settings: &[
        setting("by", Text, r#"The value that chooses"#)
            .written(r#"expression"#)
            .holds(Holds::Expression)
            .required(),
        setting("of", Map(&Text), r#"The step for each of its values"#)
            .written(r#"table of expressions"#)
            .holds(Holds::Expression)
            .required(),
        setting(
            "default",
            Text,
            r#"The step for all others; without it, they are refused"#,
        )
        .written(r#"expression"#)
        .holds(Holds::Expression),
    ],
    one_of: &[],
};
