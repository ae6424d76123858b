//! Saying something now and then, however often there is reason to.

use std::sync::Mutex;
use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_secs(10);

/// Lets one in a while pass.
#[derive(Debug, Default)]
pub(in crate::proxy) struct Throttle(Mutex<Option<Instant>>);

impl Throttle {
    /// Whether enough time went by since it last was so.
    pub(in crate::proxy) fn passes(&self) -> bool {
        // Whoever finds it locked comes at a time at which somebody else passes.
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
