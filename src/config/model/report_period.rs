//! How long a route rejects nothing.

use std::sync::atomic::{AtomicBool, Ordering};

/// A route forwards every callback for now, and tells what it would have rejected.
#[derive(Debug)]
pub struct ReportMode {
    until: i64,
    has_ended: AtomicBool,
}

impl ReportMode {
    /// It ends at this time, in Unix seconds.
    #[must_use]
    pub const fn new(until: i64) -> Self {
        Self {
            until,
            has_ended: AtomicBool::new(false),
        }
    }

    /// When it ends, in Unix seconds.
    #[must_use]
    pub const fn until(&self) -> i64 {
        self.until
    }

    /// Whether it goes on. Once it has ended, it stays so: a clock that is set back does not open a route
    /// again of which the log has said that it rejects. `now` is in Unix seconds.
    #[must_use]
    pub fn goes_on(&self, now: impl FnOnce() -> i64) -> bool {
        if self.has_ended.load(Ordering::Relaxed) {
            return false;
        }
        let goes_on = now() < self.until;
        if !goes_on {
            self.has_ended.store(true, Ordering::Relaxed);
        }
        goes_on
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_ended_does_not_begin_again() {
        let report = ReportMode::new(100);
        for (now, goes_on) in [(0, true), (99, true), (50, true), (100, false), (50, false)] {
            assert_eq!(report.goes_on(|| now), goes_on, "{now}");
        }
    }
}
