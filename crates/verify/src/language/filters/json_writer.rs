//! `json:STYLE`: JSON as the writers of several languages write it.

use super::{Filter, ParameterKind, Run, needs};
use crate::content::{NumberStyle, Sink, write_number};
use crate::hex::hex_digits;
use crate::json::{JsonKind, JsonValue};
use crate::language::expression_value::ExpressionValue;
use crate::language::value_fault::ValueFault;
use crate::scan::plain_length;

/// How JSON is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::language) struct JsonStyle {
    /// `/` is escaped.
    slashes: bool,
    /// All beyond ASCII is escaped.
    unicode: bool,
    /// U+2028 and U+2029 are escaped.
    lines: bool,
    /// The digits of escapes are in upper case.
    upper: bool,
    /// Numbers with a fraction or an exponent are written as Java's `double`.
    double: bool,
}

impl JsonStyle {
    /// What [`Self::parse`] understands, for messages.
    pub(in crate::language) const FORMS: &'static str = "`js`, `php` with any of `+unicode`, `+slashes` and `+lines`, and `jackson` or `jackson+double`";

    /// Whether numbers with a fraction or an exponent are written as Java's `double`.
    pub(in crate::language) const fn double(self) -> bool {
        self.double
    }

    /// Reads `js`, `php+unicode+slashes` and the like.
    pub(in crate::language) fn parse(text: &str) -> Option<Self> {
        let (writer, flags) = text
            .split_once('+')
            .map_or((text, None), |(w, f)| (w, Some(f)));
        let mut flags: Vec<&str> = flags
            .map(|flags| flags.split('+').collect())
            .unwrap_or_default();
        let mut has = |flag| {
            let found = flags.iter().position(|found| *found == flag);
            found.map(|at| flags.swap_remove(at)).is_some()
        };
        let style = match writer {
            "js" => Self::default(),
            "php" => {
                let unicode = !has("unicode");
                Self {
                    unicode,
                    slashes: !has("slashes"),
                    // `JSON_UNESCAPED_LINE_TERMINATORS` has no effect without `JSON_UNESCAPED_UNICODE`.
                    lines: !has("lines") || unicode,
                    ..Self::default()
                }
            }
            "jackson" => Self {
                upper: true,
                double: has("double"),
                ..Self::default()
            },
            _ => return None,
        };
        flags.is_empty().then_some(style)
    }
}

