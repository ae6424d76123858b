//! Requests in flight, and waiting for their end.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// Counts requests in flight, and tells connections when to end.
#[derive(Clone, Debug)]
pub struct Drain {
    in_flight: Arc<watch::Sender<usize>>,
    ending: Arc<watch::Sender<bool>>,
}

/// One request in flight; dropped with it.
#[derive(Debug)]
pub struct InFlight(Arc<watch::Sender<usize>>);

impl Drain {
    /// Nothing in flight, not ending.
    #[must_use]
    pub fn new() -> Self {
        Self {
            in_flight: Arc::new(watch::Sender::new(0)),
            ending: Arc::new(watch::Sender::new(false)),
        }
    }

    /// Counts a request.
    #[must_use]
    pub fn enter(&self) -> InFlight {
        self.in_flight
            .send_modify(|count| *count = count.saturating_add(1));
        InFlight(Arc::clone(&self.in_flight))
    }

    /// Whether connections should end after their current request.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        *self.ending.borrow()
    }

    /// Returns once connections should end.
    pub async fn ending(&self) {
        // The sender lives in `self`, so this cannot fail.
        let _ = self.ending.subscribe().wait_for(|ending| *ending).await;
    }

    /// Tells connections to end, and waits until no request is in flight. `false` if some still
    /// were after `limit`.
    pub async fn end(&self, limit: Duration) -> bool {
        self.ending.send_replace(true);
        let mut in_flight = self.in_flight.subscribe();
        let none = in_flight.wait_for(|count| *count == 0);
        tokio::time::timeout(limit, none).await.is_ok()
    }
}

impl Default for Drain {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn waits_for_the_last_request() {
        let drain = Drain::new();
        let request = drain.enter();
        assert!(!drain.end(Duration::from_secs(5)).await);
        assert!(drain.is_ending());
        drain.ending().await;
        drop(request);
        assert!(drain.end(Duration::from_secs(5)).await);
    }
}
