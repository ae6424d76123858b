//! The body's top-level fields, sorted, as `name=value` joined by a separator.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::java::{write_json, write_value};
use super::sink::Sink;
use crate::json::Value;
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
    let Some(document) = &presented.document else {
        return false;
    };
    if nth > 0 && !document.has_fraction() {
        return false;
    }
    let mut fields = Vec::with_capacity(document.root().members().count());
    fields.extend(signed_fields(form, signature, document.root()));
    sort(&mut fields, form.order);
    for (place, (name, value)) in fields.into_iter().enumerate() {
        if place > 0 {
            out.put_str(&form.separator);
        }
        write_name(form, &name, out);
        write_field_value(form, &name, value, numbers, out);
    }
    true
}

/// How many bytes it takes to sort a body's fields.
pub(crate) fn memory(body: Value<'_, '_>) -> usize {
    let fields = body.members().count();
    fields.saturating_mul(size_of::<(Cow<'_, str>, Value<'_, '_>)>())
}

/// The fields that are signed, in the order of the body.
pub(crate) fn signed_fields<'d, 'a>(
    form: &'d SortedFields,
    signature: &'d Source,
    body: Value<'d, 'a>,
) -> impl Iterator<Item = (Cow<'a, str>, Value<'d, 'a>)> {
    let is_left_out = |name: &str, value: Value<'_, '_>| {
        signature.is_field(name) || form.omit_empty && value.is_empty()
    };
    body.members()
        .filter(move |(name, value)| !is_left_out(name, *value))
}

/// Puts fields into the order in which they are signed.
pub(crate) fn sort(fields: &mut [(Cow<'_, str>, Value<'_, '_>)], order: NameOrder) {
    fields.sort_unstable_by(|(a, _), (b, _)| compare(a, b, order));
}

/// Writes one field; gives where its value begins.
pub(crate) fn write_field(
    form: &SortedFields,
    name: &str,
    value: Value<'_, '_>,
    numbers: NumberStyle,
    out: &mut Vec<u8>,
) -> usize {
    write_name(form, name, out);
    let start = out.len();
    write_field_value(form, name, value, numbers, out);
    start
}

fn write_name(form: &SortedFields, name: &str, out: &mut impl Sink) {
    out.put_str(name);
    out.put_str(&form.assign);
}

fn write_field_value(
    form: &SortedFields,
    name: &str,
    value: Value<'_, '_>,
    numbers: NumberStyle,
    out: &mut impl Sink,
) {
    if form.json_fields.iter().any(|field| field == name) {
        write_json(value, numbers, out);
    } else {
        write_value(value, numbers, out);
    }
}

/// How two names sort.
pub(crate) fn compare(a: &str, b: &str, order: NameOrder) -> Ordering {
    // Bytes and UTF-16 units agree on ASCII, which is nearly every name.
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
    fn utf16_order_differs_above_the_basic_plane() {
        assert_eq!(compare("ﬁ", "😀", NameOrder::Bytes), Ordering::Less);
        assert_eq!(compare("ﬁ", "😀", NameOrder::Utf16), Ordering::Greater);
        assert_eq!(compare("a", "ab", NameOrder::Utf16), Ordering::Less);
        assert_eq!(compare("é", "éa", NameOrder::Utf16), Ordering::Less);
        assert_eq!(compare("Z", "a", NameOrder::Utf16), Ordering::Less);
    }
}
