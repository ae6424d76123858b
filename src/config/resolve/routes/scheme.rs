//! A route's scheme, and the maximum age of its callbacks.

use std::sync::Arc;
use std::time::Duration;

use super::context::Context;
use crate::config::diagnostic::{Diagnostic, WarningName};
use crate::config::reader::{Table, quote};
use crate::once::Signers;
use crate::verify::scheme::Unsigned;
use crate::verify::{Key, KeySet, Scheme};

/// The scheme that the route names.
pub(super) fn scheme(table: &Table<'_>, context: &Context<'_>) -> Option<Arc<Scheme>> {
    let help = "add `scheme = \"...\"`: a name that `countersign schemes` lists, or that of a `[[scheme]]`";
    let name = table.require("scheme", help)?.text()?;
    context.schemes.find(name).map(Arc::clone)
}

/// Warns if an attacker can change the key id that the backend reads when replaying a callback: the
/// signature does not cover it, and a key is valid for several of its values.
pub(super) fn check_key_id(table: &Table<'_>, scheme: &Scheme, keys: &KeySet<Key>) {
    let Some(key_id) = scheme.key_id_header() else {
        return;
    };
    let is_certain = match keys {
        KeySet::ByHeader { header, .. } if header == key_id => {
            Signers::of(keys).is_none_or(|signers| signers.shared().is_none())
        }
        _ => false,
    };
    if is_certain || !scheme.unsigned().contains(&Unsigned::KeyId) {
        return;
    }
    table.problems().report(
        Diagnostic::warning(
            WarningName::NotSigned,
            table.key_place("keys"),
            format!(
                "the signature does not cover {}, and a key is valid for several of its values: \
                 an attacker can change it in a captured callback",
                quote(key_id.as_str())
            ),
        )
        .help(
            "write a table with one key for each value, such as \
             `keys = { \"id\" = \"key\" }`, or make the backend use the header X-Verified-Key",
        ),
    );
}

/// The route's own maximum age, or the scheme's.
pub(super) fn max_age(table: &Table<'_>, scheme: Option<&Scheme>) -> Option<Option<Duration>> {
    let max_age = table.optional("max_age", |value| {
        if value.is_off() {
            return Some(None);
        }
        if value.is_text() && !value.text()?.text.starts_with(|c: char| c.is_ascii_digit()) {
            return value
                .error("invalid duration", "it is neither a duration nor \"off\"")
                .help("write a number and a unit, such as \"5m\", or \"off\" for no limit")
                .report();
        }
        value.duration().map(Some)
    })?;
    let scheme = scheme?;
    match max_age {
        None => Some(scheme.max_age),
        Some(Some(_)) if !scheme.has_timestamp() => {
            table.problems().report(
                Diagnostic::error(
                    "max_age without timestamp",
                    table.key_place("max_age"),
                    format!(
                        "callbacks of the scheme `{}` have no timestamp",
                        scheme.name
                    ),
                )
                .help("remove `max_age`"),
            );
            None
        }
        Some(max_age) => Some(max_age),
    }
}
