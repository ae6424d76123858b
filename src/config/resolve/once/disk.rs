//! The file that stores remembered callbacks.

use std::path::PathBuf;

use crate::config::reader::Value;

pub(super) fn disk(value: Value<'_>) -> Option<PathBuf> {
    let table = value.table()?;
    let text = table
        .require("path", "add `path = \"/var/lib/countersign/once.db\"`")?
        .text()?;
    text.not_empty()?;
    let path = text.path();
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_some_and(|folder| !folder.is_dir()) || path.is_dir() {
        return text
            .error(
                "cannot use the file",
                format!(
                    "`{}` cannot be a file: its directory does not exist",
                    path.display()
                ),
            )
            .help("create the directory, writable for the user that runs the proxy")
            .report();
    }
    Some(path)
}
