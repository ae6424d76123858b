//! `[scheme.content]`: its three forms.

use std::fmt::Write as _;

use super::old_values::{OldFormat, OldTable};
use super::parts::{OldPart, parts};
use super::toml_text::{fixed, key, one_or_list, string};

pub(super) fn content(
    scheme: OldTable<'_>,
    content: OldTable<'_>,
    format: OldFormat,
) -> Vec<String> {
    let mut lines = match content.text("form") {
        Some("json-object") => json_object(content),
        Some("sorted-fields") => sorted_fields(scheme, content, format),
        _ => concat(content),
    };
    lines.extend(match content.text("digest") {
        Some("md5-hex") => Some("signed = \"{content|md5|hex}\"".to_owned()),
        Some("sha256-hex") => Some("signed = \"{content|sha256|hex}\"".to_owned()),
        _ => None,
    });
    lines
}

fn concat(content: OldTable<'_>) -> Vec<String> {
    let parts = parts(content.text("parts").unwrap_or("{body}"));
    let expression: String = parts.iter().map(OldPart::expression).collect();
    one_or_list("content", &[expression])
}

fn json_object(content: OldTable<'_>) -> Vec<String> {
    let mut styles = content.texts("escapes");
    if styles.is_empty() {
        styles.push("php");
    }
    let mut candidates: Vec<String> = Vec::new();
    for style in styles {
        let candidate = object(content, style);
        if !candidates.contains(&candidate) {
            candidates.push(candidate);
        }
    }
    one_or_list("content", &candidates)
}

/// The object, with strings as one writer escapes them.
fn object(content: OldTable<'_>, style: &str) -> String {
    let filter = match style {
        "jackson" => "json:jackson",
        "php-raw-line-separators" => "json:php+unicode+slashes+lines",
        _ => "json:php+unicode+slashes",
    };
    let members = content.tables("members").into_iter().map(|member| {
        let name = member.text("name").unwrap_or_default();
        let mut parts = parts(member.text("value").unwrap_or_default());
        let value = match parts.pop() {
            Some(OldPart::Value(source)) if member.is_true("number") => format!("{{{source}}}"),
            Some(OldPart::Value(source)) => format!("{{{source}|{filter}}}"),
            Some(OldPart::Text(text)) => fixed(&json_string(&text, style)),
            None => "\"\"".to_owned(),
        };
        format!("\"{}\":{value}", fixed(name))
    });
    let members: Vec<String> = members.collect();
    format!("{{{{{}}}}}", members.join(","))
}

/// Fixed text as a JSON string.
fn json_string(text: &str, style: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        let _ = match character {
            '"' | '\\' => write!(out, "\\{character}"),
            '\u{8}' => write!(out, "\\b"),
            '\t' => write!(out, "\\t"),
            '\n' => write!(out, "\\n"),
            '\u{c}' => write!(out, "\\f"),
            '\r' => write!(out, "\\r"),
            '\0'..' ' if style == "jackson" => write!(out, "\\u{:04X}", u32::from(character)),
            '\0'..' ' => write!(out, "\\u{:04x}", u32::from(character)),
            '\u{2028}' | '\u{2029}' if style == "php" => {
                write!(out, "\\u{:04x}", u32::from(character))
            }
            other => write!(out, "{other}"),
        };
    }
    out.push('"');
    out
}

fn sorted_fields(scheme: OldTable<'_>, content: OldTable<'_>, format: OldFormat) -> Vec<String> {
    let mut styles = content.texts("numbers");
    if styles.is_empty() || format != OldFormat::Json {
        styles = vec!["as-written"];
    }
    let (first, second) = (styles.first().copied(), styles.get(1).copied());
    let signature = scheme
        .table("signature")
        .and_then(|rule| rule.text("field"));
    let mut keys = vec![format!("from = \"{}\"", format.name())];
    keys.extend(signature.map(|name| format!("leave_out = [{}]", string(name))));
    if content.is_true("omit_empty") {
        keys.push("empty = \"leave-out\"".to_owned());
    }
    if format == OldFormat::Json {
        let null = match content.is_true("omit_empty") {
            true => "leave-out",
            false => "null",
        };
        keys.push(format!("null = \"{null}\", nested = \"pair\""));
    }
    let order = content.text("order").unwrap_or("bytes");
    keys.push(format!("order = \"{order}\""));
    keys.extend(pairs(content, format, first));
    let separator = content.text("separator").unwrap_or("&");
    keys.push(format!("between = {}", string(separator)));
    let mut notes = differences(content, format, signature);
    let fields = format!("fields = {{ {} }}", keys.join(", "));
    let Some(second) = second else {
        notes.extend(["content = \"{fields}\"".to_owned(), fields]);
        return notes;
    };
    let name = match second {
        "java-double" => "double",
        _ => "written",
    };
    let pairs = pairs(content, format, Some(second)).join(", ");
    notes.extend([
        format!("content = [\"{{fields}}\", \"{{fields:{name}}}\"]"),
        fields,
        format!("selection = {{ {name} = {{ like = \"fields\", {pairs} }} }}"),
    ]);
    notes
}

/// What cannot be written so that it signs the same bytes, as comments.
fn differences(content: OldTable<'_>, format: OldFormat, signature: Option<&str>) -> Vec<String> {
    let names = content.texts("json_fields");
    let writes_null = format == OldFormat::Json && !content.is_true("omit_empty");
    let null = (writes_null && !names.is_empty()).then(|| {
        let names: Vec<String> = names.iter().map(|name| string(name)).collect();
        format!(
            "# Refused now: a callback that the provider signed with null as the value of {}.",
            names.join(", ")
        )
    });
    let pattern = signature.filter(|name| name.ends_with('*')).map(|name| {
        let name = string(name);
        format!("# In `leave_out`, {name} stands for all names that begin so: callbacks that have others are refused.")
    });
    null.into_iter().chain(pattern).collect()
}

/// How fields are written: `pair`, and `pair_of` if some are JSON.
fn pairs(content: OldTable<'_>, format: OldFormat, numbers: Option<&str>) -> Vec<String> {
    let is_double = numbers == Some("java-double");
    let plain = match (format, is_double) {
        (OldFormat::Json, true) => "{value|java:double}",
        (OldFormat::Json, false) => "{value|java}",
        _ => "{value}",
    };
    let json = match is_double {
        true => "{value|json:jackson+double}",
        false => "{value|json:jackson}",
    };
    let assign = fixed(content.text("assign").unwrap_or("="));
    let pair = |value: &str| string(&format!("{{name}}{assign}{value}"));
    let mut keys = vec![format!("pair = {}", pair(plain))];
    let names = content.texts("json_fields").into_iter();
    let own: Vec<String> = names
        .map(|name| format!("{} = {}", key(name), pair(json)))
        .collect();
    if !own.is_empty() {
        keys.push(format!("pair_of = {{ {} }}", own.join(", ")));
    }
    keys
}
