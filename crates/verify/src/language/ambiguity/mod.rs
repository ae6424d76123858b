//! Finds the field of a callback that could have been signed as others.
//!
//! Joined fields can be read in several ways: `a=1&b=2` is two fields, or one with the value
//! `1&b=2`; `x={k=v}` is an object, or a string. Of all bodies with the same signed text, at most
//! one is *plain*: it has a field wherever one can begin, and lists and objects wherever they can
//! be read. All others are ambiguous. So reshaping a plain callback always gives an ambiguous one.
//!
//! A callback that the provider signed need not be plain: somebody may have chosen a value, such as
//! the remark `x&status=paid&t=`, whose plain reading has another `status`. The signed `status` is
//! then part of some value, so a body is also ambiguous if a value contains what begins like one of
//! its own fields. What remains is plain and has each field as it was signed, up to the point where
//! the signed value contains what begins like another field.
//!
//! The type of a scalar does not matter: `1` and `"1"` are signed alike by design.

mod closer_check;
mod filter;
mod java_text;
#[cfg(test)]
mod test_forms;
#[cfg(test)]
mod tests;

use super::coverage::{JoinedShape, NamedPairs, WrittenValue};
use super::evaluate::Evaluation;
use super::expression_value::ExpressionValue;
use super::selection::{SelectedField, Selection};
use super::value_fault::EvaluationFault;
use crate::json::JsonValue;

/// Whether a quick check of each field that is written shows that none could have been signed as
/// others, as for nearly every callback.
pub(super) fn is_clear(shape: &JoinedShape, fields: &[SelectedField<'_>]) -> bool {
    match shape {
        JoinedShape::Named(pairs) => fields
            .iter()
            .all(|(name, value)| filter::is_clear(pairs, name, *value)),
        JoinedShape::Separated(_) => false,
        JoinedShape::SelfDelimited | JoinedShape::Open => true,
    }
}

/// The first field, in the order of signing, that keeps the callback from being the plain reading
/// of what the selection writes. Only for one that is not [clear](is_clear).
pub(super) fn find<'v>(
    selection: &'v Selection,
    shape: &JoinedShape,
    context: &'v Evaluation<'v>,
) -> Result<Option<String>, EvaluationFault> {
    match shape {
        JoinedShape::Named(pairs) => {
            let found = closer_check::find(selection, pairs, context)?;
            Ok(found.map(|name| before_value(pairs, &name).to_owned()))
        }
        JoinedShape::Separated(separator) => {
            let first = separator.as_bytes().first();
            for (name, value) in selection.chosen(context)? {
                let mut written = Vec::new();
                selection.write_pair((name, value), context, &mut written)?;
                if first.is_none_or(|first| written.contains(first)) {
                    return Ok(Some(name.to_owned()));
                }
            }
            Ok(None)
        }
        JoinedShape::SelfDelimited | JoinedShape::Open => Ok(None),
    }
}

/// A field's name for logs, without any part that could be the value of a signed field.
fn before_value<'n>(pairs: &NamedPairs, name: &'n str) -> &'n str {
    let marks = [&pairs.assign, &pairs.separator];
    let marks = marks.into_iter().filter(|mark| !mark.is_empty());
    let ends = marks.filter_map(|mark| name.find(&**mark));
    ends.min().and_then(|end| name.get(..end)).unwrap_or(name)
}

impl NamedPairs {
    /// How the value of a field is written.
    fn value_for(&self, name: &str) -> WrittenValue {
        let own = self.value_of.iter().find(|(known, _)| known == name);
        own.map_or(self.value, |(_, value)| *value)
    }
}

/// The JSON value of a field, if it is one.
const fn as_json<'v>(value: ExpressionValue<'v>) -> Option<JsonValue<'v, 'v>> {
    match value {
        ExpressionValue::Json(value) => Some(value),
        _ => None,
    }
}
