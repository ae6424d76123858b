//! How much at once, and how often.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::config::limits::{ConnectionLimits, RateKey, RateLimit};
use crate::config::reader::{Table, Text, Value, quote, section};

const DEFAULT_CONNECTIONS: usize = 10_000;
const DEFAULT_PER_CLIENT: usize = 256;

/// What a number of connections, requests or calls may be.
const COUNT: RangeInclusive<u64> = 1..=1_000_000;

pub(super) const DEFAULT: ConnectionLimits = ConnectionLimits {
    total: DEFAULT_CONNECTIONS,
    per_client: Some(DEFAULT_PER_CLIENT),
};

/// How many connections there may be, as `[limits]` says.
pub(super) fn connections(limits: &Table<'_>) -> Option<ConnectionLimits> {
    let total = limits.or("connections", DEFAULT.total, count);
    let per_client = limits.or("connections_per_client", DEFAULT.per_client, count_or_off);
    Some(ConnectionLimits {
        total: total?,
        per_client: per_client?,
    })
}

/// How many requests may be in flight, as `[limits]` or a route says.
pub(super) fn in_flight(table: &Table<'_>, default: Option<usize>) -> Option<Option<usize>> {
    table.or("in_flight", default, count_or_off)
}

/// How often a route may be called: one limit, or a list of them.
pub(super) fn rate_limits(route: &Table<'_>) -> Option<Vec<RateLimit>> {
    route.or("rate_limit", Vec::new(), |value| {
        let limits = value.one_or_list()?.into_iter().map(rate_limit);
        // Each is read before one failure counts, so that all are reported.
        let limits: Vec<_> = limits.collect();
        limits.into_iter().collect()
    })
}

fn rate_limit(value: Value<'_>) -> Option<RateLimit> {
    let table = value.table(&section::RATE_LIMIT)?;
    let rate = table
        .require(
            "rate",
            "add `rate = \"10/s\"`: so many requests in a second (`s`), minute (`m`) or hour (`h`)",
        )
        .and_then(|value| rate(value.text()?));
    let burst = table.optional("burst", |value| u32::try_from(value.integer(COUNT)?).ok());
    let key = table.or("key", RateKey::Client, |value| {
        value.one_of(&[("client", RateKey::Client), ("route", RateKey::Route)])
    });
    let (calls, interval) = rate?;
    Some(RateLimit {
        interval,
        burst: burst?.unwrap_or(calls),
        key: key?,
    })
}

/// A number of calls, and the time from one to the next.
fn rate(text: Text<'_>) -> Option<(u32, Duration)> {
    let parsed = text.text.split_once('/').and_then(|(calls, unit)| {
        let unit = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 60 * 60,
            _ => return None,
        };
        let calls: u32 = calls.parse().ok()?;
        let interval = Duration::from_secs(unit).checked_div(calls)?;
        COUNT.contains(&calls.into()).then_some((calls, interval))
    });
    parsed.or_else(|| {
        text.error(
            "invalid rate",
            format!("{} is no number of requests in a time", quote(text.text)),
        )
        .help("write \"10/s\", \"600/m\" or \"1000/h\": 1 to 1000000 in a second, minute or hour")
        .report()
    })
}

fn count(value: Value<'_>) -> Option<usize> {
    usize::try_from(value.integer(COUNT)?).ok()
}

fn count_or_off(value: Value<'_>) -> Option<Option<usize>> {
    if !value.is_text() {
        return count(value).map(Some);
    }
    let text = value.text()?;
    if text.text == "off" {
        return Some(None);
    }
    text.error(
        "unknown value",
        format!("{} is no number", quote(text.text)),
    )
    .help("write a number without quotes, or `\"off\"`")
    .report()
}
