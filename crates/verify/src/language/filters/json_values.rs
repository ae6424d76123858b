//! Filters over JSON.

use super::{Arguments, Filter, Given, ParameterKind, Run, needs, takes};
use crate::content::{NumberStyle, Sink, write_java};
use crate::json::{JsonKind, JsonValue};
use crate::language::expression_value::ExpressionValue;
use crate::language::value_fault::ValueFault;

pub(super) const FILTERS: &[Filter] = &[
    Filter {
        name: "field",
        parameters: &[needs("NAME", ParameterKind::Path)],
        run: Run::Member,
        meaning: "A field of a JSON object, or, as a JSON Pointer (`/a/b`), any value in it. Text and bytes are parsed.",
        examples: &[
            ("field:a", r#"{"a":"x"}"#, Some("x")),
            ("field:/a/0", r#"{"a":[1.50]}"#, Some("1.50")),
            ("field:a|field:b", r#"{"a":"{\"b\":true}"}"#, Some("true")),
            ("field:a", r#"{"a":null}"#, None),
            ("field:b", r#"{"a":1}"#, None),
            ("field:a", r#"{"a":1,"a":1}"#, None),
        ],
    },
    Filter {
        name: "sorted",
        parameters: &[],
        run: Run::Reshape(|value, _, out| {
            write_sorted(value, out);
            Ok(())
        }),
        meaning: "The members of all objects, sorted by name (UTF-16, as JavaScript sorts).",
        examples: &[
            (
                "sorted|json:js",
                r#"{"b":[{"d":1,"c":2}],"a":"é"}"#,
                Some(r#"{"a":"é","b":[{"c":2,"d":1}]}"#),
            ),
            (
                "field:a|sorted|json:js",
                r#"{"a":"{\"c\":1, \"b\":2}"}"#,
                Some(r#""{\"c\":1, \"b\":2}""#),
            ),
        ],
    },
    Filter {
        name: "without",
        parameters: &[needs("NAME", ParameterKind::Text)],
        run: Run::Reshape(without),
        meaning: "The object without one member.",
        examples: &[
            ("without:a|json:js", r#"{"a":1,"b":2}"#, Some(r#"{"b":2}"#)),
            ("without:a|json:js", "[1]", None),
            ("field:b|without:a", r#"{"b":"{}"}"#, None),
        ],
    },
    Filter {
        name: "flatten",
        parameters: &[],
        run: Run::Write(|value, _, out| match value {
            ExpressionValue::Json(value) => {
                flatten(value, out);
                Ok(())
            }
            _ => Err(ValueFault::Malformed),
        }),
        meaning: "All names and values in one text: members by name (bytes), name before value, lists in their order, null as nothing.",
        examples: &[(
            "field:/|flatten",
            r#"{"":{"b":["x",2],"a":null}}"#,
            Some("abx2"),
        )],
    },
    Filter {
        name: "raw",
        parameters: &[],
        run: Run::Write(|value, _, out| match value {
            ExpressionValue::Json(value) => {
                out.put_str(value.source());
                Ok(())
            }
            _ => Err(ValueFault::Malformed),
        }),
        meaning: "The JSON value as it is written in the body, with its quotes.",
        examples: &[("field:a|raw", r#"{"a":"\u00e9"}"#, Some(r#""\u00e9""#))],
    },
    Filter {
        name: "java",
        parameters: &[takes("double", ParameterKind::Word(&["double"]))],
        run: Run::Write(|value, given, out| match value {
            ExpressionValue::Json(value) => {
                let double = given.text(0).is_some();
                let numbers = if double {
                    NumberStyle::JavaDouble
                } else {
                    NumberStyle::AsWritten
                };
                write_java(value, numbers, out);
                Ok(())
            }
            ExpressionValue::Text(text) => {
                out.put_str(text);
                Ok(())
            }
            _ => Err(ValueFault::Malformed),
        }),
        meaning: "As Java's `String.valueOf` prints what Jackson parsed: `{a=1, b=[x, null]}`; with `double`, numbers with a fraction or an exponent as its `double` prints them.",
        examples: &[
            (
                "field:a|java",
                r#"{"a":{"b":[1.50,"x",null]}}"#,
                Some("{b=[1.50, x, null]}"),
            ),
            ("field:a|java:double", r#"{"a":1.50}"#, Some("1.5")),
            ("field:a|java:double", r#"{"a":1e7}"#, Some("1.0E7")),
            ("field:a|java", r#"{"a":-0}"#, Some("0")),
        ],
    },
];

pub(super) fn member<'v>(
    value: JsonValue<'v, 'v>,
    given: Arguments<'v>,
) -> Result<ExpressionValue<'v>, ValueFault> {
    match given.0 {
        [Some(Given::Path(path)), _] => path
            .find(value)
            .map(ExpressionValue::Json)
            .ok_or(ValueFault::Missing),
        _ => Err(ValueFault::Missing),
    }
}

fn write_sorted(value: JsonValue<'_, '_>, out: &mut String) {
    match value.kind() {
        JsonKind::Object => {
            let mut members: Vec<_> = value.members().collect();
            members.sort_unstable_by(|(a, _), (b, _)| crate::content::compare_utf16(a, b));
            let members = members.into_iter().map(|(_, member)| member);
            write_members(members, out, write_sorted);
        }
        JsonKind::Array => {
            out.push('[');
            for (nth, (_, item)) in value.members().enumerate() {
                if nth > 0 {
                    out.push(',');
                }
                write_sorted(item, out);
            }
            out.push(']');
        }
        _ => out.push_str(value.source()),
    }
}

fn write_members<'v>(
    members: impl Iterator<Item = JsonValue<'v, 'v>>,
    out: &mut String,
    write: fn(JsonValue<'_, '_>, &mut String),
) {
    out.push('{');
    for (nth, member) in members.enumerate() {
        out.push_str(if nth > 0 { ",\"" } else { "\"" });
        out.push_str(member.name_source().unwrap_or_default());
        out.push_str("\":");
        write(member, out);
    }
    out.push('}');
}

fn without(
    value: JsonValue<'_, '_>,
    given: Arguments<'_>,
    out: &mut String,
) -> Result<(), ValueFault> {
    if value.kind() != JsonKind::Object {
        return Err(ValueFault::Malformed);
    }
    let members = value.members().filter(|(name, _)| name != given.first());
    let source = |value: JsonValue<'_, '_>, out: &mut String| out.push_str(value.source());
    write_members(members.map(|(_, member)| member), out, source);
    Ok(())
}

fn flatten(value: JsonValue<'_, '_>, out: &mut dyn Sink) {
    match value.kind() {
        JsonKind::Null => {}
        JsonKind::Bool | JsonKind::Number { .. } => out.put_str(value.source()),
        JsonKind::String { .. } => out.put_str(&value.as_str().unwrap_or_default()),
        JsonKind::Array => value.members().for_each(|(_, item)| flatten(item, out)),
        JsonKind::Object => {
            let mut members: Vec<_> = value.members().collect();
            members.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
            for (name, member) in members {
                out.put_str(&name);
                flatten(member, out);
            }
        }
    }
}
