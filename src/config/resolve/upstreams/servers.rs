//! The servers of an upstream.

use std::collections::HashMap;
use std::time::Duration;

use super::UpstreamContext;
use super::address::{self, Written};
use super::tls;
use crate::config::diagnostic::Place;
use crate::config::model::UpstreamServer;
use crate::config::reader::{Table, Text, Value, quote, section};
use crate::config::resolve::settings::timeout;

/// What a server's weight and its number of failures may be.
const MAX_WEIGHT: u64 = 1_000_000;
const MAX_FAILS: u64 = 1_000_000;
const DEFAULT_FAILS: u32 = 1;
const FAIL_TIMEOUT: u64 = 10;

/// A server as the list has it.
struct Listed<'a> {
    text: Text<'a>,
    host: &'a str,
    https: bool,
    /// Without TLS yet.
    server: UpstreamServer,
}

type Seen<'a> = HashMap<&'a str, Place>;

pub(super) fn servers<'a>(
    table: &Table<'a>,
    context: &mut UpstreamContext<'a>,
) -> Option<Vec<UpstreamServer>> {
    let value = table.require("servers", "add `servers = [\"127.0.0.1:9000\"]`");
    let listed = value.and_then(|value| {
        let mut seen = Seen::new();
        let listed = value.list_of(|item| {
            if item.is_table() {
                return tabled(&item.table(&section::SERVER)?, &mut seen, context);
            }
            plain(item.text()?, &mut seen, context)
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
            "a backup needs a server that it can stand in for",
            "remove `backup` from at least one of them",
        )
    } else {
        return Some(listed);
    };
    value.error(title, why).help(help).report()
}

/// A server of which only the address is said.
fn plain<'a>(
    text: Text<'a>,
    seen: &mut Seen<'a>,
    context: &mut UpstreamContext<'a>,
) -> Option<Listed<'a>> {
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
    let Written {
        endpoint,
        host,
        https,
    } = address::read(text, &mut context.resolver)?;
    let server = UpstreamServer {
        name: text.text.to_owned(),
        endpoint,
        weight: 1,
        backup: false,
        down: false,
        max_fails: DEFAULT_FAILS,
        fail_timeout: Duration::from_secs(FAIL_TIMEOUT),
        tls: None,
    };
    Some(Listed {
        text,
        host,
        https,
        server,
    })
}

fn tabled<'a>(
    table: &Table<'a>,
    seen: &mut Seen<'a>,
    context: &mut UpstreamContext<'a>,
) -> Option<Listed<'a>> {
    let weight = table.or("weight", 1, |value| value.integer(1..=MAX_WEIGHT));
    let [backup, down] =
        ["backup", "down"].map(|key| table.or(key, false, |value| value.boolean()));
    let max_fails = table.or("max_fails", u64::from(DEFAULT_FAILS), |value| {
        value.integer(0..=MAX_FAILS)
    });
    let fail_timeout = timeout(table, "fail_timeout", FAIL_TIMEOUT);
    let address = table.require("address", "add `address = \"127.0.0.1:9000\"`")?;
    let listed = plain(address.text()?, seen, context)?;
    Some(Listed {
        server: UpstreamServer {
            weight: u32::try_from(weight?).ok()?,
            backup: backup?,
            down: down?,
            max_fails: u32::try_from(max_fails?).ok()?,
            fail_timeout: fail_timeout?,
            ..listed.server
        },
        ..listed
    })
}
