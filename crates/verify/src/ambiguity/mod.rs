//! Which field of a body could have been signed as others.
//!
//! Joined fields can be read in several ways: `a=1&b=2` is two fields, or one that holds `1&b=2`;
//! `x={k=v}` is an object, or a string. Of all bodies with one signed text, at most one is *plain*:
//! it has a field wherever one can begin, and lists and objects wherever they can be read. All
//! others are ambiguous. So whoever reshapes a plain callback gets an ambiguous one.
//!
//! A callback that was signed need not be plain: somebody may have chosen a value, such as
//! `x&status=paid&t=` in a remark, of which the plain reading has another `status`. The one that
//! was signed is then in some value, so a body is ambiguous, too, if a value holds what begins as
//! one of its own fields. What is left is plain and has each field as it was signed, up to where
//! the value that was signed holds what begins as another.
//!
//! What kind of scalar a value is, is not looked at: `1` and `"1"` are signed alike by design.

mod filter;
mod java_text;
mod joined;
#[cfg(test)]
mod tests;

use super::body::Body;
use super::content;
use super::scheme::{NumberStyle, SortedFields, Source};

/// The first field, in the order in which they are signed, that keeps a body from being the plain
/// reading of its signed text, in which numbers have this style. Only for a body that is not
/// [clear](is_clear).
pub(super) fn find(
    form: &SortedFields,
    signature: &Source,
    body: &Body<'_>,
    numbers: NumberStyle,
) -> Option<String> {
    let name = joined::find(form, signature, body, numbers)?;
    Some(before_value(form, &name).to_owned())
}

/// Whether a look at each field is enough to see that none could have been signed as others: so it is
/// with nearly every callback.
pub(super) fn is_clear(form: &SortedFields, signature: &Source, body: &Body<'_>) -> bool {
    content::signed_fields(form, signature, body)
        .all(|(name, field)| filter::is_clear(form, &name, field))
}

/// A field's name, which is for logs, without what could be the value of one that was signed.
fn before_value<'n>(form: &SortedFields, name: &'n str) -> &'n str {
    let marks = [&form.assign, &form.separator];
    let marks = marks.into_iter().filter(|mark| !mark.is_empty());
    let ends = marks.filter_map(|mark| name.find(mark.as_str()));
    ends.min().and_then(|end| name.get(..end)).unwrap_or(name)
}
