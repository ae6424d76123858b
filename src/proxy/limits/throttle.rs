//! Limits how often something is logged, however often there is reason to.

use std::sync::Mutex;
use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_secs(10);

/// Lets one through at intervals.
#[derive(Debug, Default)]
pub(in crate::proxy) struct Throttle(Mutex<Option<Instant>>);

impl Throttle {
    /// Whether enough time has passed since this last returned `true`.
    pub(in crate::proxy) fn passes(&self) -> bool {
        // If it is locked, somebody else is being let through.
        let Ok(mut last) = self.0.try_lock() else {
            return false;
        };
        let passes = last.is_none_or(|last| last.elapsed() >= PAUSE);
        if passes {
            *last = Some(Instant::now());
        }
        passes
    }
}
