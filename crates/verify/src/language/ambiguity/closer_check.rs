//! The closer check: the signed text with the positions of its fields, and where else a field could
//! begin.

use std::ops::Range;

use super::{as_json, java_text};
use crate::content::compare_utf16;
use crate::json::{JsonKind, JsonValue};
use crate::language::coverage::{NamedPairs, ValueForm};
use crate::language::evaluate::Evaluation;
use crate::language::expression_value::ExpressionValue;
use crate::language::selection::{FieldOrder, Selection};
use crate::language::value_fault::EvaluationFault;

/// The first field that keeps a callback from being the plain reading of its text.
pub(super) fn find<'v>(
    selection: &'v Selection,
    pairs: &NamedPairs,
    context: &'v Evaluation<'v>,
) -> Result<Option<String>, EvaluationFault> {
    let fields = selection.sorted(context)?;
    let mut text = String::new();
    let mut places = Vec::with_capacity(fields.len());
    for (name, value) in &fields {
        if !places.is_empty() {
            text.push_str(&pairs.separator);
        }
        let mut written = Vec::new();
        selection.write_pair((name, *value), context, &mut written)?;
        let Some(written) = context.scratch.charset().decode(&written) else {
            // What was signed is text. If it ever were not, its reading would be unknown.
            return Ok(Some((*name).to_owned()));
        };
        let start = text.len().saturating_add(name.len());
        let start = start.saturating_add(pairs.assign.len());
        text.push_str(&written);
        places.push(start..text.len());
    }
    // The text, and the names of all fields.
    context.scratch.take(text.capacity().saturating_mul(2))?;
    let mut names: Vec<&str> = selection.names(context)?;
    names.sort_unstable();
    let joined = Joined {
        selection,
        pairs,
        names,
        text: &text,
    };
    let mut fields = fields.iter().zip(places);
    Ok(fields
        .find(|((name, value), place)| !joined.is_plain(name, *value, place))
        .map(|((name, _), _)| (*name).to_owned()))
}

struct Joined<'a> {
    selection: &'a Selection,
    pairs: &'a NamedPairs,
    /// All fields by name, including those that are left out.
    names: Vec<&'a str>,
    text: &'a str,
}

impl Joined<'_> {
    fn is_plain(&self, name: &str, value: ExpressionValue<'_>, place: &Range<usize>) -> bool {
        if !self.is_plain_name(name) {
            return false;
        }
        let value = as_json(value);
        let form = self.pairs.value_for(name).form;
        if form == ValueForm::Json {
            // JSON objects and strings end themselves; numbers and words do not.
            let ends_itself = value.is_none_or(|value| {
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
        let reads_as_itself =
            form == ValueForm::Text || value.is_none_or(|value| self.reads_as_itself(value));
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
            Some(text) if self.selection.omit_empty && matches!(&*text, "{}" | "[]") => {
                // As a list or an object it would not be signed.
                true
            }
            Some(text) => !java_text::is_container(&text),
            None => true,
        }
    }

    /// Whether the name ends where a reader finds its end.
    fn is_plain_name(&self, name: &str) -> bool {
        let assign = &*self.pairs.assign;
        format!("{name}{assign}").find(assign) == Some(name.len())
            && !name.contains(&*self.pairs.separator)
    }

    /// Whether a field with this name could begin in a field's value: the name follows a separator
    /// there, and contains none.
    fn has_field_within(&self, place: &Range<usize>, counts: impl Fn(&str) -> bool) -> bool {
        let (separator, assign) = (&*self.pairs.separator, &*self.pairs.assign);
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

    /// Whether the callback has a field with this name, anywhere: it may have taken the other's
    /// place.
    fn is_name(&self, other: &str) -> bool {
        self.may_begin(other) && self.names.binary_search(&other).is_ok()
    }

    /// Whether a field with this name could follow the given one.
    fn can_follow(&self, name: &str, other: &str) -> bool {
        let follows = match self.pairs.order {
            FieldOrder::Bytes => other > name,
            FieldOrder::Utf16 => compare_utf16(other, name).is_gt(),
            // Names that differ in case alone keep the order in which they came.
            FieldOrder::IgnoreCase => other.to_lowercase() >= name.to_lowercase() && other != name,
            _ => true,
        };
        follows && self.may_begin(other)
    }

    fn may_begin(&self, name: &str) -> bool {
        !self.selection.never_writes(name)
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
