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
            r#"`"127.0.0.1:9180"`. On an address that is not the loopback's, anyone who reaches it
            reads the names of routes, keys and servers; that gives a warning.
            `"unix:/run/countersign/admin.sock"` is a socket in the file system, as that of a
            [listener](#listener)"#,
        )
        .written(r#"IP address and port, or `"unix:path"`"#)
        .required()
        .holds(Holds::Socket),
        setting(
            "mode",
            Matching("^[0-7]{3}$"),
            r#"Who may connect to a Unix socket: the mode of its file"#,
        )
        .written(r#"three octal digits"#)
        .default(r#""660""#)
        .described(r#"`"660"`: the owner and the group"#)
        .only_with("address", "unix:"),
    ],
    one_of: &[],
};
