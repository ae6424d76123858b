//! The keys of `[admin]`.

use super::section::Section;
use super::setting::{Holds, setting};
use super::value_kind::ValueKind;
use ValueKind::{Matching, Text};

/// The table `[admin]`.
pub(in crate::config) static ADMIN: Section = Section {
    path: "admin",
    header: "[admin]",
    settings: &[
        setting(
            "address",
            Text,
            r#"`"127.0.0.1:9180"`. On an address other than the loopback's, everybody who reaches
            it can read the names of routes, keys and servers; that gives a warning.
            `"unix:/run/countersign/admin.sock"` is a Unix socket, with the same rules as for a
            [listener](#listener)"#,
        )
        .written(r#"IP address and port, or `"unix:path"`"#)
        .required()
        .holds(Holds::Socket),
        setting(
            "mode",
            Matching("^[0-7]{3}$"),
            r#"The mode of a Unix socket's file, which limits who may connect"#,
        )
        .written(r#"three octal digits"#)
        .default(r#""660""#)
        .described(r#"`"660"`: the owner and the group"#)
        .only_with("address", "unix:"),
    ],
    one_of: &[],
};
