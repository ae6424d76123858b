//! Which answers of a backend count as a success.

use super::readable_fields::field_path;
use crate::config::reader::{Table, Text, Value, quote};
use crate::config::resolve::answers;
use crate::config::resolve::status::statuses;
use crate::success::{ExpectedMember, Success, SuccessRule};
use crate::verify::Scheme;

pub(super) fn success(route: &Table<'_>, scheme: Option<&Scheme>) -> Option<SuccessRule> {
    let only = route.optional("success", |value| table(value, scheme))?;
    Some(SuccessRule {
        failure: scheme?.failure.clone(),
        only,
    })
}

fn table(value: Value<'_>, scheme: Option<&Scheme>) -> Option<Success> {
    let table = value.table()?;
    let status = table.read("status", statuses);
    let body = table.optional("body", |value| bodies(value, scheme));
    let json = table.optional("json", json);
    if value.pairs()?.is_empty() {
        return value
            .error("empty table", "it does not say what a success is")
            .help(
                "write `status`, `body` or `json`, or remove `success`: then every 2xx is a \
                 success",
            )
            .report();
    }
    Some(Success {
        status: status?,
        body: body?.unwrap_or_default(),
        json: json?.unwrap_or_default(),
    })
}

fn bodies(value: Value<'_>, scheme: Option<&Scheme>) -> Option<Vec<String>> {
    let bodies = answers::bodies(value)?;
    if bodies.is_empty() {
        return nothing(value, "remove `body`, and any body is accepted");
    }
    let is_failure = |text: &&Text<'_>| {
        scheme.is_some_and(|scheme| scheme.failure.iter().any(|failure| failure == text.text))
    };
    if let Some(text) = bodies.iter().find(is_failure) {
        return text
            .error(
                "answer never a success",
                format!(
                    "{} is a failure to the provider, according to the scheme",
                    quote(text.text)
                ),
            )
            .help("remove it here, or from the scheme's `failure`")
            .report();
    }
    Some(
        bodies
            .into_iter()
            .map(|text| text.text.to_owned())
            .collect(),
    )
}

fn json(value: Value<'_>) -> Option<Vec<ExpectedMember>> {
    let pairs = value.pairs()?;
    if pairs.is_empty() {
        return nothing(value, "remove `json`, and any body is accepted");
    }
    // Reads all members before failing, so that every problem is reported.
    let read: Vec<_> = pairs
        .into_iter()
        .map(|(field, values)| Some((field, member(field, values)?)))
        .collect();
    let mut all: Vec<ExpectedMember> = Vec::new();
    for (text, member) in read.into_iter().collect::<Option<Vec<_>>>()? {
        if all.iter().any(|other| other.field == member.field) {
            return text
                .error(
                    "duplicate field",
                    format!("{} is already named", quote(text.text)),
                )
                .help("name it once, with a list of all accepted values")
                .report();
        }
        all.push(member);
    }
    Some(all)
}

fn member(field: Text<'_>, values: Value<'_>) -> Option<ExpectedMember> {
    let field = field_path(field, None);
    let list = values.one_or_list()?;
    if list.is_empty() {
        return nothing(values, "write the value, or a list of accepted values");
    }
    let read: Vec<_> = list.iter().map(Value::literal).collect();
    Some(ExpectedMember {
        field: field?,
        values: read.into_iter().collect::<Option<_>>()?,
    })
}

fn nothing<T>(value: Value<'_>, help: &str) -> Option<T> {
    value
        .error("empty value", "no answer would be a success")
        .help(help)
        .report()
}
