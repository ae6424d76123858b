//! The keys that a route accepts.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use http::HeaderName;

use super::Context;
use crate::config::diagnostic::Diagnostic;
use crate::config::reader::{Table, Text, Value, quote};
use crate::config::resolve::headers;
use crate::verify::{KeyRing, PublicKey, Scheme};

const HELP: &str = "write `keys = [\"...\"]` with the ids of `[[key]]` entries";

pub(super) fn key_ring(
    table: &Table<'_>,
    scheme: Option<&Scheme>,
    context: &Context<'_>,
) -> Option<KeyRing> {
    let key_header = table.optional("key_header", |value| {
        headers::of_callback(value, context.prefix)
    });
    let value = table.require("keys", HELP)?;
    if value.is_table() {
        let sets = sets(value, context);
        let header = header(table, key_header?, scheme?)?;
        return Some(KeyRing::ByHeader {
            header,
            sets: sets?,
        });
    }
    if table.has("key_header") {
        table.problems().report(
            Diagnostic::error(
                "conflicting keys",
                table.key_place("key_header"),
                "`key_header` picks from a table of keys, and `keys` is none",
            )
            .and(value.place(), "`keys` is here")
            .help("write `keys = { \"header value\" = \"key id\" }`, or remove `key_header`"),
        );
    }
    if value.is_text() {
        let written = value
            .text()
            .map(|text| format!("[{}]", quote(text.text).replace('`', "\"")));
        return value.wrong_type("an array or a table of key ids", written.as_deref());
    }
    set(value, context).map(KeyRing::Any)
}

/// The header that picks the keys.
fn header(
    table: &Table<'_>,
    key_header: Option<HeaderName>,
    scheme: &Scheme,
) -> Option<HeaderName> {
    if let Some(header) = key_header.or_else(|| scheme.key_id.clone()) {
        return Some(header);
    }
    table.problems().report(
        Diagnostic::error(
            "key table without header",
            table.key_place("keys"),
            format!(
                "the scheme `{}` has no header that could pick the key",
                scheme.name
            ),
        )
        .help(
            "add `key_header = \"...\"`, or write `keys = [\"...\"]`: any of them may have signed",
        ),
    );
    None
}

fn sets(value: Value<'_>, context: &Context<'_>) -> Option<BTreeMap<String, Vec<Arc<PublicKey>>>> {
    let pairs = value.pairs()?;
    if pairs.is_empty() {
        return empty(value);
    }
    let sets: Vec<_> = pairs
        .into_iter()
        .map(|(id, keys)| {
            let id = header_value(id);
            let set = if keys.is_table() {
                keys.wrong_type("a key id or an array of key ids", Some("\"...\""))
            } else {
                set(keys, context)
            };
            Some((id?.to_owned(), set?))
        })
        .collect();
    sets.into_iter().collect()
}

/// Text that a header's value can be.
fn header_value(text: Text<'_>) -> Option<&str> {
    let value = text.text;
    let printable = value.chars().all(|c| !c.is_control());
    if !value.is_empty() && value.trim() == value && printable {
        return Some(value);
    }
    text.error("invalid header value", "no header can have this value")
        .help("write the value as the provider sends it, without spaces around it")
        .report()
}

/// One key id, or several of which any may have signed.
fn set(value: Value<'_>, context: &Context<'_>) -> Option<Vec<Arc<PublicKey>>> {
    let items = value.one_or_list()?;
    if items.is_empty() {
        return empty(value);
    }
    let mut seen = HashSet::new();
    let keys: Vec<_> = items
        .into_iter()
        .map(|item| {
            let id = item.text()?;
            if !seen.insert(id.text) {
                return id
                    .error(
                        "duplicate key id",
                        format!("{} is listed a second time", quote(id.text)),
                    )
                    .help("list each key once")
                    .report();
            }
            context.keys.find(id).map(Arc::clone)
        })
        .collect();
    keys.into_iter().collect()
}

fn empty<T>(value: Value<'_>) -> Option<T> {
    value
        .error(
            "empty list",
            "without a key every callback would be refused",
        )
        .help(HELP)
        .report()
}
