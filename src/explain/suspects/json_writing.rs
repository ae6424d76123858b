//! JSON as other programs would write it.

use std::fmt::Write as _;

use crate::verify::json::{JsonKind, JsonValue};

/// How a program writes JSON.
#[derive(Clone, Copy)]
pub(super) struct WrittenJson {
    pub(super) space: JsonSpace,
    pub(super) escapes: JsonEscapes,
    pub(super) sorted: bool,
    pub(super) numbers: JsonNumbers,
    /// Without members that are null.
    pub(super) without_null: bool,
}

/// What stands between values.
#[derive(Clone, Copy)]
pub(super) struct JsonSpace {
    pub(super) name: &'static str,
    colon: &'static str,
    comma: &'static str,
    /// What a level is indented by; empty: all on one line.
    indent: &'static str,
    line_end: &'static str,
}

/// Which characters of strings are escaped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum JsonEscapes {
    Few,
    Slashes,
    Ascii,
    AsciiAndSlashes,
    AsciiUpper,
    Html,
}

/// How numbers are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum JsonNumbers {
    AsWritten,
    Shortest,
    OneDecimal,
    TwoDecimals,
    Strings,
}

const fn space(
    name: &'static str,
    colon: &'static str,
    comma: &'static str,
    indent: &'static str,
    line_end: &'static str,
) -> JsonSpace {
    JsonSpace {
        name,
        colon,
        comma,
        indent,
        line_end,
    }
}

pub(super) const SPACES: &[JsonSpace] = &[
    space("without spaces", ":", ",", "", ""),
    space("with a space behind colons and commas", ": ", ", ", "", ""),
    space("indented by two spaces", ": ", ",", "  ", "\n"),
    space("indented by four spaces", ": ", ",", "    ", "\n"),
    space("indented by tabs", ": ", ",", "\t", "\n"),
    space(
        "indented by two spaces, with spaces around colons",
        " : ",
        ",",
        "  ",
        "\n",
    ),
    space(
        "indented by two spaces, in lines that end with CRLF",
        ": ",
        ",",
        "  ",
        "\r\n",
    ),
    space("with a space behind colons", ": ", ",", "", ""),
    space("with a space behind commas", ":", ", ", "", ""),
];

pub(super) const ESCAPES: &[(JsonEscapes, &str)] = &[
    (JsonEscapes::Few, ""),
    (JsonEscapes::Slashes, ", slashes escaped"),
    (
        JsonEscapes::AsciiAndSlashes,
        ", slashes and all beyond ASCII escaped",
    ),
    (JsonEscapes::Ascii, ", all beyond ASCII escaped"),
    (
        JsonEscapes::AsciiUpper,
        ", all beyond ASCII escaped in upper case",
    ),
    (JsonEscapes::Html, ", the characters of HTML escaped"),
];

pub(super) const NUMBERS: &[(JsonNumbers, &str)] = &[
    (JsonNumbers::AsWritten, ""),
    (JsonNumbers::Shortest, ", numbers without trailing zeros"),
    (JsonNumbers::OneDecimal, ", whole numbers with `.0`"),
    (JsonNumbers::TwoDecimals, ", numbers with two decimals"),
    (JsonNumbers::Strings, ", numbers as strings"),
];

impl WrittenJson {
    /// The value as a program with this style writes it.
    pub(super) fn written(self, value: JsonValue<'_, '_>) -> String {
        let mut out = String::new();
        self.value(value, 0, &mut out);
        out
    }

    fn value(self, value: JsonValue<'_, '_>, depth: usize, out: &mut String) {
        match value.kind() {
            JsonKind::Object => self.container(value, ('{', '}'), depth, out),
            JsonKind::Array => self.container(value, ('[', ']'), depth, out),
            JsonKind::String { .. } => self.string(&value.as_str().unwrap_or_default(), out),
            JsonKind::Number { .. } => self.number(value.source(), out),
            _ => out.push_str(value.source()),
        }
    }

    fn container(
        self,
        value: JsonValue<'_, '_>,
        (open, close): (char, char),
        depth: usize,
        out: &mut String,
    ) {
        let members = value.members();
        let is_kept = |inner: &JsonValue<'_, '_>| !(self.without_null && inner.is_null());
        let is_object = value.is_object();
        let mut members: Vec<_> = members
            .filter(|(_, inner)| !is_object || is_kept(inner))
            .collect();
        if self.sorted && is_object {
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
        }
        out.push(open);
        let inner = depth.saturating_add(1);
        for (nth, (name, value)) in members.iter().enumerate() {
            if nth > 0 {
                out.push_str(self.space.comma);
            }
            self.new_line(inner, out);
            if is_object {
                self.string(name, out);
                out.push_str(self.space.colon);
            }
            self.value(*value, inner, out);
        }
        if !members.is_empty() {
            self.new_line(depth, out);
        }
        out.push(close);
    }

    fn new_line(self, depth: usize, out: &mut String) {
        out.push_str(self.space.line_end);
        for _ in 0..depth {
            out.push_str(self.space.indent);
        }
    }

    fn string(self, text: &str, out: &mut String) {
        let (ascii, upper) = match self.escapes {
            JsonEscapes::Ascii | JsonEscapes::AsciiAndSlashes => (true, false),
            JsonEscapes::AsciiUpper => (true, true),
            _ => (false, false),
        };
        let slashes = matches!(
            self.escapes,
            JsonEscapes::Slashes | JsonEscapes::AsciiAndSlashes
        );
        let is_html = self.escapes == JsonEscapes::Html;
        out.push('"');
        for character in text.chars() {
            match character {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\u{8}' => out.push_str("\\b"),
                '\u{c}' => out.push_str("\\f"),
                '/' if slashes => out.push_str("\\/"),
                '<' | '>' | '&' if is_html => escaped(character, false, out),
                '\u{2028}' | '\u{2029}' if is_html => escaped(character, false, out),
                '\0'..='\u{1f}' => escaped(character, upper, out),
                _ if ascii && !character.is_ascii() => escaped(character, upper, out),
                _ => out.push(character),
            }
        }
        out.push('"');
    }

    fn number(self, digits: &str, out: &mut String) {
        let is_whole = digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-');
        match self.numbers {
            JsonNumbers::Shortest if digits.contains('.') && !digits.contains(['e', 'E']) => {
                let short = digits.trim_end_matches('0');
                out.push_str(short.strip_suffix('.').unwrap_or(short));
            }
            JsonNumbers::OneDecimal if is_whole => {
                out.push_str(digits);
                out.push_str(".0");
            }
            JsonNumbers::TwoDecimals if is_whole => {
                out.push_str(digits);
                out.push_str(".00");
            }
            JsonNumbers::TwoDecimals if has_one_decimal(digits) => {
                out.push_str(digits);
                out.push('0');
            }
            JsonNumbers::Strings => {
                out.push('"');
                out.push_str(digits);
                out.push('"');
            }
            _ => out.push_str(digits),
        }
    }
}

fn has_one_decimal(digits: &str) -> bool {
    digits.split_once('.').is_some_and(|(_, decimals)| {
        decimals.len() == 1 && decimals.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn escaped(character: char, upper: bool, out: &mut String) {
    let mut units = [0; 2];
    for unit in character.encode_utf16(&mut units) {
        // Writing to memory cannot fail.
        let _ = match upper {
            true => write!(out, "\\u{unit:04X}"),
            false => write!(out, "\\u{unit:04x}"),
        };
    }
}
