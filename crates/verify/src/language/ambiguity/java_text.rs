//! Lists and objects as Java prints them, `[a, b]` and `{k=v, k2=v2}`, and texts that look alike.
//!
//! The plain reading of such a text is the list or object, if no string or name in it contains
//! structural characters. A text that reads so has exactly one structure: a name ends at the first
//! `=`, and everything else at a bracket or `, `.

use crate::json::{JsonKind, JsonValue, MAX_DEPTH};

/// The separator of elements.
const JOIN: &str = ", ";

/// Whether the text begins and ends like a list or an object.
pub(super) fn looks_like_container(text: &str) -> bool {
    matches!(text.as_bytes(), [b'{', .., b'}'] | [b'[', .., b']'])
}

/// Whether a list or object is the plain reading of its printed form.
pub(super) fn is_clean(value: JsonValue<'_, '_>) -> bool {
    match value.kind() {
        JsonKind::Null | JsonKind::Bool | JsonKind::Number { .. } => true,
        JsonKind::String { .. } => is_clean_text(&value.as_str().unwrap_or_default()),
        JsonKind::Object => value
            .members()
            .all(|(name, member)| is_clean_text(&name) && !name.contains('=') && is_clean(member)),
        JsonKind::Array => {
            // `[""]` is printed like `[]`.
            let mut texts = value.members().map(|(_, element)| element.as_str());
            let is_one_empty = texts.next().flatten().is_some_and(|text| text.is_empty())
                && texts.next().is_none();
            !is_one_empty && value.members().all(|(_, element)| is_clean(element))
        }
    }
}

fn is_clean_text(text: &str) -> bool {
    !text.contains(['{', '}', '[', ']']) && !text.contains(JOIN)
}

/// Whether the plain reading of a text is a list or an object.
pub(super) fn is_container(text: &str) -> bool {
    looks_like_container(text) && container(text, MAX_DEPTH) == Some("")
}

/// Parses a list or an object. Returns what follows it.
fn container(text: &str, depth: usize) -> Option<&str> {
    let depth = depth.checked_sub(1)?;
    let (is_object, mut rest) = match text.strip_prefix('{') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('[')?),
    };
    let close = if is_object { '}' } else { ']' };
    if let Some(behind) = rest.strip_prefix(close) {
        return Some(behind);
    }
    loop {
        if is_object {
            let (name, behind) = rest.split_once('=')?;
            rest = Some(behind).filter(|_| is_clean_text(name))?;
        }
        rest = if rest.starts_with(['{', '[']) {
            container(rest, depth)?
        } else {
            rest.get(end_of_plain(rest)?..)?
        };
        match rest.strip_prefix(JOIN) {
            Some(behind) => rest = behind,
            None => return rest.strip_prefix(close),
        }
    }
}

/// Where the text before a bracket or a separator ends. A single pass, because a long list has many
/// elements.
fn end_of_plain(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_end = |at: &usize| match bytes.get(*at) {
        Some(b'{' | b'}' | b'[' | b']') => true,
        Some(b',') => text.get(*at..).is_some_and(|rest| rest.starts_with(JOIN)),
        _ => false,
    };
    (0..bytes.len()).find(is_end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_read_as_lists_or_objects_are_recognised() {
        for text in [
            "{}",
            "[]",
            "{a=1}",
            "{a=1, b=}",
            "{=}",
            "[a, b]",
            "[, ]",
            "[[], {}, {a=[1]}]",
            "{a=b=c}",
            "[a,b]",
            "[,]",
            "{a={b=[x, y]}, c=z}",
        ] {
            assert!(is_container(text), "{text}");
        }
        for text in [
            "", "{", "a", "{a}", "{a, b=1}", "[a", "[a]]", "[[a]", "{a=1}}", "{a={}", "[a]b]",
            "{a=[}]}", "[{a}]", " [a]", "[a] ",
        ] {
            assert!(!is_container(text), "{text}");
        }
        assert!(is_container(&format!(
            "{}{}",
            "[".repeat(64),
            "]".repeat(64)
        )));
        assert!(!is_container(&format!(
            "{}{}",
            "[".repeat(65),
            "]".repeat(65)
        )));
        let deep = "[".repeat(1 << 20);
        assert!(!is_container(&format!("{deep}]")));
    }
}
