//! Where a scheme finds its values.

use http::HeaderName;

use crate::config::classic_scheme::{NonceRule, SignatureRule, Source, TimestampRule};
use crate::config::reader::{Table, Value};
use crate::config::resolve::headers::{self, Prefix};

pub(super) fn signature(scheme: &Table<'_>, prefix: Option<&Prefix>) -> Option<SignatureRule> {
    let table = scheme
        .require("signature", "say where the signature is: `signature = { header = \"...\" }` or `{ field = \"...\" }`")?
        .table()?;
    let encoding = table.read("encoding", Value::word);
    Some(SignatureRule::new(source(&table, prefix)?, encoding?))
}

pub(super) fn timestamp(value: Value<'_>, prefix: Option<&Prefix>) -> Option<TimestampRule> {
    let table = value.table()?;
    let unit = table.read("unit", Value::word);
    Some(TimestampRule::new(source(&table, prefix)?, unit?))
}

pub(super) fn nonce(value: Value<'_>, prefix: Option<&Prefix>) -> Option<NonceRule> {
    let table = value.table()?;
    let max_length = table.read("max_length", Value::integer);
    Some(NonceRule::new(source(&table, prefix)?, max_length?))
}

pub(super) fn key_id(value: Value<'_>, prefix: Option<&Prefix>) -> Option<HeaderName> {
    let table = value.table()?;
    headers::of_callback(table.require("header", "add `header = \"...\"`")?, prefix)
}

pub(super) fn event(value: Value<'_>) -> Option<String> {
    let table = value.table()?;
    field(table.require("field", "add `field = \"...\"`")?)
}

/// The name of a top-level body field.
pub(super) fn field(value: Value<'_>) -> Option<String> {
    value.text()?.not_empty().map(str::to_owned)
}

fn source(table: &Table<'_>, prefix: Option<&Prefix>) -> Option<Source> {
    let help = "add `header = \"...\"`, or `field = \"...\"` for a top-level field of the body";
    match table.require_one(["header", "field"], help)? {
        ("header", value) => headers::of_callback(value, prefix).map(Source::Header),
        (_, value) => field(value).map(Source::Field),
    }
}
