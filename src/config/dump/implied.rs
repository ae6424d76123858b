//! What holds where a table does not have a key.

use toml::de::{DeTable, DeValue};

use crate::config::keys::{self, Absent, Section};

/// Whether a table has its effect without being written.
pub(super) fn is_always_there(table: &str) -> bool {
    matches!(table, "log" | "limits" | "timeouts")
}

/// What a key is where the table does not have it.
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
        // Where the top level has none either.
        "route.allow" | "route.deny" => default(key),
        "route.body_limit" => default("limits.body"),
        "limits.in_flight" => default("limits.connections"),
        "route.rate_limit.burst" => Some(text("rate")?.split('/').next()?.to_owned()),
        _ => None,
    }
}
