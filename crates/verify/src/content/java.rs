//! Values as Java prints them: `String.valueOf` of what Jackson parsed.

use std::borrow::Cow;

use super::{NumberStyle, Sink};
use crate::body::Field;
use crate::json::{JsonKind, JsonValue};

/// The text of a field as it is signed: a string's characters, or a number in this style. `None`
/// for null and for containers.
pub(crate) fn text_as_signed<'a>(
    field: Field<'_, 'a>,
    numbers: NumberStyle,
) -> Option<Cow<'a, str>> {
    let Some(value) = field.as_json() else {
        return field.text();
    };
    match value.kind() {
        JsonKind::String { .. } => value.as_str(),
        JsonKind::Number { fraction } => Some(number(value.source(), fraction, numbers)),
        JsonKind::Bool => Some(value.source().into()),
        JsonKind::Null | JsonKind::Array | JsonKind::Object => None,
    }
}

/// `String.valueOf`: strings without quotes, `{k=v, k2=v2}`, `[a, b]`, `null`.
pub(crate) fn write_value(
    value: JsonValue<'_, '_>,
    numbers: NumberStyle,
    out: &mut (impl Sink + ?Sized),
) {
    match value.kind() {
        JsonKind::Null | JsonKind::Bool => out.put_str(value.source()),
        JsonKind::Number { fraction } => out.put_str(&number(value.source(), fraction, numbers)),
        JsonKind::String { .. } => out.put_str(&value.as_str().unwrap_or_default()),
        JsonKind::Object | JsonKind::Array => {
            let is_object = value.kind() == JsonKind::Object;
            out.put(if is_object { b"{" } else { b"[" });
            for (nth, (name, member)) in value.members().enumerate() {
                if nth > 0 {
                    out.put(b", ");
                }
                if is_object {
                    out.put_str(&name);
                    out.put(b"=");
                }
                write_value(member, numbers, out);
            }
            out.put(if is_object { b"}" } else { b"]" });
        }
    }
}

/// A number as Jackson writes it.
pub(crate) fn write_json_number(
    text: &str,
    fraction: bool,
    numbers: NumberStyle,
    out: &mut (impl Sink + ?Sized),
) {
    let text = number(text, fraction, numbers);
    // Jackson quotes values that JSON has no number for.
    let finite = !text.ends_with('y');
    out.put(if finite { b"" } else { b"\"" });
    out.put_str(&text);
    out.put(if finite { b"" } else { b"\"" });
}

/// A number's text as it is signed.
fn number(text: &str, fraction: bool, style: NumberStyle) -> Cow<'_, str> {
    match (fraction, style) {
        // Java's integers have no negative zero.
        (false, _) if text == "-0" => "0".into(),
        (false, _) | (true, NumberStyle::AsWritten) => text.into(),
        (true, NumberStyle::JavaDouble) => text.parse().map(double).unwrap_or_default().into(),
    }
}

/// `Double.toString` (Java SE API, `java.lang.Double`): the fewest digits that distinguish the
/// double from its neighbours, with at least one after the point, and of several such texts the
/// nearest; scientific notation below 10^-3 and from 10^7 on.
fn double(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if value == 0.0 {
        return if value.is_sign_negative() {
            "-0.0"
        } else {
            "0.0"
        }
        .to_owned();
    }
    let plain = (1e-3..1e7).contains(&value.abs());
    let shortest = if plain {
        // Rust's `Debug` appends `.0` to whole values in this range.
        format!("{value:?}")
    } else {
        format!("{value:e}")
    };
    let (digits, exponent) = shortest.split_once('e').unwrap_or((&shortest, ""));
    let places = digits.split_once('.').map_or(1, |(_, places)| places.len());
    // Rust's shortest text is not always the nearest of its length. If two are equally near, the
    // even one is chosen, as in Java.
    let nearest = if plain {
        format!("{value:.places$}")
    } else {
        format!("{value:.places$e}")
    };
    if nearest.parse() == Ok(value) {
        nearest.replace('e', "E")
    } else if digits.contains('.') {
        shortest.replace('e', "E")
    } else {
        format!("{digits}.0E{exponent}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    #[test]
    fn doubles() {
        for (text, expected) in [
            ("800.10", "800.1"),
            ("1e3", "1000.0"),
            ("1E-5", "1.0E-5"),
            ("100000000.0", "1.0E8"),
            ("9999999.999", "9999999.999"),
            ("10000000.0", "1.0E7"),
            ("0.001", "0.001"),
            ("0.0009999", "9.999E-4"),
            ("-0.0", "-0.0"),
            ("-0e9", "-0.0"),
            ("1e400", "Infinity"),
            ("-1e400", "-Infinity"),
            ("5e-324", "4.9E-324"),
            ("1.7976931348623157e308", "1.7976931348623157E308"),
            ("123456789.125", "1.23456789125E8"),
            ("0.1e1", "1.0"),
            ("1e23", "1.0E23"),
            ("254370569754.39063", "2.5437056975439062E11"),
            ("222397430086396.12", "2.2239743008639612E14"),
        ] {
            assert_eq!(
                number(text, true, NumberStyle::JavaDouble),
                expected,
                "{text}"
            );
            assert_eq!(number(text, true, NumberStyle::AsWritten), text);
        }
        assert_eq!(number("-0", false, NumberStyle::AsWritten), "0");
        let long = "12345678901234567890123";
        assert_eq!(number(long, false, NumberStyle::JavaDouble), long);
    }

    #[test]
    fn containers() {
        let document =
            parse(br#"{"a":{"b":null,"c":[1,"x\"",{}],"d":[]},"e":1e400,"f\n":"\u001f"}"#).unwrap();
        let mut text = Vec::new();
        write_value(document.root(), NumberStyle::JavaDouble, &mut text);
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "{a={b=null, c=[1, x\", {}], d=[]}, e=Infinity, f\n=\u{1f}}"
        );
    }
}
