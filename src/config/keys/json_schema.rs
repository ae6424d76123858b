//! The JSON Schema of the configuration, for completion and checks in editors.
//!
//! It uses draft 7, which TOML editors support. It checks types, ranges, words and missing or unknown keys;
//! only [`crate::config::Input::load`] checks what a key refers to.

use serde_json::{Map, Value, json};
use toml::de::DeValue;

use super::{ALL, Absent, INCLUDED, Section, Setting, TOP, ValueKind, default_of};

/// One or several numbers, each with a unit: `1m 30s`.
const DURATION: &str = "^\\s*([0-9]+(\\.[0-9]+)?\\s*(nanos|nsec|ns|usec|us|µs|millis|msec|ms|seconds|second|secs|sec|s|minutes|minute|mins|min|m|hours|hour|hrs|hr|h|days|day|d|weeks|week|wks|wk|w)\\s*)+$";
/// A number with or without a unit: `64KiB`.
const SIZE: &str = "^\\s*[0-9]+(\\.[0-9]+)?\\s*([kKmMgGtTpPeE][iI]?)?[bB]?\\s*$";
const STATUS: &str = "^\\s*[0-9]{3}\\s*(-\\s*[0-9]{3}\\s*)?$";
const FRACTION: &str = "^\\s*[0-9]+\\s*/\\s*[0-9]+\\s*$";
const NAME: &str = "^[!-~]{1,64}$";
/// A token of RFC 9110, section 5.6.2.
const HEADER_NAME: &str = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";

/// Which file a schema is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaOf {
    /// The file that `-c` names.
    Main,
    /// A file of a directory that `include` names.
    Included,
}

/// The schema of a configuration file.
#[must_use]
pub fn json_schema(of: SchemaOf) -> Value {
    let mut schema = match of {
        SchemaOf::Main => {
            let mut top = table(&TOP, |_| true);
            // Routes may stand in included files.
            top.insert(
                "anyOf".to_owned(),
                json!([{"required": ["route"]}, {"required": ["include"]}]),
            );
            top
        }
        SchemaOf::Included => {
            let mut top = table(&TOP, |key| INCLUDED.contains(&key.name));
            top.remove("required");
            top
        }
    };
    let definitions = ALL.iter().filter(|section| !section.path.is_empty());
    let definitions: Map<_, _> = definitions
        .map(|section| {
            (
                section.path.to_owned(),
                Value::Object(table(section, |_| true)),
            )
        })
        .collect();
    let mut all = Map::new();
    all.insert(
        "$schema".to_owned(),
        json!("http://json-schema.org/draft-07/schema#"),
    );
    all.insert("title".to_owned(), json!("Configuration of Countersign"));
    all.append(&mut schema);
    all.insert("definitions".to_owned(), Value::Object(definitions));
    Value::Object(all)
}

fn table(section: &'static Section, has: impl Fn(&Setting) -> bool) -> Map<String, Value> {
    let keys = || section.settings.iter().filter(|key| has(key));
    let properties: Map<_, _> = keys()
        .map(|key| (key.name.to_owned(), Value::Object(property(section, key))))
        .collect();
    let required: Vec<_> = keys()
        .filter(|key| key.absent == Absent::Refused)
        .map(|key| key.name)
        .collect();
    let dependencies: Map<_, _> = keys().filter_map(dependency).collect();
    let mut table = Map::new();
    table.insert("type".to_owned(), json!("object"));
    table.insert("properties".to_owned(), Value::Object(properties));
    table.insert("additionalProperties".to_owned(), json!(false));
    if !required.is_empty() {
        table.insert("required".to_owned(), json!(required));
    }
    if !section.one_of.is_empty() {
        let one: Vec<_> = section
            .one_of
            .iter()
            .map(|key| json!({"required": [key]}))
            .collect();
        table.insert("oneOf".to_owned(), json!(one));
    }
    if !dependencies.is_empty() {
        table.insert("dependencies".to_owned(), Value::Object(dependencies));
    }
    table
}

/// What a key requires besides itself.
fn dependency(key: &Setting) -> Option<(String, Value)> {
    let (other, begins) = key.only_with?;
    let needed = match begins {
        "" => json!([other]),
        begins => json!({
            "required": [other],
            "properties": {other: {"pattern": format!("^{begins}")}},
        }),
    };
    Some((key.name.to_owned(), needed))
}

fn property(section: &Section, key: &'static Setting) -> Map<String, Value> {
    let mut property = Map::new();
    property.insert("description".to_owned(), json!(key.meaning()));
    if let Some(default) = default_of(section, key.name) {
        property.insert("default".to_owned(), as_json(default.get_ref()));
    }
    match value(&key.kind) {
        // Beside a reference, draft 7 ignores everything.
        Value::Object(reference) if reference.contains_key("$ref") => {
            property.insert("allOf".to_owned(), json!([reference]));
        }
        Value::Object(mut value) => property.append(&mut value),
        _ => {}
    }
    property
}

fn value(kind: &'static ValueKind) -> Value {
    let text = |pattern: &str| json!({"type": "string", "pattern": pattern});
    match kind {
        ValueKind::Boolean => json!({"type": "boolean"}),
        ValueKind::Integer(min, max) => number(*min, *max),
        ValueKind::Fraction => {
            json!({"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, text(FRACTION)]})
        }
        ValueKind::Duration(..) => text(DURATION),
        ValueKind::Size(min, max) => json!({"anyOf": [number(*min, *max), text(SIZE)]}),
        ValueKind::Status(min, max) => json!({"anyOf": [number(*min, *max), text(STATUS)]}),
        // Validators for TOML see a date as one or as text.
        ValueKind::Time => json!({}),
        ValueKind::Word(words) => json!({"enum": words()}),
        ValueKind::Off => json!({"const": "off"}),
        ValueKind::Name => text(NAME),
        ValueKind::HeaderName => text(HEADER_NAME),
        ValueKind::Path => json!({"type": "string", "minLength": 1}),
        ValueKind::Text => json!({"type": "string"}),
        ValueKind::Matching(pattern) => text(pattern),
        ValueKind::Literal => json!({"type": ["string", "integer", "boolean"]}),
        ValueKind::List(element) => json!({"type": "array", "items": value(element)}),
        ValueKind::OneOrList(element) => {
            let one = value(element);
            json!({"anyOf": [one, {"type": "array", "items": one}]})
        }
        ValueKind::Map(member) => json!({"type": "object", "additionalProperties": value(member)}),
        ValueKind::Table(section) => reference(section),
        ValueKind::Tables(section) => json!({"type": "array", "items": reference(section)}),
        ValueKind::Any(kinds) => {
            let kinds: Vec<_> = kinds.iter().map(value).collect();
            json!({"anyOf": kinds})
        }
    }
}

fn number(min: u64, max: u64) -> Value {
    json!({"type": "integer", "minimum": min, "maximum": max})
}

fn reference(section: &Section) -> Value {
    json!({"$ref": format!("#/definitions/{}", section.path)})
}

fn as_json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::Boolean(value) => json!(value),
        DeValue::Integer(number) => json!(number.as_str().parse::<i64>().ok()),
        DeValue::Float(number) => json!(number.as_str().parse::<f64>().ok()),
        DeValue::String(text) => json!(text),
        DeValue::Datetime(time) => json!(time.to_string()),
        DeValue::Array(items) => items.iter().map(|item| as_json(item.get_ref())).collect(),
        DeValue::Table(table) => {
            let members = table
                .iter()
                .map(|(key, value)| (key.get_ref().to_string(), as_json(value.get_ref())));
            Value::Object(members.collect())
        }
    }
}
