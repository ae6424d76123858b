//! What filters make of what is known of a value.

use super::byte_set::ByteSet;
use super::regex_shape::of_regex;
use super::text_part::{PartEnds, TextPart};
use crate::language::compiled_expression::{FilterCall, PreparedArgument};

/// What filters make of a value, with what is required of it behind so many filters.
pub(super) fn filtered(
    mut parts: Vec<TextPart>,
    mut is_json: bool,
    filters: &[&FilterCall],
    required: impl Fn(usize, Vec<TextPart>) -> Vec<TextPart>,
) -> Vec<TextPart> {
    for (nth, call) in filters.iter().enumerate() {
        parts = required(nth.saturating_add(1), apply(call, parts, is_json));
        is_json = match call.filter.name {
            "field" | "sorted" | "without" => true,
            "nonempty" | "nth" => is_json,
            _ => false,
        };
    }
    parts
}

fn apply(call: &FilterCall, parts: Vec<TextPart>, is_json: bool) -> Vec<TextPart> {
    let whole = TextPart::joined(&parts);
    let bytes = whole.bytes;
    vec![match call.filter.name {
        "max" | "text" => return parts,
        "nonempty" if whole.min == 0 => TextPart {
            min: 1,
            ..TextPart::joined(&parts)
        },
        "nonempty" => return parts,
        "default" => match &call.arguments {
            [Some(PreparedArgument::Text(text)), _] => whole.either(&TextPart::text(text)),
            _ => TextPart::any(),
        },
        "md5" => TextPart::fixed(ByteSet::ANY, 16),
        "sha1" => TextPart::fixed(ByteSet::ANY, 20),
        "sha256" => TextPart::fixed(ByteSet::ANY, 32),
        "sha384" => TextPart::fixed(ByteSet::ANY, 48),
        "sha512" => TextPart::fixed(ByteSet::ANY, 64),
        "hex" => encoded(
            &whole,
            |byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase(),
            |length| length.checked_mul(2),
        ),
        "base64" => encoded(
            &whole,
            |byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte),
            |length| length.div_ceil(3).checked_mul(4),
        ),
        "base64url" => encoded(
            &whole,
            |byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte),
            |length| Some(length.checked_mul(4)?.div_ceil(3)),
        ),
        "urlencode" => encoded(
            &whole,
            |byte| byte.is_ascii_alphanumeric() || b"+%-._~".contains(&byte),
            |_| None,
        ),
        "crc32" => TextPart {
            min: 1,
            max: Some(10),
            ..TextPart::of(ByteSet::digits())
        },
        "number" => return of_number(call),
        "lower" => in_case(whole, ByteSet::lower),
        "upper" => in_case(whole, ByteSet::upper),
        "trim" | "prefix" | "prefix?" | "after" | "after-last" | "nth" | "one" | "all" | "skip" => {
            whole.some_of()
        }
        "before" | "split" | "pairs" => match &call.arguments {
            [Some(PreparedArgument::Text(text)), _] if text.len() == 1 => {
                TextPart::of(bytes.without(text.as_bytes()))
            }
            _ => TextPart::of(bytes),
        },
        "words" => TextPart::of(bytes.without(b" \t\n\r\x0C")),
        "remove" => match &call.arguments {
            [Some(PreparedArgument::Text(text)), _] if text.is_ascii() => {
                TextPart::of(bytes.without(text.as_bytes()))
            }
            _ => TextPart::of(bytes),
        },
        "escape" => match &call.arguments {
            [Some(PreparedArgument::Text(text)), _] if text.is_ascii() => {
                let escaped = ByteSet::of_bytes(text.as_bytes());
                TextPart {
                    ends: PartEnds::Escaped(escaped),
                    ..TextPart::of(bytes.or(ByteSet::of_bytes(b"\\")))
                }
            }
            _ => TextPart::any(),
        },
        "json" if is_json => TextPart {
            min: 1,
            ..TextPart::ending(PartEnds::Json)
        },
        "raw" if is_json => TextPart {
            min: 1,
            ..TextPart::ending(PartEnds::Json)
        },
        "json" => TextPart::quoted(),
        _ => TextPart::any(),
    }]
}

fn encoded(
    whole: &TextPart,
    test: impl Fn(u8) -> bool,
    length: impl Fn(usize) -> Option<usize>,
) -> TextPart {
    let bytes = ByteSet::of(test, false);
    match whole.length().and_then(length) {
        Some(length) => TextPart::fixed(bytes, length),
        None => TextPart::of(bytes),
    }
}

fn in_case(whole: TextPart, change: fn(ByteSet) -> ByteSet) -> TextPart {
    if !whole.bytes.is_ascii() {
        return TextPart::of(change(whole.bytes));
    }
    TextPart {
        bytes: change(whole.bytes),
        first: change(whole.first),
        last: change(whole.last),
        ends: match whole.length() {
            Some(_) => PartEnds::Length,
            None => PartEnds::No,
        },
        is_timestamp: false,
        ..whole
    }
}

/// A decimal number with so many decimals.
fn of_number(call: &FilterCall) -> Vec<TextPart> {
    let pattern = match call.arguments {
        [Some(PreparedArgument::Number(0)), _] => "-?[0-9]+".to_owned(),
        [Some(PreparedArgument::Number(decimals)), _] => {
            format!(r"-?[0-9]+\.[0-9]{{{}}}", decimals.min(18))
        }
        _ => return vec![TextPart::any()],
    };
    of_regex(&pattern).unwrap_or_else(|| vec![TextPart::any()])
}