pub(super) const FILTERS: &[Filter] = &[Filter {
    name: "json",
    parameters: &[needs("STYLE", ParameterKind::Style)],
    run: Run::Write(|value, given, out| match value {
        ExpressionValue::Json(value) => {
            write(value, given.style(), out);
            Ok(())
        }
        ExpressionValue::Text(text) => {
            write_string(text, given.style(), out);
            Ok(())
        }
        _ => Err(ValueFault::Malformed),
    }),
    meaning: "JSON without spaces, members in the body's order; text as a JSON string. `js`: as JavaScript's `JSON.stringify`; `php`: as PHP's `json_encode`, with its flags `+unicode`, `+slashes` and `+lines` (what is not escaped); `jackson`: as Java's Jackson, with `+double` as it writes doubles.",
    examples: &[
        (
            "json:js",
            "a\"/é\u{2028}\u{1f}",
            Some("\"a\\\"/é\u{2028}\\u001f\""),
        ),
        (
            "json:php",
            "/é😀\u{2028}",
            Some(r#""\/\u00e9\ud83d\ude00\u2028""#),
        ),
        ("json:php+lines", "\u{2028}", Some(r#""\u2028""#)),
        (
            "json:php+unicode+slashes",
            "/é\u{2028}\u{7f}",
            Some("\"/é\\u2028\u{7f}\""),
        ),
        (
            "json:php+unicode+slashes+lines",
            "/é\u{2028}",
            Some("\"/é\u{2028}\""),
        ),
        ("json:jackson", "\u{1f}é/\n", Some("\"\\u001Fé/\\n\"")),
        (
            "field:a|json:js",
            r#"{ "a" : { "b" : [ 1.50, null, "\u00e9" ] } }"#,
            Some(r#"{"b":[1.50,null,"é"]}"#),
        ),
        (
            "field:a|json:jackson+double",
            r#"{"a":[1.50,1e400]}"#,
            Some(r#"[1.5,"Infinity"]"#),
        ),
        (
            "field:a|json:jackson",
            r#"{"a":[1.50,-0]}"#,
            Some("[1.50,0]"),
        ),
    ],
}];

fn write(value: JsonValue<'_, '_>, style: JsonStyle, out: &mut dyn Sink) {
    match value.kind() {
        JsonKind::Null | JsonKind::Bool => out.put_str(value.source()),
        // Only Java's number types are told apart: `js` and `php` sign numbers as they are written.
        JsonKind::Number { .. } if !style.upper => out.put_str(value.source()),
        JsonKind::Number { fraction } => {
            let numbers = if style.double {
                NumberStyle::JavaDouble
            } else {
                NumberStyle::AsWritten
            };
            write_number(value.source(), fraction, numbers, out);
        }
        JsonKind::String { .. } => {
            write_string(&value.as_str().unwrap_or_default(), style, out);
        }
        JsonKind::Object | JsonKind::Array => {
            let is_object = value.kind() == JsonKind::Object;
            out.put(if is_object { b"{" } else { b"[" });
            for (nth, (name, member)) in value.members().enumerate() {
                if nth > 0 {
                    out.put(b",");
                }
                if is_object {
                    write_string(&name, style, out);
                    out.put(b":");
                }
                write(member, style, out);
            }
            out.put(if is_object { b"}" } else { b"]" });
        }
    }
}

fn write_string(text: &str, style: JsonStyle, out: &mut dyn Sink) {
    out.put(b"\"");
    let mut rest = text;
    loop {
        let (plain, tail) = rest
            .split_at_checked(plain(rest, style))
            .unwrap_or((rest, ""));
        out.put_str(plain);
        let mut chars = tail.chars();
        let Some(special) = chars.next() else { break };
        write_special(special, style, out);
        rest = chars.as_str();
    }
    out.put(b"\"");
}

/// The number of bytes before the first character that might need an escape.
fn plain(text: &str, style: JsonStyle) -> usize {
    let bytes = text.as_bytes();
    let always = |byte: u8| (byte < 0x20) | (byte == b'"') | (byte == b'\\');
    match (style.unicode || style.slashes, style.lines) {
        (false, false) => plain_length(bytes, always),
        // U+2028 and U+2029 begin with this byte.
        (false, true) => plain_length(bytes, |byte| always(byte) | (byte == 0xE2)),
        (true, _) => plain_length(bytes, |byte| always(byte) | (byte == b'/') | (byte >= 0x80)),
    }
}

fn write_special(special: char, style: JsonStyle, out: &mut dyn Sink) {
    match special {
        '"' => out.put(b"\\\""),
        '\\' => out.put(b"\\\\"),
        '/' if style.slashes => out.put(b"\\/"),
        '\u{8}' => out.put(b"\\b"),
        '\t' => out.put(b"\\t"),
        '\n' => out.put(b"\\n"),
        '\u{c}' => out.put(b"\\f"),
        '\r' => out.put(b"\\r"),
        '\0'..' ' => write_unit(special as u16, style, out),
        '\u{2028}' | '\u{2029}' if style.lines => write_unit(special as u16, style, out),
        other if style.unicode && !other.is_ascii() => {
            for unit in other.encode_utf16(&mut [0; 2]) {
                write_unit(*unit, style, out);
            }
        }
        other => out.put_str(other.encode_utf8(&mut [0; 4])),
    }
}

fn write_unit(unit: u16, style: JsonStyle, out: &mut dyn Sink) {
    out.put(b"\\u");
    for byte in unit.to_be_bytes() {
        out.put(&hex_digits(byte, style.upper));
    }
}
