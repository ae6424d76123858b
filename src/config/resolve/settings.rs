//! What stands at the top level and in the tables `[limits]` and `[timeouts]`.

use std::num::NonZero;
use std::ops::RangeInclusive;
use std::thread;
use std::time::Duration;

use http::HeaderName;

use super::networks::{self, DefaultAccess};
use super::rates;
use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::limits::{ConnectionLimits, DecryptLimits};
use crate::config::model::{ClientTimeouts, room_in_buffer};
use crate::config::networks::Networks;
use crate::config::reader::{Table, Value, quote, section};
use crate::config::units;

/// What a time limit may be. A day is as good as none and still catches a mistyped unit.
pub(super) const TIMEOUT: RangeInclusive<Duration> =
    Duration::from_millis(1)..=Duration::from_secs(24 * 60 * 60);

/// Where trusted proxies say who called them, unless told otherwise.
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The most threads of a listener.
const MAX_WORKERS: u64 = 1024;

const DEFAULT_BODY: usize = 1024 * 1024;
const DEFAULT_BUFFER: usize = 256 * 1024 * 1024;

/// What the limit of a body may be, in bytes.
pub(super) const BODY: RangeInclusive<u64> = 1..=1024 * 1024 * 1024;
/// The most callbacks that are decrypted, or wait for it, and private operations for one of them.
const DECRYPTED: RangeInclusive<u64> = 1..=65_536;
const DEFAULT_DECRYPT_IN_FLIGHT: usize = 64;
const DEFAULT_OPERATIONS: usize = 256;

/// What the least rate of a header or a body may be, in bytes a second.
const RATE: RangeInclusive<u64> = 1..=1024 * 1024;

const BUFFER: RangeInclusive<u64> = 1..=1024 * 1024 * 1024 * 1024;

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
#[derive(Debug)]
pub(super) struct Limits {
    pub(super) body: Option<usize>,
    pub(super) buffer: Option<usize>,
    pub(super) connections: Option<ConnectionLimits>,
    pub(super) in_flight: Option<Option<usize>>,
    pub(super) decrypt: Option<DecryptLimits>,
    /// The most private operations for one callback.
    pub(super) operations: Option<usize>,
    /// Where the buffer's limit is set, if it is.
    pub(super) buffer_place: Option<Place>,
}

pub(super) fn resolve(top: &Table<'_>) -> Settings {
    Settings {
        workers: top.or("workers", available_parallelism(), |value| {
            threads(value, available_parallelism())
        }),
        watch: top.or("watch", false, |value| value.boolean()),
        shutdown_timeout: timeout(top, "shutdown_timeout", 30),
        trusted_proxies: top.or("trusted_proxies", Networks::default(), |list| {
            trusted_proxies(top, list)
        }),
        client_ip_header: top.or("client_ip_header", X_FORWARDED_FOR, |value| {
            value.text()?.header_name()
        }),
        access: networks::default_access(top),
        limits: limits(top),
        timeouts: timeouts(top),
    }
}

fn trusted_proxies(top: &Table<'_>, list: Value<'_>) -> Option<Networks> {
    let networks = networks::networks(list)?;
    if networks
        .networks
        .iter()
        .any(|network| network.prefix_len() == 0)
    {
        top.problems().report(
            Diagnostic::warning(
                "everybody is trusted",
                list.place(),
                "whoever connects says where a request comes from: `allow`, `deny`, limits and logs believe it",
            )
            .help("write the addresses of your proxies"),
        );
    }
    Some(networks)
}

/// A time limit with a default in seconds.
pub(super) fn timeout(table: &Table<'_>, key: &str, default: u64) -> Option<Duration> {
    table.or(key, Duration::from_secs(default), |value| {
        value.duration(TIMEOUT)
    })
}

/// A time limit that zero or `"off"` switches off.
pub(super) fn timeout_or_off(table: &Table<'_>, key: &str, default: Duration) -> Option<Duration> {
    table.or(key, default, |value| {
        if value.is_text() && value.text()?.text == "off" {
            return Some(Duration::ZERO);
        }
        value.duration(Duration::ZERO..=*TIMEOUT.end())
    })
}

