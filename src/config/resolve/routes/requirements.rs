//! What a route requires of a body besides a valid signature.

use super::readable_fields::ReadableFields;
use crate::config::diagnostic::Diagnostic;
use crate::config::reader::{Table, Text, Value, quote};
use crate::verify::scheme::Scheme;
use crate::verify::{JsonType, OnAmbiguity, OnUnsigned, Required, Requirements};

pub(super) fn requirements(table: &Table<'_>, signed: ReadableFields<'_>) -> Option<Requirements> {
    let require = table.read("require", |value| {
        let pairs = value.pairs()?.into_iter();
        let required: Vec<_> = pairs
            .map(|(field, types)| Some((field, required(field, types, signed)?)))
            .collect();
        each_once(required.into_iter().collect::<Option<Vec<_>>>()?)
    });
    let ambiguous = table.read("ambiguous", Value::word);
    let unsigned_fields = table.read("unsigned_fields", Value::word);
    let mut requirements = Requirements::default();
    requirements.require = require?;
    requirements.ambiguous = ambiguous?;
    requirements.unsigned_fields = unsigned_fields?;
    has_effect(table, signed.scheme?, &requirements).then_some(requirements)
}

fn required(field: Text<'_>, types: Value<'_>, signed: ReadableFields<'_>) -> Option<Required> {
    let scheme = signed.scheme;
    let path = signed.path(field);
    let list = types.one_or_list()?;
    if list.is_empty() {
        return types
            .error("empty list", "without a type, no value is accepted")
            .help("list the accepted types, such as [\"string\", \"number\"]")
            .report();
    }
    // Reads all words before failing, so that every problem is reported.
    let read: Vec<_> = list.iter().map(|word| word.word()).collect();
    let (field, kinds) = (path?, read.into_iter().collect::<Option<Vec<_>>>()?);
    let null = kinds.iter().position(|kind| *kind == JsonType::Null);
    let is_omitted = field.is_top_level() && scheme.is_some_and(Scheme::may_leave_out_empty);
    if let Some(word) = null.and_then(|at| list.get(at)).filter(|_| is_omitted) {
        return word
            .error(
                "type never accepted",
                "the scheme does not sign null fields; they count as missing",
            )
            .help("remove \"null\"; a field that may be null cannot be required")
            .report();
    }
    let is_text = scheme.is_some_and(|scheme| !scheme.body_format().is_typed());
    let other = kinds.iter().position(|kind| *kind != JsonType::String);
    if let Some(word) = other.and_then(|at| list.get(at)).filter(|_| is_text) {
        return word
            .error(
                "type never accepted",
                "every field of a form or of XML is a string",
            )
            .help("write \"string\"")
            .report();
    }
    Some(Required::new(field, kinds))
}

/// Reports a field that is required twice, for example by its name and by a JSON Pointer.
fn each_once(required: Vec<(Text<'_>, Required)>) -> Option<Vec<Required>> {
    let mut all: Vec<Required> = Vec::with_capacity(required.len());
    for (text, required) in required {
        if all.iter().any(|other| other.field == required.field) {
            return text
                .error(
                    "duplicate field",
                    format!("{} is already required", quote(text.text)),
                )
                .help("name it once, with all accepted types")
                .report();
        }
        all.push(required);
    }
    Some(all)
}

/// Rejects settings that never have an effect: the operator would rely on a check that never
/// happens.
fn has_effect(table: &Table<'_>, scheme: &Scheme, requirements: &Requirements) -> bool {
    let idle = [
        (
            "ambiguous",
            requirements.ambiguous != OnAmbiguity::Flag && !scheme.may_be_ambiguous(),
            "joins no fields: its signed content can be read in one way only",
        ),
        (
            "unsigned_fields",
            requirements.unsigned_fields != OnUnsigned::Pass && !scheme.may_leave_out_fields(),
            "leaves no body fields out of the signed content",
        ),
    ];
    let mut good = true;
    if requirements.ambiguous != OnAmbiguity::Flag && scheme.ambiguous_join {
        good = false;
        let why = format!(
            "the scheme {} sets `ambiguous_join`: every callback would be refused",
            quote(&scheme.name)
        );
        table.problems().report(
            Diagnostic::error("no callback would pass", table.key_place("ambiguous"), why)
                .help("remove `ambiguous`: each callback is marked for the backend"),
        );
    }
    for (key, _, why) in idle.into_iter().filter(|(_, is_idle, _)| *is_idle) {
        good = false;
        let why = format!("the scheme {} {why}", quote(&scheme.name));
        table.problems().report(
            Diagnostic::error("key without effect", table.key_place(key), why)
                .help(format!("remove `{key}`")),
        );
    }
    good
}
