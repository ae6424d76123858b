//! The values in force where a table lacks a key.

use toml::de::{DeTable, DeValue};

use crate::config::keys::{self, Absent, Section};
use crate::config::model::Route;

/// Whether a table is in force even if the file does not contain it.
pub(super) fn is_always_there(table: &str) -> bool {
    matches!(table, "log" | "limits" | "timeouts")
}

/// Whether a table within another one is in force although the file does not contain it.
pub(super) fn is_in_force(path: &str, outer: &DeTable<'_>, route: Option<&Route>) -> bool {
    match path {
        "once.memory" => {
            let store = outer.get("store").map(|store| store.get_ref().as_str());
            matches!(store, None | Some(Some("memory")))
        }
        "route.once" => route.is_some_and(|route| route.once.is_some()),
        _ => false,
    }
}

/// The value of a key that the table does not set.
pub(super) fn of(section: &Section, key: &str, table: &DeTable<'_>) -> Option<String> {
    let text = |key: &str| match table.get(key)?.get_ref() {
        DeValue::String(text) => Some(text.as_ref()),
        _ => None,
    };
    let setting = section.find(key)?;
    if let Some((other, begins)) = setting.only_with
        && !text(other).is_some_and(|text| text.starts_with(begins))
    {
        return None;
    }
    if let Absent::Default(literal) = setting.absent {
        return Some(literal.to_owned());
    }
    let default = |path: &str| match keys::find(path)?.absent {
        Absent::Default(literal) => Some(literal.to_owned()),
        _ => None,
    };
    match section.path_of(key).as_str() {
        "log.error_format" => {
            let json = text("format") == Some("json");
            Some(if json { "\"json\"" } else { "\"text\"" }.to_owned())
        }
        // Reached only if the top level does not set it either (see `inherited`).
        "route.allow" | "route.deny" => default(key),
        "route.body_limit" => default("limits.body"),
        "limits.in_flight" => default("limits.connections"),
        "route.rate_limit.burst" => Some(text("rate")?.split('/').next()?.to_owned()),
        _ => None,
    }
}
