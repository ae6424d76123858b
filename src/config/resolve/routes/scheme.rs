//! A route's scheme, and the maximum age of its callbacks.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::context::Context;
use crate::config::diagnostic::{Diagnostic, WarningName};
use crate::config::reader::{Table, Text, quote};
use crate::config::resolve::headers::Prefix;
use crate::once::Signers;
use crate::verify::scheme::Unsigned;
use crate::verify::{Algorithm, Key, KeySet, Scheme};

/// The built-in schemes that earlier routes use.
#[derive(Debug, Default)]
pub(super) struct SchemeUse {
    seen: HashSet<String>,
    /// Those whose algorithm was warned of.
    warned: HashSet<String>,
}

impl SchemeUse {
    pub(super) fn find(&mut self, table: &Table<'_>, context: &Context<'_>) -> Option<Arc<Scheme>> {
        let help = "add `scheme = \"cheezeepay\"`, `\"sgate\"`, or the name of a `[[scheme]]`";
        let text = table.require("scheme", help)?.text()?;
        let scheme = context.schemes.find(text)?;
        // The operator's own schemes have already been checked.
        if Scheme::find_built_in(&scheme.name).is_some() {
            self.check_built_in(text, scheme, context.prefix);
        }
        Some(Arc::clone(scheme))
    }

    /// Checks a built-in scheme at the first route with it. The warning about its algorithm is for
    /// the first route that does not accept it.
    fn check_built_in(&mut self, text: Text<'_>, scheme: &Scheme, prefix: Option<&Prefix>) {
        let is_accepted = text
            .problems()
            .is_accepted_in_route(WarningName::LegacyAlgorithm);
        let algorithms = scheme.algorithms();
        if let Some(legacy) = algorithms.iter().find(|algorithm| algorithm.is_legacy())
            && (is_accepted || self.warned.insert(scheme.name.clone()))
        {
            warn_of_algorithm(text, *legacy);
        }
        if self.seen.insert(scheme.name.clone()) {
            check_headers(text, scheme, prefix);
        }
    }
}

fn warn_of_algorithm(text: Text<'_>, algorithm: Algorithm) {
    let why =
        format!("this scheme signs with {algorithm}, whose digest is broken against collisions");
    text.warning(WarningName::LegacyAlgorithm, why)
        .help(
            "the provider offers no other algorithm; to accept it, add `accept_warnings = \
             [\"legacy_algorithm\"]` to the route",
        )
        .report::<()>();
}

/// Reports a prefix of verified headers that the provider's own headers have.
fn check_headers(text: Text<'_>, scheme: &Scheme, prefix: Option<&Prefix>) {
    let Some((prefix, place)) = prefix.and_then(|prefix| Some((prefix, prefix.place?))) else {
        return;
    };
    let mut headers = scheme.headers();
    if let Some(taken) = headers.find(|name| prefix.covers(name.as_str())) {
        text.problems().report(
            Diagnostic::error(
                "invalid header prefix",
                place,
                format!("the provider sends `{taken}`, which has this prefix"),
            )
            .and(text.place, "this scheme reads it")
            .help("choose a prefix that no provider uses, such as \"X-Verified-\""),
        );
    }
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
