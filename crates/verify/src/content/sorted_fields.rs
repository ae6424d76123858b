//! The body's top-level fields, sorted, as `name=value` joined by a separator.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::java;
use super::sink::Sink;
use crate::body::{Body, Field};
use crate::presented::Presented;
use crate::scheme::{NameOrder, NumberStyle, SortedFields, Source};

/// Writes candidate `nth`; `false` if there is none. The second differs from the first only in
/// numbers with a fraction or an exponent.
pub(super) fn write(
    form: &SortedFields,
    signature: &Source,
    presented: &Presented<'_>,
    nth: usize,
    out: &mut impl Sink,
) -> bool {
    let Some(&numbers) = form.numbers.get(nth) else {
        return false;
    };
    let body = &presented.body;
    if !body.has_fields() || nth > 0 && !body.has_fraction() {
        return false;
    }
    let mut fields = Vec::with_capacity(body.fields().count());
    fields.extend(signed_fields(form, signature, body));
    sort(&mut fields, form.order);
    for (place, (name, field)) in fields.into_iter().enumerate() {
        if place > 0 {
            out.put_str(&form.separator);
        }
        write_name(form, &name, out);
        write_value(form, &name, field, numbers, out);
    }
    true
}

/// How many bytes sorting a body's fields takes.
pub(crate) fn memory(body: &Body<'_>) -> usize {
    let fields = body.fields().count();
    fields.saturating_mul(size_of::<(Cow<'_, str>, Field<'_, '_>)>())
}

/// The fields that are signed, in body order.
pub(crate) fn signed_fields<'d, 'a>(
    form: &'d SortedFields,
    signature: &'d Source,
    body: &'d Body<'a>,
) -> impl Iterator<Item = (Cow<'a, str>, Field<'d, 'a>)> {
    let is_left_out = |name: &str, field: Field<'_, '_>| {
        signature.is_field(name) || form.omit_empty && field.is_empty()
    };
    body.fields()
        .filter(move |(name, field)| !is_left_out(name, *field))
}

/// Sorts fields into the order of signing.
pub(crate) fn sort(fields: &mut [(Cow<'_, str>, Field<'_, '_>)], order: NameOrder) {
    fields.sort_unstable_by(|(a, _), (b, _)| compare(a, b, order));
}

/// Writes one field. Returns where its value begins.
pub(crate) fn write_field(
    form: &SortedFields,
    name: &str,
    field: Field<'_, '_>,
    numbers: NumberStyle,
    out: &mut Vec<u8>,
) -> usize {
    write_name(form, name, out);
    let start = out.len();
    write_value(form, name, field, numbers, out);
    start
}

fn write_name(form: &SortedFields, name: &str, out: &mut impl Sink) {
    out.put_str(name);
    out.put_str(&form.assign);
}

fn write_value(
    form: &SortedFields,
    name: &str,
    field: Field<'_, '_>,
    numbers: NumberStyle,
    out: &mut impl Sink,
) {
    if form.json_fields.iter().any(|field| field == name) {
        java::write_json_field(field, numbers, out);
    } else {
        java::write_field(field, numbers, out);
    }
}

/// The order of two names.
pub(crate) fn compare(a: &str, b: &str, order: NameOrder) -> Ordering {
    // Bytes and UTF-16 units sort ASCII alike, which covers nearly every name.
    match order {
        NameOrder::Utf16 if !(a.is_ascii() && b.is_ascii()) => {
            a.encode_utf16().cmp(b.encode_utf16())
        }
        NameOrder::Utf16 | NameOrder::Bytes => a.cmp(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_order_differs_from_byte_order_above_the_basic_plane() {
        assert_eq!(compare("ﬁ", "😀", NameOrder::Bytes), Ordering::Less);
        assert_eq!(compare("ﬁ", "😀", NameOrder::Utf16), Ordering::Greater);
        assert_eq!(compare("a", "ab", NameOrder::Utf16), Ordering::Less);
        assert_eq!(compare("é", "éa", NameOrder::Utf16), Ordering::Less);
        assert_eq!(compare("Z", "a", NameOrder::Utf16), Ordering::Less);
    }
}
