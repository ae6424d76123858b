//! A quick check that nearly every field passes: it cannot be mistaken for others.

use super::as_json;
use super::java_text::looks_like_container;
use crate::json::JsonKind;
use crate::language::coverage::{NamedPairs, SeparatorIn, ValueForm, WrittenValue};
use crate::language::expression_value::ExpressionValue;

/// Whether no part of the field can be read as another field, whatever is next to it. If not, a
/// closer check is needed.
pub(super) fn is_clear(pairs: &NamedPairs, name: &str, value: ExpressionValue<'_>) -> bool {
    let firsts = [&pairs.separator, &pairs.assign].map(|text| text.as_bytes().first());
    let [Some(&first), Some(assign)] = firsts else {
        return false;
    };
    let name_bytes = name.as_bytes();
    if name_bytes.contains(&first) || name_bytes.contains(assign) {
        return false;
    }
    let WrittenValue { form, separator } = pairs.value_for(name);
    match separator {
        SeparatorIn::Value => is_apart(first, form, value),
        SeparatorIn::Nothing => form != ValueForm::Java || is_no_container(value),
        SeparatorIn::Written => false,
    }
}

/// Whether Java prints the value as no list or object, and it is none.
fn is_no_container(value: ExpressionValue<'_>) -> bool {
    let Some(value) = as_json(value) else {
        return true;
    };
    match value.kind() {
        JsonKind::Array | JsonKind::Object => false,
        JsonKind::String { .. } => !looks_like_container(&value.as_str().unwrap_or_default()),
        JsonKind::Null | JsonKind::Bool | JsonKind::Number { .. } => true,
    }
}

/// Whether a value that is written as it is, or by its form alone, has no byte that begins a separator
/// and can be read in one way.
fn is_apart(first: u8, form: ValueForm, value: ExpressionValue<'_>) -> bool {
    let in_numbers = first.is_ascii_alphanumeric() || matches!(first, b'+' | b'-' | b'.');
    let Some(value) = as_json(value) else {
        let is_apart = |text: &str| !text.as_bytes().contains(&first);
        return form != ValueForm::Json
            && matches!(value, ExpressionValue::Text(text) if is_apart(text));
    };
    match value.kind() {
        // Compact JSON contains no special character that the source does not, apart from escapes
        // and numbers.
        JsonKind::String { .. } | JsonKind::Array | JsonKind::Object if form == ValueForm::Json => {
            let source = value.source().as_bytes();
            !(in_numbers || source.contains(&first) || source.contains(&b'\\'))
        }
        JsonKind::Array | JsonKind::Object => false,
        JsonKind::String { .. } => {
            let text = value.as_str().unwrap_or_default();
            let may_be_read = form == ValueForm::Java && looks_like_container(&text);
            !text.as_bytes().contains(&first) && !may_be_read
        }
        // Digits, letters, points and signs, however they are printed.
        JsonKind::Null | JsonKind::Bool | JsonKind::Number { .. } => !in_numbers,
    }
}
