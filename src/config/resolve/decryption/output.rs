//! Where the clear text goes in the body.

use crate::config::diagnostic::Diagnostic;
use crate::config::keys::OutputPlace;
use crate::config::reader::{Table, Value};
use crate::decrypt::Output;

/// The maximum length of a suffix, in characters.
const MAX_SUFFIX: usize = 32;

pub(super) fn output(table: &Table<'_>) -> Option<Output> {
    let place: Option<OutputPlace> = table.read("output", Value::word);
    let suffix = table.read("suffix", suffix);
    if place? == OutputPlace::Beside {
        return suffix.map(Output::Beside);
    }
    if table.has("suffix") {
        table.problems().report(
            Diagnostic::error(
                "conflicting keys",
                table.key_place("suffix"),
                "clear text that replaces the encrypted value needs no name of its own",
            )
            .help("add `output = \"beside\"`, or remove `suffix`"),
        );
        return None;
    }
    Some(Output::InPlace)
}

/// Text that needs no escape in JSON and that every case folding treats alike.
fn suffix(value: Value<'_>) -> Option<String> {
    let text = value.text()?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if (1..=MAX_SUFFIX).contains(&text.text.len()) && text.text.bytes().all(fits) {
        return Some(text.text.to_owned());
    }
    text.error(
        "invalid suffix",
        format!("it must have 1 to {MAX_SUFFIX} letters, digits, `_`, `-` and `.`"),
    )
    .help("write what is appended to a field's name, such as \"_clear\"")
    .report()
}
