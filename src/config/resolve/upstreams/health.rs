//! Health checks of an upstream's servers.

use http::{HeaderName, HeaderValue};

use super::sent_host;
use crate::config::model::{HealthCheck, Probe};
use crate::config::reader::{Table, Text, Value, describe};
use crate::config::resolve::headers::{AddedHeaders, Prefix};
use crate::config::resolve::status::statuses;

pub(super) fn health_check(value: Value<'_>, prefix: Option<&Prefix>) -> Option<HealthCheck> {
    let table = value.table()?;
    let path = table.optional("path", |value| path(value.text()?));
    let status = table.read("status", statuses);
    let host = table.optional("host", |value| sent_host::host(value.text()?));
    let headers = table.read("headers", |value| headers(value, prefix));
    let [interval, timeout] = ["interval", "timeout"].map(|key| table.read(key, Value::duration));
    let [rises, falls] = ["rises", "falls"].map(|key| table.read(key, Value::integer));
    let probe = match path? {
        Some(path) => Probe::Http {
            path,
            status: status?,
            host: host?,
            headers: headers?,
        },
        None => match ["status", "host", "headers"]
            .iter()
            .find(|key| table.has(key))
        {
            Some(key) => return needs_path(&table, key),
            None => Probe::Connect,
        },
    };
    Some(HealthCheck {
        probe,
        interval: interval?,
        timeout: timeout?,
        rises: rises?,
        falls: falls?,
    })
}

fn needs_path(table: &Table<'_>, key: &str) -> Option<HealthCheck> {
    table
        .get(key)?
        .error(
            "needless setting",
            match key {
                "status" => "without `path`, a check only connects and gets no answer",
                _ => "without `path`, a check only connects and sends no request",
            },
        )
        .help(format!("add `path = \"/health\"`, or remove `{key}`"))
        .report()
}

/// The headers of a check, none of which the proxy writes itself or a backend takes for verified.
fn headers(value: Value<'_>, prefix: Option<&Prefix>) -> Option<Vec<(HeaderName, HeaderValue)>> {
    let mut added = AddedHeaders::default();
    let read = value.pairs()?.into_iter().map(|(name, value)| {
        let header = added.add_to_check(name, prefix);
        let value = header_value(value.text()?);
        Some((header?, value?))
    });
    let read: Vec<_> = read.collect();
    read.into_iter().collect()
}

fn header_value(text: Text<'_>) -> Option<HeaderValue> {
    let is_trimmed = text.text.trim() == text.text;
    let value = HeaderValue::from_str(text.text).ok();
    let value = value.filter(|value| is_trimmed && value.to_str().is_ok());
    value.or_else(|| {
        text.error(
            "invalid value",
            "a header's value is visible ASCII, without white space at either end",
        )
        .help("write the value as it is to be sent")
        .report()
    })
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
