//! The servers of an upstream.

use std::collections::HashMap;

use super::UpstreamContext;
use super::address::{self, Written};
use super::tls;
use crate::config::diagnostic::Place;
use crate::config::model::UpstreamServer;
use crate::config::reader::{Table, Text, Value, quote};

/// A server as listed in the configuration.
struct Listed<'a> {
    text: Text<'a>,
    host: &'a str,
    https: bool,
    /// Its TLS settings are added later.
    server: UpstreamServer,
}

type Seen<'a> = HashMap<&'a str, Place>;

pub(super) fn servers<'a>(
    table: &Table<'a>,
    is_looked_up_again: bool,
    context: &mut UpstreamContext<'a>,
) -> Option<Vec<UpstreamServer>> {
    let value = table.require("servers", "add `servers = [\"127.0.0.1:9000\"]`");
    let listed = value.and_then(|value| {
        let mut seen = Seen::new();
        let listed = value.list_of(|item| {
            // A string sets only the address.
            let (table, address) = match item.is_table() {
                true => (item.table()?, None),
                false => (item.empty_table()?, Some(item.text()?)),
            };
            server(&table, address, &mut seen, is_looked_up_again, context)
        })?;
        check(value, listed)
    });
    let https = listed.iter().flatten().find(|listed| listed.https);
    let tls = tls::tls(table, https.map(|listed| listed.text), &mut context.machine)?;
    let with_tls = |listed: Listed<'_>| {
        let tls = match &tls {
            Some(tls) if tls.is_for_all() || listed.https => {
                Some(tls.of(listed.text, listed.host, &listed.server.endpoint)?)
            }
            _ => None,
        };
        Some(UpstreamServer {
            tls,
            ..listed.server
        })
    };
    listed?.into_iter().map(with_tls).collect()
}

fn check<'a>(value: Value<'_>, listed: Vec<Listed<'a>>) -> Option<Vec<Listed<'a>>> {
    let (title, why, help) = if listed.is_empty() {
        (
            "empty list",
            "an upstream needs at least one server",
            "write `servers = [\"127.0.0.1:9000\"]`",
        )
    } else if listed.iter().all(|listed| listed.server.backup) {
        (
            "only backups",
            "a backup needs another server that it can replace",
            "remove `backup` from at least one of them",
        )
    } else {
        return Some(listed);
    };
    value.error(title, why).help(help).report()
}

/// A server; its address is `address` or a key of the table.
fn server<'a>(
    table: &Table<'a>,
    address: Option<Text<'a>>,
    seen: &mut Seen<'a>,
    is_looked_up_again: bool,
    context: &mut UpstreamContext<'a>,
) -> Option<Listed<'a>> {
    let weight = table.read("weight", Value::integer);
    let [backup, down] = ["backup", "down"].map(|key| table.read(key, Value::boolean));
    let max_fails = table.read("max_fails", Value::integer);
    let fail_timeout = table.read("fail_timeout", Value::duration);
    let text = match address {
        Some(text) => text,
        None => table
            .require("address", "add `address = \"127.0.0.1:9000\"`")?
            .text()?,
    };
    if let Some(first) = seen.insert(text.text, text.place) {
        return text
            .error(
                "duplicate server",
                format!("{} is already listed", quote(text.text)),
            )
            .and(first, "first listed here")
            .help("list each server once")
            .report();
    }
    let Written {
        endpoint,
        host,
        https,
    } = address::read(text, is_looked_up_again, &mut context.resolver)?;
    Some(Listed {
        text,
        host,
        https,
        server: UpstreamServer {
            name: text.text.to_owned(),
            endpoint,
            weight: weight?,
            backup: backup?,
            down: down?,
            max_fails: max_fails?,
            fail_timeout: fail_timeout?,
            tls: None,
        },
    })
}
