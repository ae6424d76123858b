//! Limits on concurrency and rate.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::config::limits::{ConnectionLimits, RateLimit};
use crate::config::reader::{Table, Text, Value, quote};

/// How many calls a rate may allow per unit of time.
const CALLS: RangeInclusive<u32> = 1..=1_000_000;

/// The connection limits of `[limits]`.
pub(super) fn connections(limits: &Table<'_>) -> Option<ConnectionLimits> {
    let total = limits.read("connections", Value::integer);
    let per_client = limits.read("connections_per_client", count_or_off);
    Some(ConnectionLimits {
        total: total?,
        per_client: per_client?,
    })
}

/// A route's rate limits: one, or a list of them.
pub(super) fn rate_limits(route: &Table<'_>) -> Option<Vec<RateLimit>> {
    let limits = route.optional("rate_limit", |value| {
        let limits = value.one_or_list()?.into_iter().map(rate_limit);
        // Reads all limits before failing, so that every problem is reported.
        let limits: Vec<_> = limits.collect();
        limits.into_iter().collect()
    })?;
    Some(limits.unwrap_or_default())
}

fn rate_limit(value: Value<'_>) -> Option<RateLimit> {
    let table = value.table()?;
    let rate = table
        .require(
            "rate",
            "add `rate = \"10/s\"`: the number of requests in a second (`s`), minute (`m`) or \
             hour (`h`)",
        )
        .and_then(|value| rate(value.text()?));
    let burst = table.optional("burst", Value::integer);
    let key = table.read("key", Value::word);
    let (calls, interval) = rate?;
    Some(RateLimit {
        interval,
        burst: burst?.unwrap_or(calls),
        key: key?,
    })
}

/// A number of calls, and the interval between two of them.
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
        CALLS.contains(&calls).then_some((calls, interval))
    });
    parsed.or_else(|| {
        text.error(
            "invalid rate",
            format!("{} is not a number of requests in a time", quote(text.text)),
        )
        .help("write \"10/s\", \"600/m\" or \"1000/h\": 1 to 1000000 in a second, minute or hour")
        .report()
    })
}

/// A number; `Some(None)` for `"off"`, which means no limit.
pub(super) fn count_or_off(value: Value<'_>) -> Option<Option<usize>> {
    if value.is_off() {
        return Some(None);
    }
    if !value.is_text() {
        return value.integer().map(Some);
    }
    let text = value.text()?;
    text.error(
        "unknown value",
        format!("{} is not a number", quote(text.text)),
    )
    .help("write a number without quotes, or `\"off\"`")
    .report()
}
