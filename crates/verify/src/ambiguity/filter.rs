//! A quick check that nearly every field passes: it cannot be mistaken for others.

use super::java_text::looks_like_container;
use crate::body::Field;
use crate::json::JsonKind;
use crate::scheme::SortedFields;

/// Whether no part of the field can be read as another field, whatever is next to it. If not, a
/// closer check is needed.
pub(super) fn is_clear(form: &SortedFields, name: &str, field: Field<'_, '_>) -> bool {
    let firsts = [&form.separator, &form.assign].map(|text| text.as_bytes().first());
    let [Some(&first), Some(assign)] = firsts else {
        return false;
    };
    let name_bytes = name.as_bytes();
    if name_bytes.contains(&first) || name_bytes.contains(assign) {
        return false;
    }
    let in_numbers = first.is_ascii_alphanumeric() || matches!(first, b'+' | b'-' | b'.');
    let is_json = form.json_fields.iter().any(|field| field == name);
    let Some(value) = field.as_json() else {
        let text = field.text().unwrap_or_default();
        return !is_json && !text.as_bytes().contains(&first);
    };
    match value.kind() {
        // Compact JSON contains no special character that the source does not, apart from escapes
        // and numbers.
        JsonKind::String { .. } | JsonKind::Array | JsonKind::Object if is_json => {
            let source = value.source().as_bytes();
            !(in_numbers || source.contains(&first) || source.contains(&b'\\'))
        }
        JsonKind::Array | JsonKind::Object => false,
        JsonKind::String { .. } => {
            let text = value.as_str().unwrap_or_default();
            !text.as_bytes().contains(&first) && !looks_like_container(&text)
        }
        // Digits, letters, points and signs, however they are printed.
        JsonKind::Null | JsonKind::Bool | JsonKind::Number { .. } => !in_numbers,
    }
}
