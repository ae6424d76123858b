//! The keys of `[log]`.

use super::section::Section;
use super::setting::{Holds, setting};
use super::value_kind::{ValueKind, words};
use crate::config::access_format::Escape;
use crate::config::model::LogFormat;
use ValueKind::{Fraction, Text, Word};
use log::LevelFilter;

/// The table `[log]`.
pub(in crate::config) static LOG: Section = Section {
    path: "log",
    header: "[log]",
    settings: &[
        setting(
            "access",
            Text,
            r#"Where the access log goes: one line for each request"#,
        )
        .written(r#"`"stdout"`, `"stderr"`, `"off"`, a file, or [syslog](#logs)"#)
        .default(r#""stdout""#)
        .holds(Holds::Destination),
        setting(
            "format",
            Text,
            r#"How the access log looks: `name=value`; one JSON object a line
            ([both](#fields-of-the-access-log)); the line that nginx and Apache call combined; or
            what you say"#,
        )
        .written(r#"`"text"`, `"json"`, `"combined"`, or text with [variables](#variables-of-the-access-log)"#)
        .default(r#""text""#),
        setting(
            "escape",
            Word(words::<Escape>),
            r#"How values in a `format` of your own are kept within their places: as nginx's
            `escape=default` (`\x22` for quotes, backslashes, control characters and all beyond
            ASCII), or as in a JSON string"#,
        )
        .default(r#""default""#),
        setting(
            "sample_success",
            Fraction,
            r#"Which part of the lines of successful requests is written: those that were verified and
            answered with a [success](#routesuccess) (any 2xx, unless route or scheme say
            otherwise). All others always are"#,
        )
        .default("1.0"),
        setting(
            "error",
            Text,
            r#"Where the error log goes: what the proxy has to say of itself and its backends"#,
        )
        .written(r#"`"stdout"`, `"stderr"`, a file, or [syslog](#logs)"#)
        .default(r#""stderr""#)
        .holds(Holds::Destination),
        setting(
            "level",
            Word(words::<LevelFilter>),
            r#"The least severe of the proxy's own lines in the error log. None of them holds a body, a
            signature or a secret, at any level"#,
        )
        .default(r#""info""#),
        setting(
            "library_level",
            Word(words::<LevelFilter>),
            r#"The same for the libraries that the proxy is built on (pingora, h2, rustls, redis):
            every line whose target is not `countersign`. Of lines with the same target and level, 5
            in 10 seconds are written; then one line says that others are left out, and a later one
            how many, unless this is `"debug"` or `"trace"`. At `"debug"` and `"trace"` they write
            headers with signatures, and bodies, as they are after TLS and decryption. That gives a
            warning; it is an error where the configuration has a private key of TLS, a key for
            decryption or the password of a store"#,
        )
        .written(r#"the same"#)
        .default(r#""warn""#),
        setting(
            "error_format",
            Word(words::<LogFormat>),
            r#"How the error log looks"#,
        )
        .otherwise(r#"as `format`"#),
    ],
    one_of: &[],
};
