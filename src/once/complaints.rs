//! Errors that come as often as callbacks do, and of which the log needs one line now and then.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long the log has none of them after one.
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
    /// Counts so many more. If it is time for a line: how many there were since the last one, with these.
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
    async fn one_in_a_while_gets_a_line_that_counts_the_others() {
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
