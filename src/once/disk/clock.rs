//! The clocks used in a file.

use std::fmt;
use std::time::{Duration, Instant, SystemTime};

use nix::time::{ClockId, clock_gettime};

/// Two clocks: the machine's monotonic clock since boot, for leases, which setting the time does
/// not affect; and the time of day, for what must outlast a reboot.
pub(super) struct StoreClock {
    started: Instant,
    /// The time of day that this process read once and counts on from by itself.
    day: Duration,
    ahead: Box<dyn Fn() -> Duration + Send + Sync>,
}

impl StoreClock {
    pub(super) fn new() -> Self {
        Self::ahead(|| Duration::ZERO)
    }

    pub(super) fn ahead(ahead: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self {
            started: Instant::now(),
            day: SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default(),
            ahead: Box::new(ahead),
        }
    }

    /// Never lets the time of day be earlier than the last writer's.
    pub(super) fn not_before(&mut self, last: i64) {
        let last = Duration::from_millis(u64::try_from(last).unwrap_or(0));
        self.day = self.day.max(last);
    }

    /// The time of day, in milliseconds since 1970.
    pub(super) fn day(&self) -> i64 {
        let since = self.day.saturating_add(self.started.elapsed());
        milliseconds(since.saturating_add((self.ahead)()))
    }

    /// The time since boot, in milliseconds. It is the same in all processes of the machine.
    pub(super) fn machine(&self) -> i64 {
        let since = clock_gettime(ClockId::CLOCK_BOOTTIME).map_or(Duration::ZERO, Duration::from);
        milliseconds(since.saturating_add((self.ahead)()))
    }
}

pub(super) fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

impl fmt::Debug for StoreClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
