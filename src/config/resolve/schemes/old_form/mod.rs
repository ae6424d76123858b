//! Schemes in the form before the scheme language: each key is an error that says what to write
//! instead.

mod content;
mod old_values;
mod parts;
mod toml_text;
mod translate;

use crate::config::diagnostic::Diagnostic;
use crate::config::reader::Table;
use translate::translate;

/// Reports the keys of the old form; whether there are any.
pub(super) fn report(table: &Table<'_>) -> bool {
    let replacements = translate(table.written());
    for replacement in &replacements {
        let mut help = "write instead:".to_owned();
        for line in &replacement.lines {
            help.push_str("\n    ");
            help.push_str(line);
        }
        table.problems().report(
            Diagnostic::error(
                "old form of a scheme",
                table.key_place(replacement.key),
                "schemes are written as expressions now",
            )
            .help(help),
        );
    }
    !replacements.is_empty()
}
