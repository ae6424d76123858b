//! The keys of `[log]`.

use super::section::Section;
use super::setting::{Holds, setting};
use super::value_kind::{ValueKind, words};
use crate::config::access_format::Escape;
use crate::config::model::LogFormat;
use ValueKind::{Fraction, Path, Text, Word};
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
            r#"The format of the access log: `name=value`; one JSON object per line
            ([both](#fields-of-the-access-log)); the line that nginx and Apache call combined;
            or your own"#,
        )
        .written(r#"`"text"`, `"json"`, `"combined"`, or text with [variables](#variables-of-the-access-log)"#)
        .default(r#""text""#),
        setting(
            "escape",
            Word(words::<Escape>),
            r#"How values in your own `format` are escaped: like nginx's `escape=default` (`\x22`
            for quotes, backslashes, control characters and everything that is not ASCII), or
            as in a JSON string"#,
        )
        .default(r#""default""#),
        setting(
            "sample_success",
            Fraction,
            r#"The share of successful requests that is logged: those that were verified and
            answered with a [success](#routesuccess) (any 2xx, unless the route or scheme says
            otherwise). All others are always logged"#,
        )
        .default("1.0"),
        setting(
            "error",
            Text,
            r#"Where the error log goes: messages about the proxy itself and its backends"#,
        )
        .written(r#"`"stdout"`, `"stderr"`, a file, or [syslog](#logs)"#)
        .default(r#""stderr""#)
        .holds(Holds::Destination),
        setting(
            "level",
            Word(words::<LevelFilter>),
            r#"The least severe level of the proxy's own lines in the error log. None of them
            contains a body, a signature or a secret, at any level"#,
        )
        .default(r#""info""#),
        setting(
            "library_level",
            Word(words::<LevelFilter>),
            r#"The same for the libraries that the proxy is built on (pingora, h2, rustls, redis):
            every line whose target is not `countersign`. Of lines with the same target and
            level, 5 in 10 seconds are written; then one line says that further ones are left
            out, and a later one how many, unless this is `"debug"` or `"trace"`. At `"debug"`
            and `"trace"`, libraries log headers with signatures, and bodies, after TLS and
            decryption. That gives a warning; it is an error if the configuration has a private
            TLS key, a decryption key or the password of a store"#,
        )
        .written(r#"the same"#)
        .default(r#""warn""#),
        setting(
            "error_format",
            Word(words::<LogFormat>),
            r#"The format of the error log"#,
        )
        .otherwise(r#"as `format`"#),
        setting(
            "audit",
            Path,
            r#"The file of the [audit log](operations.md#the-audit-log): what was read and done over
            the `control` socket. Always a file of its own, because each line names the hash of the
            line before, which is read back, and because what cannot be written there is refused"#,
        )
        .written(r#"a file"#)
        .otherwise(
            r#"`audit.log` beside the error log; if that is no file, `control` requires it"#,
        )
        .holds(Holds::Path),
    ],
    one_of: &[],
};
