//! Rate-limits error log lines that would come with every request. Pure: the time is an argument.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The time between two lines.
const PAUSE: Duration = Duration::from_secs(1);

/// Lets one line a second through, and counts those in between.
#[derive(Debug, Default)]
pub(super) struct Rarely(Mutex<Lines>);

#[derive(Debug, Default)]
struct Lines {
    last: Option<Instant>,
    left_out: u64,
}

impl Rarely {
    /// How many lines were omitted before this one; `None` if this one is omitted, too.
    pub(super) fn passes(&self, now: Instant) -> Option<u64> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_early = |last| now.saturating_duration_since(last) < PAUSE;
        if lines.last.is_some_and(is_early) {
            lines.left_out = lines.left_out.saturating_add(1);
            return None;
        }
        lines.last = Some(now);
        Some(std::mem::take(&mut lines.left_out))
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    #[test]
    fn one_line_a_second_passes_with_the_count_of_the_omitted_ones() {
        let lines = Rarely::default();
        let start = Instant::now();
        let at = |milliseconds| lines.passes(start + Duration::from_millis(milliseconds));
        let seen = [0, 1, 999, 1000, 1500, 2500, 9000].map(at);
        let expected = [Some(0), None, None, Some(2), None, Some(1), Some(0)];
        assert_eq!(seen, expected);
    }
}
