//! From the form that configurations had before to the scheme language.

use crate::config::classic_scheme::{
    Content, ContentDigest, Form, JsonEscape, JsonObject, NameOrder, NonceRule, NumberSpelling,
    Part, SignatureEncoding, SignatureRule, SortedFields, Source, TimeUnit, TimestampRule,
};
use crate::verify::body::BodyFormat;
use crate::verify::language::{SchemeDefinition, SelectionDefinition, TimestampDefinition};

/// Where the fields of a body are.
pub(super) const fn source_of_fields(format: BodyFormat) -> &'static str {
    match format {
        BodyFormat::Form => "form",
        BodyFormat::Xml => "xml",
        _ => "json",
    }
}

fn value(source: &Source, format: BodyFormat) -> String {
    match source {
        Source::Header(name) => format!("header:{name}"),
        Source::Field(name) => {
            let source = match source_of_fields(format) {
                "json" => "field",
                other => other,
            };
            format!("{source}:{}", argument(name))
        }
    }
}

/// An argument, in quotes if it must be.
fn argument(text: &str) -> String {
    if text.is_empty() || text.contains(['|', '{', '}', ':', '"', '\'', '\\']) {
        let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"{escaped}\"")
    } else {
        text.to_owned()
    }
}

fn literal(text: &str) -> String {
    let mut escaped = String::new();
    for char in text.chars() {
        if matches!(char, '{' | '}' | '[' | ']') {
            escaped.push(char);
        }
        escaped.push(char);
    }
    escaped
}

pub(super) fn signature(rule: &SignatureRule, format: BodyFormat) -> String {
    let filter = match rule.encoding {
        SignatureEncoding::Base64 => "unbase64",
        SignatureEncoding::Hex => "unhex",
    };
    format!("{{{}|{filter}}}", value(&rule.source, format))
}

pub(super) fn timestamp(rule: &TimestampRule, format: BodyFormat) -> TimestampDefinition {
    let unit = match rule.unit {
        TimeUnit::Seconds => "s",
        TimeUnit::Milliseconds => "ms",
    };
    TimestampDefinition {
        value: format!("{{{}}}", value(&rule.source, format)),
        unit: unit.to_owned(),
    }
}

pub(super) fn nonce(rule: &NonceRule, format: BodyFormat) -> String {
    format!(
        "{{{}|max:{}}}",
        value(&rule.source, format),
        rule.max_length
    )
}

/// Adds what is signed.
pub(super) fn content(
    content: &Content,
    signature: &Source,
    format: BodyFormat,
    definition: &mut SchemeDefinition,
) {
    match &content.form {
        Form::SortedFields(form) => sorted_fields(form, signature, format, definition),
        Form::JsonObject(object) => {
            definition.content = object
                .escapes
                .iter()
                .map(|escape| json_object(object, *escape))
                .collect();
        }
        Form::Concat(parts) => definition.content = vec![parts.iter().map(written).collect()],
    }
    definition.signed = content.digest.map(|digest| match digest {
        ContentDigest::Md5Hex => "{content|md5|hex}".to_owned(),
        ContentDigest::Sha256Hex => "{content|sha256|hex}".to_owned(),
    });
}

fn sorted_fields(
    form: &SortedFields,
    signature: &Source,
    format: BodyFormat,
    definition: &mut SchemeDefinition,
) {
    let leave_out = || form.omit_empty.then(|| "leave-out".to_owned());
    let order = match form.order {
        NameOrder::Utf16 => "utf16",
        NameOrder::Bytes => "bytes",
    };
    let is_typed = format.is_typed();
    let pair = |filter: &str| format!("{{name}}{}{{value{filter}}}", literal(&form.assign));
    for (nth, numbers) in form.numbers.iter().enumerate() {
        let (java, json) = match numbers {
            NumberSpelling::AsWritten => ("|java", "|json:jackson"),
            NumberSpelling::JavaDouble => ("|java:double", "|json:jackson+double"),
        };
        let own = |name: &String| (name.clone(), pair(json));
        let selection = SelectionDefinition {
            from: Some(source_of_fields(format).to_owned()),
            leave_out: match signature {
                Source::Field(name) => vec![name.clone()],
                Source::Header(_) => Vec::new(),
            },
            empty: leave_out(),
            null: is_typed.then(|| leave_out().unwrap_or_else(|| "null".to_owned())),
            nested: is_typed.then(|| "pair".to_owned()),
            order: Some(order.to_owned()),
            pair: pair(if is_typed { java } else { "" }),
            pair_of: form.json_fields.iter().map(own).collect(),
            between: form.separator.clone(),
            ..SelectionDefinition::default()
        };
        let name = (nth > 0).then(|| "double".to_owned());
        definition.content.push(match &name {
            None => "{fields}".to_owned(),
            Some(name) => format!("{{fields:{name}}}"),
        });
        definition.selections.push((name, selection));
    }
}

fn json_object(object: &JsonObject, escape: JsonEscape) -> String {
    let style = match escape {
        JsonEscape::Php => "php+unicode+slashes",
        JsonEscape::PhpRawLineSeparators => "php+unicode+slashes+lines",
        JsonEscape::Jackson => "jackson",
    };
    let members = object.members.iter().map(|member| {
        let value = match &member.value {
            Part::Text(text) => literal(&serde_json::Value::from(text.as_str()).to_string()),
            part if member.number => written(part),
            part => written(part).replace('}', &format!("|json:{style}}}")),
        };
        format!("\"{}\":{value}", literal(&member.name))
    });
    format!("{{{{{}}}}}", members.collect::<Vec<_>>().join(","))
}

fn written(part: &Part) -> String {
    match part {
        Part::Text(text) => literal(text),
        Part::Method => "{method}".to_owned(),
        Part::Target => "{target}".to_owned(),
        Part::Timestamp => "{timestamp}".to_owned(),
        Part::Nonce => "{nonce}".to_owned(),
        Part::KeyId => "{key_id}".to_owned(),
        Part::Header(name) => format!("{{header:{name}}}"),
        Part::Body => "{body}".to_owned(),
    }
}
