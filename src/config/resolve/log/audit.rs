//! Where the audit log goes.

use std::path::PathBuf;

use super::destination;
use crate::config::model::Destination;
use crate::config::reader::{Table, Text, quote};

/// The file's name beside the error log.
const BESIDE: &str = "audit.log";

/// The file of the audit log; `Some(None)` if none is named and the error log is no file.
pub(super) fn resolve(
    table: &Table<'_>,
    access: Option<&Destination>,
    error: Option<&Destination>,
) -> Option<Option<PathBuf>> {
    let written = table.optional("audit", |value| {
        let text = value.text()?;
        let path = file(text)?;
        let is_it = |log: Option<&Destination>| matches!(log, Some(Destination::File(other)) if *other == path);
        if is_it(access) || is_it(error) {
            return text
                .error("two logs in one file", "another log goes to this file")
                .help("give the audit log a file of its own: each of its lines names the one before")
                .report();
        }
        Some(path)
    })?;
    Some(written.or_else(|| match error {
        Some(Destination::File(error)) => Some(error.with_file_name(BESIDE)),
        _ => None,
    }))
}

fn file(text: Text<'_>) -> Option<PathBuf> {
    let is_word = matches!(text.text, "off" | "stdout" | "stderr" | "syslog");
    if is_word || text.text.starts_with("syslog:") {
        return text
            .error(
                "no file for the audit log",
                format!(
                    "{} is not a file, whose last line could be read back",
                    quote(text.text)
                ),
            )
            .help("name a file, such as \"/var/log/countersign/audit.log\"")
            .report();
    }
    destination::log_file(text)
}
