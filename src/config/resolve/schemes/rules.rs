//! Where a scheme's values are.

use http::HeaderName;

use crate::config::reader::{Table, Value, section};
use crate::config::resolve::headers::{self, Prefix};
use crate::verify::scheme::{
    NonceRule, SignatureEncoding, SignatureRule, Source, TimeUnit, TimestampRule,
};

/// The most characters that a nonce may be given.
const MAX_NONCE: u64 = 4096;
const DEFAULT_NONCE: usize = 128;

pub(super) fn signature(scheme: &Table<'_>, prefix: Option<&Prefix>) -> Option<SignatureRule> {
    let table = scheme
        .require("signature", "say where the signature is: `signature = { header = \"...\" }` or `{ field = \"...\" }`")?
        .table(&section::SIGNATURE)?;
    let encoding = table.or("encoding", SignatureEncoding::Base64, |value| {
        value.one_of(&[
            ("base64", SignatureEncoding::Base64),
            ("hex", SignatureEncoding::Hex),
        ])
    });
    Some(SignatureRule::new(source(&table, prefix)?, encoding?))
}

pub(super) fn timestamp(value: Value<'_>, prefix: Option<&Prefix>) -> Option<TimestampRule> {
    let table = value.table(&section::TIMESTAMP)?;
    let unit = table.or("unit", TimeUnit::Seconds, |value| {
        value.one_of(&[
            ("seconds", TimeUnit::Seconds),
            ("milliseconds", TimeUnit::Milliseconds),
        ])
    });
    Some(TimestampRule::new(source(&table, prefix)?, unit?))
}

pub(super) fn nonce(value: Value<'_>, prefix: Option<&Prefix>) -> Option<NonceRule> {
    let table = value.table(&section::NONCE)?;
    let max_length = table.or("max_length", DEFAULT_NONCE, |value| {
        usize::try_from(value.integer(1..=MAX_NONCE)?).ok()
    });
    Some(NonceRule::new(source(&table, prefix)?, max_length?))
}

pub(super) fn key_id(value: Value<'_>, prefix: Option<&Prefix>) -> Option<HeaderName> {
    let table = value.table(&section::KEY_ID)?;
    headers::of_callback(table.require("header", "add `header = \"...\"`")?, prefix)
}

pub(super) fn event(value: Value<'_>) -> Option<String> {
    let table = value.table(&section::EVENT)?;
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
