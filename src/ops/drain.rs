//! Requests in flight, and waiting for their end.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// Counts requests in flight, and tells connections when to end.
#[derive(Clone, Debug)]
pub struct Drain {
    requests: Arc<watch::Sender<Requests>>,
    ending: Arc<watch::Sender<bool>>,
}

#[derive(Debug, Default)]
struct Requests {
    in_flight: usize,
    /// No more may begin.
    closed: bool,
}

/// One request in flight; dropped with it.
#[derive(Debug)]
pub struct InFlight(Arc<watch::Sender<Requests>>);

impl Drain {
    /// Nothing in flight, not ending.
    #[must_use]
    pub fn new() -> Self {
        Self {
            requests: Arc::new(watch::Sender::new(Requests::default())),
            ending: Arc::new(watch::Sender::new(false)),
        }
    }

    /// Counts a request. `None` once [`Self::end`] has returned: it would be cut off halfway.
    #[must_use]
    pub fn enter(&self) -> Option<InFlight> {
        let entered = self.requests.send_if_modified(|requests| {
            if !requests.closed {
                requests.in_flight = requests.in_flight.saturating_add(1);
            }
            !requests.closed
        });
        entered.then(|| InFlight(Arc::clone(&self.requests)))
    }

    /// Whether connections should end after their current request.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        *self.ending.borrow()
    }

    /// Turns to `true` once connections should end.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<bool> {
        self.ending.subscribe()
    }

    /// Returns once connections should end.
    pub async fn ending(&self) {
        // The sender lives in `self`, so this cannot fail.
        let _ = self.watch().wait_for(|ending| *ending).await;
    }

    /// Tells connections to end, and waits until no request is in flight. `false` if some still
    /// were after `limit`.
    pub async fn end(&self, limit: Duration) -> bool {
        self.ending.send_replace(true);
        let ended = tokio::time::timeout(limit, self.close_once_none()).await;
        self.requests.send_modify(|requests| requests.closed = true);
        ended.is_ok()
    }

    /// Waits for a moment without requests, and lets none begin from that very moment on.
    async fn close_once_none(&self) {
        let mut requests = self.requests.subscribe();
        loop {
            // The sender lives in `self`, so this cannot fail.
            let _ = requests.wait_for(|requests| requests.in_flight == 0).await;
            let mut closed = false;
            self.requests.send_if_modified(|requests| {
                closed = requests.in_flight == 0;
                requests.closed |= closed;
                closed
            });
            if closed {
                return;
            }
        }
    }
}

impl Default for Drain {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.send_modify(|requests| {
            requests.in_flight = requests.in_flight.saturating_sub(1);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn waits_for_the_last_request() {
        let drain = Drain::new();
        let request = drain.enter().unwrap();
        assert!(!drain.end(Duration::from_secs(5)).await);
        assert!(drain.is_ending());
        drain.ending().await;
        drop(request);
        assert!(drain.end(Duration::from_secs(5)).await);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_begins_after_the_end() {
        let drain = Drain::new();
        let request = drain.enter();
        let last = async {
            drain.ending().await;
            // A request on a connection that was there before still counts.
            let late = drain.enter();
            drop(request);
            tokio::task::yield_now().await;
            late.is_some()
        };
        let (ended, late) = tokio::join!(drain.end(Duration::from_secs(5)), last);
        assert!(ended && late);
        assert!(drain.enter().is_none());
    }
}
