//! The body's top-level fields, sorted, as `name=value` joined by a separator.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::java::{write_json, write_value};
use super::sink::Sink;
use crate::verify::json::Value;
use crate::verify::presented::Presented;
use crate::verify::scheme::{NameOrder, SortedFields, Source};

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
    let is_signature = |name: &str| matches!(signature, Source::Field(field) if field == name);
    let mut fields: Vec<(Cow<'_, str>, Value<'_, '_>)> = document
        .root()
        .members()
        .filter(|(name, value)| !(is_signature(name) || form.omit_empty && value.is_empty()))
        .collect();
    fields.sort_unstable_by(|(a, _), (b, _)| compare(a, b, form.order));
    for (place, (name, value)) in fields.into_iter().enumerate() {
        if place > 0 {
            out.put_str(&form.separator);
        }
        out.put_str(&name);
        out.put_str(&form.assign);
        if form.json_fields.iter().any(|field| *field == name) {
            write_json(value, numbers, out);
        } else {
            write_value(value, numbers, out);
        }
    }
    true
}

fn compare(a: &str, b: &str, order: NameOrder) -> Ordering {
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
