//! Line breaks that are written so that they are none.

use crate::config::diagnostic::WarningName;
use crate::config::reader::Text;

/// Warns of a backslash before a letter that would make it a line break or a tab, had the file
/// escaped it in another way. In a value's arguments the language reads such escapes itself.
pub(super) fn warn_of_escape(text: Text<'_>) {
    let outside: String = outside_of_values(text.text).collect();
    let mut escapes = ["\\n", "\\r", "\\t"].into_iter();
    let Some(escape) = escapes.find(|escape| outside.contains(escape)) else {
        return;
    };
    let why = format!("`{escape}` here is a backslash and a letter, as text");
    text.warning(WarningName::EscapeAsText, why)
        .help(
            "for a line break, write `\\n` with one backslash in double quotes: in single quotes \
             it is not one",
        )
        .report::<()>();
}

/// The characters of an expression that are in no value.
fn outside_of_values(text: &str) -> impl Iterator<Item = char> {
    let mut depth = 0_usize;
    text.chars().filter(move |next| {
        match next {
            '{' => depth = depth.saturating_add(1),
            '}' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    })
}
