//! The settings at the top level and in the tables `[limits]` and `[timeouts]`.

use std::num::NonZero;
use std::thread;
use std::time::Duration;

use http::HeaderName;

use super::headers;
use super::networks::{self, DefaultAccess};
use super::rates;
use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::limits::{ConnectionLimits, DecryptLimits};
use crate::config::model::{ClientTimeouts, room_in_buffer};
use crate::config::networks::Networks;
use crate::config::reader::{Table, Value, quote};
use crate::config::units;

/// The settings; `None` for those with an error.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) workers: Option<usize>,
    pub(super) watch: Option<bool>,
    pub(super) shutdown_timeout: Option<Duration>,
    pub(super) trusted_proxies: Option<Networks>,
    pub(super) client_ip_header: Option<HeaderName>,
    pub(super) access: DefaultAccess,
    pub(super) limits: Limits,
    pub(super) timeouts: Option<ClientTimeouts>,
}

/// The limits, in bytes and numbers; `None` for those with an error.
#[derive(Debug, Default)]
pub(super) struct Limits {
    pub(super) body: Option<usize>,
    pub(super) buffer: Option<usize>,
    pub(super) connections: Option<ConnectionLimits>,
    pub(super) in_flight: Option<Option<usize>>,
    pub(super) decrypt: Option<DecryptLimits>,
    /// The maximum number of private-key operations for one callback.
    pub(super) operations: Option<usize>,
    /// The place where the buffer limit is set, if it is.
    pub(super) buffer_place: Option<Place>,
}

pub(super) fn resolve(top: &Table<'_>) -> Settings {
    Settings {
        workers: top.read("workers", |value| threads(value, available_parallelism())),
        watch: top.read("watch", Value::boolean),
        shutdown_timeout: top.read("shutdown_timeout", Value::duration),
        trusted_proxies: top.read("trusted_proxies", trusted_proxies),
        client_ip_header: top.read("client_ip_header", |value| {
            headers::of_callback(value, None)
        }),
        access: networks::default_access(top),
        limits: limits(top),
        timeouts: timeouts(top),
    }
}

fn trusted_proxies(list: Value<'_>) -> Option<Networks> {
    let networks = networks::networks(list)?;
    if networks.include_everybody() {
        return list
            .error(
                "everybody is trusted",
                "everybody who connects could claim any client address, which `allow`, `deny`, \
                 limits and logs then use",
            )
            .help("list the addresses of your proxies")
            .report();
    }
    Some(networks)
}

fn available_parallelism() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// The default number of decryption threads: half of the processors, which leaves the other half
/// for everything else.
fn half_of_parallelism() -> usize {
    available_parallelism().div_ceil(2)
}

/// A number of threads; `"auto"` means `auto`.
fn threads(value: Value<'_>, auto: usize) -> Option<usize> {
    if !value.is_text() {
        return value.integer();
    }
    let text = value.text()?;
    if text.text == "auto" {
        return Some(auto);
    }
    text.error(
        "unknown value",
        format!("{} is not a number of threads", quote(text.text)),
    )
    .help("write `\"auto\"`, or a number without quotes")
    .report()
}

fn limits(top: &Table<'_>) -> Limits {
    let Some(table) = top.table("limits") else {
        return Limits::default();
    };
    let connections = rates::connections(&table);
    let limits = Limits {
        body: table.read("body", Value::size),
        buffer: table.read("buffer", Value::size),
        connections,
        in_flight: if table.has("in_flight") {
            table.get("in_flight").and_then(rates::count_or_off)
        } else {
            // One HTTP/2 connection can carry many requests, each of which can use as much memory
            // as the only request of another connection.
            connections.map(|connections| Some(connections.total))
        },
        decrypt: decrypt_limits(&table),
        operations: table.read("decrypt_operations", Value::integer),
        buffer_place: table.get("buffer").map(|value| value.place()),
    };
    let place = table
        .get("body")
        .map(|value| value.place())
        .or(limits.buffer_place);
    if let (Some(body), Some(place)) = (limits.body, place) {
        limits.check(&table, body, place);
    }
    limits
}

fn decrypt_limits(table: &Table<'_>) -> Option<DecryptLimits> {
    let threads = table.read("decrypt_threads", |value| {
        threads(value, half_of_parallelism())
    });
    let in_flight = table.read("decrypt_in_flight", Value::integer);
    Some(DecryptLimits {
        threads: threads?,
        in_flight: in_flight?,
    })
}

impl Limits {
    /// Reports a body limit that does not fit into the buffer.
    pub(super) fn check(&self, table: &Table<'_>, body: usize, place: Place) {
        let too_small = |buffer: &usize| room_in_buffer(*buffer, body) < body;
        let Some(buffer) = self.buffer.filter(too_small) else {
            return;
        };
        let [body, buffer] =
            [body, buffer].map(|size| units::format_size(u64::try_from(size).unwrap_or(u64::MAX)));
        let problem = Diagnostic::error(
            "body limit over the buffer",
            place,
            format!("a body of {body} would never fit into the buffer of {buffer}"),
        );
        table.problems().report(
            match self.buffer_place {
                Some(buffer) if buffer != place => problem.and(buffer, "the buffer is set here"),
                _ => problem,
            }
            .help("raise `buffer` in `[limits]` to several times the largest body, or lower the body's limit"),
        );
    }
}

fn timeouts(top: &Table<'_>) -> Option<ClientTimeouts> {
    let table = top.table("timeouts")?;
    let [header, body, keepalive, write, decrypt] =
        ["header", "body", "keepalive", "write", "decrypt"]
            .map(|key| table.read(key, Value::duration));
    let min_rate = table.read("min_rate", |value| value.unless_off(Value::size));
    Some(ClientTimeouts {
        header: header?,
        body: body?,
        min_rate: min_rate?,
        keepalive: keepalive?,
        write: write?,
        decrypt: decrypt?,
    })
}
