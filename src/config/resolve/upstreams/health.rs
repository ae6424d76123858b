//! How the servers of an upstream are checked.

use std::ops::RangeInclusive;

use crate::config::model::{HealthCheck, Probe};
use crate::config::reader::{Table, Text, Value, describe, section};
use crate::config::resolve::settings::timeout;
use crate::config::resolve::status::statuses;

const INTERVAL: u64 = 5;
const TIMEOUT: u64 = 2;
const RISES: u64 = 2;
const FALLS: u64 = 3;
const STATUS: RangeInclusive<u16> = 200..=399;

/// How many checks in a row may be asked for.
const MAX_COUNT: u64 = 1000;

pub(super) fn health_check(value: Value<'_>) -> Option<HealthCheck> {
    let table = value.table(&section::HEALTH_CHECK)?;
    let path = table.optional("path", |value| path(value.text()?));
    let status = table.or("status", STATUS, |value| statuses(value, 100..=599));
    let interval = timeout(&table, "interval", INTERVAL);
    let limit = timeout(&table, "timeout", TIMEOUT);
    let [rises, falls] = [("rises", RISES), ("falls", FALLS)]
        .map(|(key, default)| table.or(key, default, |value| value.integer(1..=MAX_COUNT)));
    let probe = match path? {
        Some(path) => Probe::Http {
            path,
            status: status?,
        },
        None if table.has("status") => {
            return needs_path(&table);
        }
        None => Probe::Connect,
    };
    Some(HealthCheck {
        probe,
        interval: interval?,
        timeout: limit?,
        rises: u32::try_from(rises?).ok()?,
        falls: u32::try_from(falls?).ok()?,
    })
}

fn needs_path(table: &Table<'_>) -> Option<HealthCheck> {
    table
        .get("status")?
        .error(
            "needless setting",
            "without `path` there is only a connection, and no answer",
        )
        .help("add `path = \"/health\"`, or remove `status`")
        .report()
}

fn path(text: Text<'_>) -> Option<String> {
    let (why, help) = if !text.text.starts_with('/') {
        ("it begins with `/`".to_owned(), "write \"/health\"")
    } else if let Some(bad) = text.text.chars().find(|c| !c.is_ascii_graphic()) {
        (
            format!("a path must not hold {}", describe(bad)),
            "write it percent-encoded",
        )
    } else {
        return Some(text.text.to_owned());
    };
    text.error("invalid path", why).help(help).report()
}
