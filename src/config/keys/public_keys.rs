//! The keys of `[[key]]`.

use super::section::Section;
use super::setting::{Holds, setting};
use super::value_kind::ValueKind;
use ValueKind::{Boolean, Name, Path, Text};

/// The table `[[key]]`.
pub(in crate::config) static KEY: Section = Section {
    path: "key",
    header: "[[key]]",
    settings: &[
        setting(
            "id",
            Name,
            r#"Routes refer to the key by it, and the backend gets it as `X-Verified-Key`"#,
        )
        .required(),
        setting(
            "file",
            Path,
            r#"The file with the key: a regular file of at most 64 KiB that is not world-writable
            and contains one key"#,
        )
        .holds(Holds::Path),
        setting(
            "public_key",
            Text,
            r#"The key itself, in any of the text formats. Reports never show it"#,
        ),
        setting(
            "legacy",
            Boolean,
            r#"Allows a key of less than 2048 bits, with a warning"#,
        )
        .default("false"),
    ],
    one_of: &["file", "public_key"],
};