/// Bytes a second, which `"off"` leaves open.
fn rate_or_off(value: Value<'_>) -> Option<Option<u32>> {
    if value.is_text() && value.text()?.text == "off" {
        return Some(None);
    }
    let rate = value.size(RATE)?;
    u32::try_from(rate).ok().map(Some)
}

fn available_parallelism() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Threads that decrypt, unless told otherwise: half of the processors, so that the other half is
/// there for all else.
fn half_of_parallelism() -> usize {
    available_parallelism().div_ceil(2)
}

/// A number of threads; `auto` where it says so.
fn threads(value: Value<'_>, auto: usize) -> Option<usize> {
    if !value.is_text() {
        return usize::try_from(value.integer(1..=MAX_WORKERS)?).ok();
    }
    let text = value.text()?;
    if text.text == "auto" {
        return Some(auto);
    }
    text.error(
        "unknown value",
        format!("{} is no number of threads", quote(text.text)),
    )
    .help("write `\"auto\"`, or a number without quotes")
    .report()
}

fn limits(top: &Table<'_>) -> Limits {
    let defaults = Limits {
        body: Some(DEFAULT_BODY),
        buffer: Some(DEFAULT_BUFFER),
        connections: Some(rates::DEFAULT),
        in_flight: Some(Some(rates::DEFAULT.total)),
        decrypt: Some(DecryptLimits {
            threads: half_of_parallelism(),
            in_flight: DEFAULT_DECRYPT_IN_FLIGHT,
        }),
        operations: Some(DEFAULT_OPERATIONS),
        buffer_place: None,
    };
    if !top.has("limits") {
        return defaults;
    }
    let Some(table) = top.table("limits", &section::LIMITS) else {
        return Limits {
            body: None,
            buffer: None,
            connections: None,
            in_flight: None,
            decrypt: None,
            operations: None,
            buffer_place: None,
        };
    };
    let connections = rates::connections(&table);
    // One of HTTP/2 can have many, which hold as much memory each.
    let as_many = connections.unwrap_or(rates::DEFAULT).total;
    let limits = Limits {
        body: table.or("body", DEFAULT_BODY, |value| value.size(BODY)),
        buffer: table.or("buffer", DEFAULT_BUFFER, |value| value.size(BUFFER)),
        connections,
        in_flight: rates::in_flight(&table, Some(as_many)),
        decrypt: decrypt_limits(&table),
        operations: table.or("decrypt_operations", DEFAULT_OPERATIONS, decrypted),
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
    let auto = half_of_parallelism();
    let threads = table.or("decrypt_threads", auto, |value| threads(value, auto));
    let in_flight = table.or("decrypt_in_flight", DEFAULT_DECRYPT_IN_FLIGHT, decrypted);
    Some(DecryptLimits {
        threads: threads?,
        in_flight: in_flight?,
    })
}

fn decrypted(value: Value<'_>) -> Option<usize> {
    usize::try_from(value.integer(DECRYPTED)?).ok()
}

impl Limits {
    /// Reports a body limit that the buffer cannot hold.
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
    const HEADER: u64 = 10;
    const BODY: u64 = 30;
    const KEEPALIVE: u64 = 60;
    const WRITE: u64 = 60;
    const DECRYPT: u64 = 5;
    const MIN_RATE: u32 = 500;
    if !top.has("timeouts") {
        return Some(ClientTimeouts {
            header: Duration::from_secs(HEADER),
            body: Duration::from_secs(BODY),
            min_rate: Some(MIN_RATE),
            keepalive: Duration::from_secs(KEEPALIVE),
            write: Duration::from_secs(WRITE),
            decrypt: Duration::from_secs(DECRYPT),
        });
    }
    let table = top.table("timeouts", &section::TIMEOUTS)?;
    let [header, body, keepalive, write, decrypt] = [
        ("header", HEADER),
        ("body", BODY),
        ("keepalive", KEEPALIVE),
        ("write", WRITE),
        ("decrypt", DECRYPT),
    ]
    .map(|(key, default)| timeout(&table, key, default));
    let min_rate = table.or("min_rate", Some(MIN_RATE), rate_or_off);
    Some(ClientTimeouts {
        header: header?,
        body: body?,
        min_rate: min_rate?,
        keepalive: keepalive?,
        write: write?,
        decrypt: decrypt?,
    })
}
