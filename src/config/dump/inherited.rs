//! Values that a route inherits from the top level of the main file and from its scheme. Also
//! `limits.in_flight`, which defaults to `limits.connections`.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Here;
use super::lines::{quoted, written as value_written};
use crate::config::model::Route;
use crate::config::units::format_duration;

/// The inherited value of a key that the table itself does not set.
pub(super) fn written(key: &str, here: Here<'_>) -> Option<String> {
    let main = Here {
        document: here.main,
        ..here
    };
    let from = |path: &str, value| Some(value_written(main, path, value));
    let top = &here.main.table;
    match key {
        "route.allow" => from("allow", top.get("allow")?),
        "route.deny" => from("deny", top.get("deny")?),
        "route.body_limit" => from("limits.body", table(top.get("limits")?)?.get("body")?),
        "limits.in_flight" => {
            let connections = table(top.get("limits")?)?.get("connections")?;
            from("limits.connections", connections)
        }
        "route.max_age" => max_age(here.route?),
        "route.once" => Some(here.route?.once.is_some().to_string()),
        "route.once.identity" => {
            let parts = here.route?.once.as_ref()?.identity.iter();
            let parts: Vec<_> = parts.map(|part| quoted(&part.to_string())).collect();
            Some(format!("[{}]", parts.join(", ")))
        }
        "route.once.namespace" => Some(quoted(&here.route?.once.as_ref()?.namespace)),
        "route.once.keep" => Some(quoted(&format_duration(here.route?.once.as_ref()?.keep))),
        "route.key_header" => key_header(here.route?),
        _ => None,
    }
}

/// Without a table of keys, for signatures or for decryption, no header selects a key.
fn key_header(route: &Route) -> Option<String> {
    let decrypt = || route.decrypt.as_ref()?.keys.header();
    let header = route.policy.keys.header().or_else(decrypt)?;
    Some(quoted(header.as_str()))
}

/// A route without a signing time has no maximum age.
fn max_age(route: &Route) -> Option<String> {
    route.policy.scheme.timestamp.as_ref()?;
    Some(match route.policy.max_age {
        Some(max_age) => quoted(&format_duration(max_age)),
        None => quoted("off"),
    })
}

fn table<'a>(value: &'a Spanned<DeValue<'a>>) -> Option<&'a DeTable<'a>> {
    match value.get_ref() {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}
