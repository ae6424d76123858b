//! Tracks requests in flight and waits for them to finish.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};

/// How long connections without a request usually stay open once shutdown has begun. A request that
/// is already on its way gets its answer, which tells the client to use another connection from
/// then on.
pub const GRACE: Duration = Duration::from_secs(1);

/// Counts requests in flight, and tells connections when to close.
#[derive(Clone, Debug)]
pub struct Drain {
    requests: Arc<Requests>,
    connections: Arc<watch::Sender<usize>>,
    ending: Arc<watch::Sender<bool>>,
    /// The same for requests, which must not take the channel's lock.
    is_ending: Arc<AtomicBool>,
    /// Another process serves the addresses from now on.
    is_handed_over: Arc<AtomicBool>,
    /// Idle connections should close.
    grace_over: Arc<watch::Sender<bool>>,
}

/// The requests in flight, counted without a lock.
#[derive(Debug, Default)]
struct Requests {
    /// Their number, and [`CLOSED`].
    state: AtomicUsize,
    /// Notified when the last one ends.
    none_left: Notify,
}

/// The bit of [`Requests::state`] that refuses new requests.
const CLOSED: usize = 1 << (usize::BITS - 1);

/// One request in flight, counted until it is dropped.
#[derive(Debug)]
pub struct RequestInFlight(Arc<Requests>);

/// One open connection, counted until it is dropped.
#[derive(Debug)]
pub struct Connected(Arc<watch::Sender<usize>>);

impl Drain {
    /// No request in flight, no shutdown.
    #[must_use]
    pub fn new() -> Self {
        Self {
            requests: Arc::default(),
            connections: Arc::new(watch::Sender::new(0)),
            ending: Arc::new(watch::Sender::new(false)),
            is_ending: Arc::default(),
            is_handed_over: Arc::default(),
            grace_over: Arc::new(watch::Sender::new(false)),
        }
    }

    /// Counts a request. Returns `None` once [`Self::end`] has returned, because the request would
    /// be cut off.
    #[must_use]
    pub fn enter(&self) -> Option<RequestInFlight> {
        let entered = self.requests.enter();
        entered.then(|| RequestInFlight(Arc::clone(&self.requests)))
    }

    /// Counts a connection.
    #[must_use]
    pub fn connect(&self) -> Connected {
        self.connections
            .send_modify(|count| *count = count.saturating_add(1));
        Connected(Arc::clone(&self.connections))
    }

    /// The number of requests in flight.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.requests.state.load(Ordering::Relaxed) & !CLOSED
    }

    /// The number of open connections.
    #[must_use]
    pub fn connections(&self) -> usize {
        *self.connections.borrow()
    }

    /// Whether connections should close after their current request.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Acquire)
    }

    /// Another process has taken over the listening sockets.
    pub fn hand_over(&self) {
        self.is_handed_over.store(true, Ordering::Release);
    }

    /// Whether nobody will serve the addresses once this process has ended.
    #[must_use]
    pub fn is_going_away(&self) -> bool {
        self.is_ending() && !self.is_handed_over.load(Ordering::Acquire)
    }

    /// Turns `true` once connections should close.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<bool> {
        self.ending.subscribe()
    }

    /// Returns once idle connections should close: some time after shutdown has begun.
    pub async fn grace_over(&self) {
        // The sender lives in `self`, so this cannot fail.
        let _ = self.grace_over.subscribe().wait_for(|over| *over).await;
    }

    /// Tells connections to close, and waits until no request is in flight; and for up to `grace`
    /// until no connection is open. Returns `false` if requests were still in flight after `limit`.
    pub async fn end(&self, limit: Duration, grace: Duration) -> bool {
        self.is_ending.store(true, Ordering::Release);
        self.ending.send_replace(true);
        let requests = async {
            let mut connections = self.connections.subscribe();
            let none = connections.wait_for(|count| *count == 0);
            // The remaining connections are idle.
            let _ = tokio::time::timeout(grace, none).await;
            self.grace_over.send_replace(true);
            self.requests.close_once_none().await;
        };
        let ended = tokio::time::timeout(limit, requests).await;
        self.requests.state.fetch_or(CLOSED, Ordering::AcqRel);
        ended.is_ok()
    }
}

impl Requests {
    /// Counts one more. Returns `false` if no new request may start.
    fn enter(&self) -> bool {
        let add = |state: usize| (state & CLOSED == 0).then(|| state.saturating_add(1));
        let (set, get) = (Ordering::AcqRel, Ordering::Acquire);
        self.state.fetch_update(set, get, add).is_ok()
    }

    fn leave(&self) {
        let before = self.state.fetch_sub(1, Ordering::AcqRel);
        if before & !CLOSED == 1 {
            // Takes a lock only if somebody waits, which is during shutdown.
            self.none_left.notify_one();
        }
    }

    /// Waits for a moment without requests, and refuses new ones atomically from then on.
    async fn close_once_none(&self) {
        let close = |state: usize| (state & !CLOSED == 0).then_some(CLOSED);
        let (set, get) = (Ordering::AcqRel, Ordering::Acquire);
        while self.state.fetch_update(set, get, close).is_err() {
            // A request that ends before this line leaves a permit, so no notification is lost.
            self.none_left.notified().await;
        }
    }
}

impl Default for Drain {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

impl Drop for RequestInFlight {
    fn drop(&mut self) {
        self.0.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn waits_for_the_last_request() {
        let drain = Drain::new();
        let request = drain.enter().unwrap();
        assert!(!drain.end(Duration::from_secs(5), GRACE).await);
        assert!(drain.is_ending());
        drain.grace_over().await;
        drop(request);
        assert!(drain.end(Duration::from_secs(5), GRACE).await);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_begins_after_the_end() {
        let drain = Drain::new();
        let request = drain.enter();
        let last = async {
            let _ = drain.watch().wait_for(|ending| *ending).await;
            // A request on a connection that was there before still counts.
            let late = drain.enter();
            drop(request);
            tokio::task::yield_now().await;
            late.is_some()
        };
        let (ended, late) = tokio::join!(drain.end(Duration::from_secs(5), GRACE), last);
        assert!(ended && late);
        assert!(drain.enter().is_none());
    }
}
