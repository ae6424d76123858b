//! Values that a route inherits from the top level of the main file and from its scheme. Also
//! `limits.in_flight`, which defaults to `limits.connections`.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::here::Here;
use super::quoting::quoted;
use crate::config::model::Route;
use crate::config::units::format_duration;

/// A value that a table has from elsewhere.
pub(super) enum InheritedValue<'a> {
    /// The main file sets it, under this full key.
    Set(&'static str, &'a Spanned<DeValue<'a>>),
    /// What was made of it, as TOML.
    Written(String),
}

/// The inherited value of a key that the table itself does not set.
pub(super) fn of<'a>(key: &str, here: Here<'a>) -> Option<InheritedValue<'a>> {
    let top = &here.main.table;
    let (from, value) = match key {
        "route.allow" => ("allow", top.get("allow")?),
        "route.deny" => ("deny", top.get("deny")?),
        "route.body_limit" => ("limits.body", table(top.get("limits")?)?.get("body")?),
        "limits.in_flight" => {
            let connections = table(top.get("limits")?)?.get("connections")?;
            ("limits.connections", connections)
        }
        key => return of_route(key, here.route?).map(InheritedValue::Written),
    };
    Some(InheritedValue::Set(from, value))
}

/// What a route has from its scheme and its keys.
fn of_route(key: &str, route: &Route) -> Option<String> {
    match key {
        "route.max_age" => max_age(route),
        "route.once" => Some(route.once.is_some().to_string()),
        "route.once.identity" => {
            let parts = route.once.as_ref()?.identity.iter();
            let parts: Vec<_> = parts.map(|part| quoted(&part.to_string())).collect();
            Some(format!("[{}]", parts.join(", ")))
        }
        "route.once.namespace" => Some(quoted(&route.once.as_ref()?.namespace)),
        "route.once.keep" => Some(quoted(&format_duration(route.once.as_ref()?.keep))),
        "route.key_header" => key_header(route),
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
    let has_timestamp = route.policy.scheme.has_timestamp();
    has_timestamp.then(|| match route.policy.max_age {
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
