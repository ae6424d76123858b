//! Health checks of an upstream's servers.

use crate::config::model::{HealthCheck, Probe};
use crate::config::reader::{Table, Text, Value, describe};
use crate::config::resolve::status::statuses;

pub(super) fn health_check(value: Value<'_>) -> Option<HealthCheck> {
    let table = value.table()?;
    let path = table.optional("path", |value| path(value.text()?));
    let status = table.read("status", statuses);
    let [interval, timeout] = ["interval", "timeout"].map(|key| table.read(key, Value::duration));
    let [rises, falls] = ["rises", "falls"].map(|key| table.read(key, Value::integer));
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
        timeout: timeout?,
        rises: rises?,
        falls: falls?,
    })
}

fn needs_path(table: &Table<'_>) -> Option<HealthCheck> {
    table
        .get("status")?
        .error(
            "needless setting",
            "without `path`, a check only connects and gets no answer",
        )
        .help("add `path = \"/health\"`, or remove `status`")
        .report()
}

fn path(text: Text<'_>) -> Option<String> {
    let (why, help) = if !text.text.starts_with('/') {
        ("it must start with `/`".to_owned(), "write \"/health\"")
    } else if let Some(bad) = text.text.chars().find(|c| !c.is_ascii_graphic()) {
        (
            format!("a path must not contain {}", describe(bad)),
            "write it percent-encoded",
        )
    } else {
        return Some(text.text.to_owned());
    };
    text.error("invalid path", why).help(help).report()
}
