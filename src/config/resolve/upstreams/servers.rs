//! The servers of an upstream.

use std::collections::HashMap;
use std::time::Duration;

use super::address::{self, Resolver};
use crate::config::diagnostic::Place;
use crate::config::model::Server;
use crate::config::reader::{Table, Text, quote, section};
use crate::config::resolve::settings::timeout;

/// What a server's weight and its number of failures may be.
const MAX_WEIGHT: u64 = 1_000_000;
const MAX_FAILS: u64 = 1_000_000;
const DEFAULT_FAILS: u32 = 1;
const FAIL_TIMEOUT: u64 = 10;

pub(super) fn servers<'a>(table: &Table<'a>, resolver: &mut Resolver<'a>) -> Option<Vec<Server>> {
    let value = table.require("servers", "add `servers = [\"127.0.0.1:9000\"]`")?;
    let mut seen = HashMap::new();
    let servers = value.list_of(|item| {
        if item.is_table() {
            return tabled(&item.table(&section::SERVER)?, &mut seen, resolver);
        }
        plain(item.text()?, &mut seen, resolver)
    })?;
    let (title, why, help) = if servers.is_empty() {
        (
            "empty list",
            "an upstream needs at least one server",
            "write `servers = [\"127.0.0.1:9000\"]`",
        )
    } else if servers.iter().all(|server| server.backup) {
        (
            "only backups",
            "a backup needs a server that it can stand in for",
            "remove `backup` from at least one of them",
        )
    } else {
        return Some(servers);
    };
    value.error(title, why).help(help).report()
}

/// A server of which only the address is said.
fn plain<'a>(
    text: Text<'a>,
    seen: &mut HashMap<&'a str, Place>,
    resolver: &mut Resolver<'a>,
) -> Option<Server> {
    if let Some(first) = seen.insert(text.text, text.place) {
        return text
            .error(
                "duplicate server",
                format!("{} is listed a second time", quote(text.text)),
            )
            .and(first, "first listed here")
            .help("list each server once")
            .report();
    }
    Some(Server {
        name: text.text.to_owned(),
        endpoint: address::endpoint(text, resolver)?,
        weight: 1,
        backup: false,
        down: false,
        max_fails: DEFAULT_FAILS,
        fail_timeout: Duration::from_secs(FAIL_TIMEOUT),
    })
}

fn tabled<'a>(
    table: &Table<'a>,
    seen: &mut HashMap<&'a str, Place>,
    resolver: &mut Resolver<'a>,
) -> Option<Server> {
    let weight = table.or("weight", 1, |value| value.integer(1..=MAX_WEIGHT));
    let [backup, down] =
        ["backup", "down"].map(|key| table.or(key, false, |value| value.boolean()));
    let max_fails = table.or("max_fails", u64::from(DEFAULT_FAILS), |value| {
        value.integer(0..=MAX_FAILS)
    });
    let fail_timeout = timeout(table, "fail_timeout", FAIL_TIMEOUT);
    let address = table.require("address", "add `address = \"127.0.0.1:9000\"`")?;
    let server = plain(address.text()?, seen, resolver)?;
    Some(Server {
        weight: u32::try_from(weight?).ok()?,
        backup: backup?,
        down: down?,
        max_fails: u32::try_from(max_fails?).ok()?,
        fail_timeout: fail_timeout?,
        ..server
    })
}
