//! The closer check: the signed text with the positions of its fields, and where else a field could
//! begin.

use std::cmp::Ordering;
use std::ops::Range;

use super::java_text;
use crate::body::{Body, Field};
use crate::content;
use crate::json::{JsonKind, JsonValue};
use crate::scheme::{NumberStyle, SortedFields, Source};

/// The first field that keeps a body from being the plain reading of its text.
pub(super) fn find(
    form: &SortedFields,
    signature: &Source,
    body: &Body<'_>,
    numbers: NumberStyle,
) -> Option<String> {
    let mut fields: Vec<_> = content::signed_fields(form, signature, body).collect();
    content::sort(&mut fields, form.order);
    let mut text = Vec::new();
    let mut places = Vec::with_capacity(fields.len());
    for (name, field) in &fields {
        if !places.is_empty() {
            text.extend_from_slice(form.separator.as_bytes());
        }
        let start = content::write_field(form, name, *field, numbers, &mut text);
        places.push(start..text.len());
    }
    let Ok(text) = String::from_utf8(text) else {
        // The signed content is text. If it ever were not, its reading would be unknown.
        return fields.into_iter().next().map(|(name, _)| name.into());
    };
    let mut all: Vec<_> = body.fields().collect();
    content::sort(&mut all, form.order);
    let joined = Joined {
        form,
        signature,
        names: all.iter().map(|(name, _)| &**name).collect(),
        text: &text,
    };
    let mut fields = fields.iter().zip(places);
    fields
        .find(|((name, field), place)| !joined.is_plain(name, *field, place))
        .map(|((name, _), _)| name.to_string())
}

struct Joined<'a> {
    form: &'a SortedFields,
    /// The field that is never signed, if the name is that field's.
    signature: &'a Source,
    /// All fields in order, including empty ones and the signature's.
    names: Vec<&'a str>,
    text: &'a str,
}

impl Joined<'_> {
    fn is_plain(&self, name: &str, field: Field<'_, '_>, place: &Range<usize>) -> bool {
        if !self.is_plain_name(name) {
            return false;
        }
        if self.form.json_fields.iter().any(|field| field == name) {
            // JSON objects and strings end themselves; numbers and words do not.
            let ends_itself = field.as_json().is_none_or(|value| {
                matches!(
                    value.kind(),
                    JsonKind::String { .. } | JsonKind::Array | JsonKind::Object
                )
            });
            return !self.has_field_within(place, |other| {
                self.is_name(other) || !ends_itself && self.can_follow(name, other)
            });
        }
        // In a format without nested fields, text is only text.
        let reads_as_itself = field
            .as_json()
            .is_none_or(|value| self.reads_as_itself(value));
        reads_as_itself
            && !self.has_field_within(place, |other| {
                self.is_name(other) || self.can_follow(name, other)
            })
    }

    /// Whether a value's printed form reads as a list or an object exactly if the value is one.
    fn reads_as_itself(&self, value: JsonValue<'_, '_>) -> bool {
        if matches!(value.kind(), JsonKind::Array | JsonKind::Object) {
            return java_text::is_clean(value);
        }
        match value.as_str() {
            Some(text) if self.form.omit_empty && matches!(&*text, "{}" | "[]") => {
                // As a list or an object it would not be signed.
                true
            }
            Some(text) => !java_text::is_container(&text),
            None => true,
        }
    }

    /// Whether the name ends where a reader finds its end.
    fn is_plain_name(&self, name: &str) -> bool {
        let assign = self.form.assign.as_str();
        format!("{name}{assign}").find(assign) == Some(name.len())
            && !name.contains(self.form.separator.as_str())
    }

    /// Whether a field with this name could begin in a field's value: the name follows a separator
    /// there, and contains none.
    fn has_field_within(&self, place: &Range<usize>, counts: impl Fn(&str) -> bool) -> bool {
        let (separator, assign) = (self.form.separator.as_str(), self.form.assign.as_str());
        let step = separator.chars().next().map_or(1, char::len_utf8);
        let mut from = place.start;
        loop {
            let rest = self.text.get(from..).unwrap_or_default();
            let Some(at) = rest.find(separator).and_then(|at| from.checked_add(at)) else {
                return false;
            };
            if at >= place.end {
                return false;
            }
            let behind = at.saturating_add(separator.len());
            let behind = self.text.get(behind..).unwrap_or_default();
            // The name contains no separator, so it ends before the next one.
            let window = behind.find(separator).map_or(behind.len(), |next| {
                let end = next.saturating_add(separator.len());
                end.saturating_add(assign.len()).min(behind.len())
            });
            let other = find_within(behind, assign, window).and_then(|end| behind.get(..end));
            let other = other.filter(|other| !other.contains(separator));
            if other.is_some_and(&counts) {
                return true;
            }
            from = at.saturating_add(step);
        }
    }

    /// Whether the body has a field with this name, anywhere: it may have taken the other's place.
    fn is_name(&self, other: &str) -> bool {
        let compare = |name: &&str| content::compare(name, other, self.form.order);
        !self.signature.is_field(other) && self.names.binary_search_by(compare).is_ok()
    }

    /// Whether a field with this name could follow the given one.
    fn can_follow(&self, name: &str, other: &str) -> bool {
        !self.signature.is_field(other)
            && content::compare(other, name, self.form.order) == Ordering::Greater
    }
}

/// Where the first `needle` begins in the text, if it ends within this many bytes.
fn find_within(text: &str, needle: &str, bytes: usize) -> Option<usize> {
    let window = text.as_bytes().get(..bytes)?;
    if needle.is_empty() {
        return Some(0);
    }
    let mut windows = window.windows(needle.len());
    windows.position(|part| part == needle.as_bytes())
}
