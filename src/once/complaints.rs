//! Rate-limits errors that come as often as callbacks do: the log needs only an occasional line.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The minimum time between two log lines.
const PAUSE: Duration = Duration::from_secs(10);

/// Errors of one kind.
#[derive(Debug, Default)]
pub(super) struct Complaints(Mutex<Said>);

#[derive(Debug, Default)]
struct Said {
    last: Option<Instant>,
    unsaid: u64,
}

impl Complaints {
    /// Counts errors. If a line is due, returns how many there were since the last one, including
    /// these.
    pub(super) fn add(&self, count: u64) -> Option<u64> {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        said.unsaid = said.unsaid.saturating_add(count);
        if said.last.is_some_and(|last| last.elapsed() < PAUSE) {
            return None;
        }
        said.last = Some(Instant::now());
        Some(std::mem::take(&mut said.unsaid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_error_per_period_is_logged_with_the_count_of_the_others() {
        let complaints = Complaints::default();
        assert_eq!(complaints.add(1), Some(1));
        for _ in 0..5 {
            assert_eq!(complaints.add(2), None);
        }
        tokio::time::advance(PAUSE).await;
        assert_eq!(complaints.add(1), Some(11));
        assert_eq!(complaints.add(1), None);
    }
}
