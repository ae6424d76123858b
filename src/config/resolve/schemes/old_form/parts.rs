//! Text with placeholders, as the old form had it.

use super::toml_text::fixed;

/// A part of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OldPart {
    /// Fixed text.
    Text(String),
    /// What stood in braces, such as `timestamp` or `header:X-A`.
    Value(String),
}

impl OldPart {
    /// As a part of an expression.
    pub(super) fn expression(&self) -> String {
        match self {
            Self::Text(text) => fixed(text),
            Self::Value(name) => format!("{{{name}}}"),
        }
    }
}

/// Reads a text; `{{` and `}}` are braces.
pub(super) fn parts(text: &str) -> Vec<OldPart> {
    let mut parts = Vec::new();
    let mut before = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let doubled = ["{{", "}}"].into_iter().find(|two| rest.starts_with(two));
        let value = rest
            .strip_prefix('{')
            .and_then(|behind| behind.split_once('}'))
            .filter(|(name, _)| !name.contains('{'));
        if doubled.is_some() {
            before.push(next);
            rest = rest.get(2..).unwrap_or_default();
        } else if let Some((name, behind)) = value {
            if !before.is_empty() {
                parts.push(OldPart::Text(std::mem::take(&mut before)));
            }
            parts.push(OldPart::Value(name.to_owned()));
            rest = behind;
        } else {
            before.push(next);
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
        }
    }
    if !before.is_empty() {
        parts.push(OldPart::Text(before));
    }
    parts
}
