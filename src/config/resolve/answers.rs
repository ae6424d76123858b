//! Complete bodies of backends' answers.

use crate::config::reader::{Text, Value};
use crate::success::MAX_BODY;

/// A list of bodies.
pub(super) fn bodies(value: Value<'_>) -> Option<Vec<Text<'_>>> {
    let mut all: Vec<Text<'_>> = Vec::new();
    value.list_of(|item| {
        let text = item.text()?;
        check(text)?;
        if all.iter().any(|other| other.text == text.text) {
            return text
                .error("duplicate answer", "it is already listed")
                .help("list each answer once")
                .report();
        }
        all.push(text);
        Some(())
    })?;
    Some(all)
}

/// Reports a body that no answer can equal.
fn check(text: Text<'_>) -> Option<()> {
    let (why, help) = if text.text.as_bytes().trim_ascii().len() != text.text.len() {
        (
            "white space at the ends of an answer is ignored in the comparison",
            "remove it here, too",
        )
    } else if text.text.len() > MAX_BODY {
        (
            "answers of more than 64 KiB are not compared",
            "use a shorter one",
        )
    } else {
        return Some(());
    };
    text.error("answer never matched", why).help(help).report()
}
