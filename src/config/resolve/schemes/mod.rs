//! The operator's own schemes, and those of the catalogue that routes use.

mod about;
mod cases;
mod coverage;
mod definition;
mod dotted_fields;
mod legacy;
mod old_form;
mod open_borders;
mod planted;
mod read_headers;
mod refuse;
mod used_schemes;
mod weak_means;

use std::sync::Arc;
use std::time::Duration;

use definition::ReadDefinition;

use super::answers;
use super::headers::Prefix;
use super::names::Names;
use super::once;
use crate::config::diagnostic::Diagnostic;
use crate::config::keys::NO_MAX_AGE;
use crate::config::model::TestedScheme;
use crate::config::reader::{Table, Text, Value};
use crate::verify::body::BodyFormat;
use crate::verify::scheme::Scheme;

pub(in crate::config) use used_schemes::of_file;
pub(super) use used_schemes::{UsedScheme, replaced, tell_routes};

pub(super) type Schemes<'a> = Names<'a, Arc<Scheme>>;

pub(super) fn resolve<'a>(
    tables: &[Table<'a>],
    incomplete: bool,
    used: &[UsedScheme<'a>],
    prefix: Option<&Prefix>,
) -> Schemes<'a> {
    let mut schemes = Names::new("scheme");
    schemes.define_all(tables, incomplete, ("name", "scheme"), |table, name| {
        scheme(table, name, prefix).map(Arc::new)
    });
    used_schemes::add(&mut schemes, used, prefix);
    schemes
}

/// Reads the schemes with the keys of their cases.
pub(super) fn tested<'a>(
    tables: &[Table<'a>],
    incomplete: bool,
    prefix: Option<&Prefix>,
) -> Option<Vec<TestedScheme>> {
    let schemes = resolve(tables, incomplete, &[], prefix);
    // What is wrong with a case has been reported with its scheme.
    if tables.iter().any(|table| table.problems().has_errors()) {
        return None;
    }
    let tested: Vec<_> = tables
        .iter()
        .map(|table| {
            let name = table.get("name")?.text()?;
            Some(TestedScheme {
                name: name.text.to_owned(),
                cases: cases::cases(table, schemes.find(name)?)?,
            })
        })
        .collect();
    tested.into_iter().collect()
}

/// Reads one scheme. A scheme without a usable name is still checked.
pub(in crate::config) fn scheme(
    table: &Table<'_>,
    name: Option<Text<'_>>,
    prefix: Option<&Prefix>,
) -> Option<Scheme> {
    if old_form::report(table) {
        return None;
    }
    let definition = definition::read(table);
    let max_age = max_age(table);
    let (has_key_id, has_nonce) = (table.may_have("key_id"), table.may_have("nonce"));
    let identity = table.read("identity", |value| {
        once::identity(value, has_key_id, has_nonce)
    });
    let failure = table.read("failure", |value| {
        let bodies = answers::bodies(value)?.into_iter();
        Some(bodies.map(|text| text.text.to_owned()).collect())
    });
    let refuse = table.optional("refuse", refuse::refuse);
    let keep = table.read("keep", Value::duration);
    let ambiguous_join = table.read("ambiguous_join", Value::boolean);
    let unsigned_body = table.read("unsigned_body", Value::boolean);
    let about = about::read(table);
    let ReadDefinition {
        definition,
        spots,
        is_whole,
    } = definition?;
    planted::warn(&spots);
    let name = name.map_or("", |name| name.text);
    let compiled = Scheme::compile(name, definition);
    if !is_whole {
        if let Err(errors) = &compiled {
            definition::report_expressions(errors, &spots);
        }
        return None;
    }
    let compiled = compiled.map_err(|errors| definition::report(&errors, &spots));
    let mut scheme = compiled.ok()?;
    legacy::warn(&spots, &scheme);
    weak_means::warn(&spots, &scheme);
    dotted_fields::warn(&spots, &scheme);
    read_headers::check(&spots, &scheme, prefix)?;
    has_charset(table, &scheme)?;
    scheme.ambiguous_join = ambiguous_join?;
    scheme.max_age = max_age?;
    scheme.identity = identity?;
    scheme.keep = keep?;
    scheme.failure = failure?;
    scheme.refuse = refuse?.unwrap_or_default();
    coverage::check(&spots, &scheme, unsigned_body?)?;
    cases::check(table, &scheme)?;
    about?;
    Some(scheme)
}

/// JSON and XML are read as UTF-8; a query is a form.
fn has_charset(table: &Table<'_>, scheme: &Scheme) -> Option<()> {
    let is_read = matches!(scheme.body_format(), BodyFormat::Json | BodyFormat::Xml);
    let is_utf8 = is_read && !scheme.rules().decodes_query();
    if scheme.definition().charset.is_none() || !is_utf8 {
        return Some(());
    }
    table.problems().report(
        Diagnostic::error(
            "charset without form",
            table.key_place("charset"),
            "only forms, queries, and bodies in which nothing is read have another character set than UTF-8",
        )
        .help("remove `charset`; if the bodies are forms, add `body = \"form\"`"),
    );
    None
}

/// A limit of age must be said where there is a timestamp, and only there.
fn max_age(table: &Table<'_>) -> Option<Option<Duration>> {
    let Some(value) = table.get("max_age") else {
        if table.has("timestamp") && !table.has("max_age") {
            table.missing(
                "`[[scheme]]` with a `timestamp` needs the key `max_age`",
                "add `max_age = \"5m\"`, or what the provider's documentation says; \"none\" if a \
                 callback may be of any age",
            );
            return None;
        }
        return (!table.has("max_age")).then_some(None);
    };
    if !table.may_have("timestamp") {
        table.problems().report(
            Diagnostic::error(
                "max_age without timestamp",
                table.key_place("max_age"),
                "the scheme has no timestamp that could be too old",
            )
            .help("say with `timestamp` where the timestamp is, or remove `max_age`"),
        );
        return None;
    }
    if !value.is_text() {
        return value.duration().map(Some);
    }
    let text = value.text()?.text;
    if text == NO_MAX_AGE {
        return Some(None);
    }
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return value
            .error("invalid duration", "it is neither a duration nor \"none\"")
            .help("write a number and a unit, such as \"5m\", or \"none\" for no limit")
            .report();
    }
    value.duration().map(Some)
}
