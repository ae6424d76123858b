//! The minimum rate at which a client has to send.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::config::ClientTimeouts;

/// How long a client may stay below the minimum rate: initially, and again once it has been faster
/// for long enough.
const GRACE: Duration = Duration::from_secs(5);

/// A timer that fires this much later than it was set shows that the proxy was not running, and so
/// did not read what the client sent meanwhile.
const LATE: Duration = Duration::from_millis(100);

/// The time by which more of a header or a body has to arrive.
#[derive(Debug)]
pub(in crate::proxy) struct Pace {
    /// The time by which all of it must have arrived.
    end: Instant,
    /// The minimum rate in bytes per second, if there is one.
    rate: Option<u32>,
    /// The time by which more must arrive to keep the rate.
    due: Instant,
}

impl Pace {
    /// For something that starts at `start` and must be complete at `end`.
    pub(in crate::proxy) fn new(start: Instant, end: Instant, timeouts: &ClientTimeouts) -> Self {
        let rate = timeouts.min_rate;
        Self {
            end,
            rate,
            due: rate.map_or(end, |_| start.checked_add(GRACE).unwrap_or(end)),
        }
    }

    /// The time by which more has to arrive.
    pub(in crate::proxy) fn deadline(&self) -> Instant {
        self.end.min(self.due)
    }

    /// Records received bytes. Each byte earns time at the minimum rate, but never more than the
    /// grace period in total: even a client that has sent a lot must go on.
    pub(in crate::proxy) fn received(&mut self, bytes: usize, now: Instant) {
        let Some(rate) = self.rate else {
            return;
        };
        let nanoseconds = u64::try_from(bytes)
            .unwrap_or(u64::MAX)
            .saturating_mul(1_000_000_000)
            .checked_div(rate.into());
        let earned = Duration::from_nanos(nanoseconds.unwrap_or_default());
        let due = self.due.checked_add(earned);
        let most = now.checked_add(GRACE);
        if let (Some(due), Some(most)) = (due, most) {
            self.due = due.min(most);
        }
    }

    /// Whether the client may continue past the deadline because the delay was ours.
    pub(super) fn is_forgiven(&mut self, now: Instant) -> bool {
        let late = now.saturating_duration_since(self.due);
        let forgiven = late >= LATE && self.due < self.end && now < self.end;
        if let Some(due) = self.due.checked_add(late).filter(|_| forgiven) {
            // A moment to read what is already waiting.
            self.due = due.checked_add(LATE).unwrap_or(due);
        }
        forgiven
    }

    /// Waits for something from the client; `None` if it takes too long.
    pub(in crate::proxy) async fn wait<T>(
        &mut self,
        mut something: Pin<&mut impl Future<Output = T>>,
    ) -> Option<T> {
        loop {
            match timeout_at(self.deadline(), something.as_mut()).await {
                Ok(something) => return Some(something),
                Err(_) if self.is_forgiven(Instant::now()) => {}
                Err(_) => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn pace(start: Instant, rate: Option<u32>) -> Pace {
        let timeouts = ClientTimeouts {
            header: seconds(10),
            body: seconds(30),
            min_rate: rate,
            keepalive: seconds(60),
            write: seconds(60),
            decrypt: seconds(5),
        };
        Pace::new(start, start.checked_add(seconds(30)).unwrap(), &timeouts)
    }

    #[test]
    fn a_client_at_the_minimum_rate_may_take_the_whole_time_and_slower_ones_may_not() {
        let start = Instant::now();
        let mut pace = pace(start, Some(500));
        for second in 1..30 {
            let now = start + seconds(second);
            assert!(now < pace.deadline(), "{second}");
            pace.received(500, now);
        }
        assert_eq!(pace.deadline(), start + seconds(30));
    }

    #[test]
    fn a_byte_a_second_is_too_slow_and_a_lot_at_once_earns_five_seconds() {
        let start = Instant::now();
        let mut slow = pace(start, Some(500));
        (1..5).for_each(|second| slow.received(1, start + seconds(second)));
        assert!(slow.deadline() < start + seconds(6));
        let mut fast = pace(start, Some(500));
        fast.received(65_000, start + seconds(2));
        assert_eq!(fast.deadline(), start + seconds(7));
        let mut any = pace(start, None);
        any.received(1, start + seconds(29));
        assert_eq!(any.deadline(), start + seconds(30));
    }

    #[test]
    fn our_own_delays_are_forgiven_up_to_a_limit() {
        let start = Instant::now();
        let mut pace = pace(start, Some(500));
        assert!(!pace.is_forgiven(start + seconds(5)));
        assert!(pace.is_forgiven(start + seconds(8)));
        assert!(pace.deadline() > start + seconds(8));
        assert!(!pace.is_forgiven(start + seconds(31)));
    }
}
