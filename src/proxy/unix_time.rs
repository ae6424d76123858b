//! The time of day.

use std::time::SystemTime;

/// Seconds since 1970, the unit of timestamps.
pub(super) fn unix_now() -> i64 {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
