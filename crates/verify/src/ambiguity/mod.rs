//! Finds the field of a body that could have been signed as others.
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
mod tests;

use super::body::Body;
use super::content;
use super::scheme::{NumberStyle, SortedFields, Source};

/// The first field, in the order of signing, that keeps a body from being the plain reading of its
/// signed text, with numbers in this style. Only for a body that is not [clear](is_clear).
pub(super) fn find(
    form: &SortedFields,
    signature: &Source,
    body: &Body<'_>,
    numbers: NumberStyle,
) -> Option<String> {
    let name = closer_check::find(form, signature, body, numbers)?;
    Some(before_value(form, &name).to_owned())
}

/// Whether a quick check of each field shows that none could have been signed as others, as for
/// nearly every callback.
pub(super) fn is_clear(form: &SortedFields, signature: &Source, body: &Body<'_>) -> bool {
    content::signed_fields(form, signature, body)
        .all(|(name, field)| filter::is_clear(form, &name, field))
}

/// A field's name for logs, without any part that could be the value of a signed field.
fn before_value<'n>(form: &SortedFields, name: &'n str) -> &'n str {
    let marks = [&form.assign, &form.separator];
    let marks = marks.into_iter().filter(|mark| !mark.is_empty());
    let ends = marks.filter_map(|mark| name.find(mark.as_str()));
    ends.min().and_then(|end| name.get(..end)).unwrap_or(name)
}
