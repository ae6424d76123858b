//! What to write in place of each key of the old form.

use toml::de::{DeTable, DeValue};

use super::content;
use super::old_values::{OldFormat, OldTable};
use super::toml_text::string;

/// A key of the old form, and the lines to write instead.
#[derive(Debug)]
pub(super) struct Replacement {
    pub(super) key: &'static str,
    pub(super) lines: Vec<String>,
}

/// What to write in place of a key of a scheme, which is a table, and whose fields are in a format.
type WrittenInstead = fn(OldTable<'_>, OldTable<'_>, OldFormat) -> Vec<String>;

/// The keys of a scheme that are in the old form. The lines sign the same bytes.
pub(super) fn translate(scheme: &DeTable<'_>) -> Vec<Replacement> {
    let scheme = OldTable(scheme);
    let format = OldFormat::of(scheme);
    let is_old = |key: &str| match scheme.get(key) {
        Some(DeValue::Table(table)) if key == "timestamp" => is_old_timestamp(OldTable(table)),
        Some(DeValue::Table(_)) => true,
        _ => false,
    };
    let all: [(&str, WrittenInstead); 6] = [
        ("signature", signature),
        ("timestamp", timestamp),
        ("nonce", nonce),
        ("key_id", key_id),
        ("event", event),
        ("content", content::content),
    ];
    all.into_iter()
        .filter(|(key, _)| is_old(key))
        .filter_map(|(key, lines)| {
            let lines = lines(scheme, scheme.table(key)?, format);
            Some(Replacement { key, lines })
        })
        .collect()
}

/// A timestamp is the only one of these that can be a table now, too.
fn is_old_timestamp(table: OldTable<'_>) -> bool {
    let unit = table.text("unit");
    table.get("header").or(table.get("field")).is_some()
        || matches!(unit, Some("seconds" | "milliseconds"))
}

fn signature(_: OldTable<'_>, table: OldTable<'_>, format: OldFormat) -> Vec<String> {
    let decode = match table.text("encoding") {
        Some("hex") => "unhex",
        _ => "unbase64",
    };
    let source = source(table, format, "X-Signature");
    vec![line("signature", &format!("{{{source}|{decode}}}"))]
}

fn timestamp(scheme: OldTable<'_>, table: OldTable<'_>, format: OldFormat) -> Vec<String> {
    let value = string(&format!("{{{}}}", source(table, format, "X-Timestamp")));
    let mut lines = vec![match table.text("unit") {
        Some("milliseconds") => format!("timestamp = {{ value = {value}, unit = \"ms\" }}"),
        _ => format!("timestamp = {value}"),
    }];
    if scheme.get("max_age").is_none() {
        lines.push(line("max_age", "none"));
    }
    lines
}

fn nonce(_: OldTable<'_>, table: OldTable<'_>, format: OldFormat) -> Vec<String> {
    let length = table.whole_number("max_length").unwrap_or("128");
    let source = source(table, format, "X-Nonce");
    vec![line("nonce", &format!("{{{source}|max:{length}}}"))]
}

fn key_id(_: OldTable<'_>, table: OldTable<'_>, format: OldFormat) -> Vec<String> {
    let source = source(table, format, "X-Key-Id");
    vec![line("key_id", &format!("{{{source}}}"))]
}

fn event(_: OldTable<'_>, table: OldTable<'_>, format: OldFormat) -> Vec<String> {
    let name = table.text("field").unwrap_or("NAME");
    vec![line("event", &format!("{{{}}}", format.field(name)))]
}

/// Where a value is. Without a header and a field, `example` stands for the provider's.
fn source(table: OldTable<'_>, format: OldFormat, example: &str) -> String {
    match (table.text("header"), table.text("field")) {
        (None, Some(field)) => format.field(field),
        (header, _) => format!("header:{}", header.unwrap_or(example)),
    }
}

fn line(key: &str, text: &str) -> String {
    format!("{key} = {}", string(text))
}
