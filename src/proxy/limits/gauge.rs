//! A number of concurrent things, and their limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::stalled::StalledBodies;

/// A number of concurrent things, and their limit.
pub(in crate::proxy) struct Gauge {
    count: Arc<AtomicUsize>,
    limit: Option<usize>,
}

/// One of them, counted until it is dropped.
pub(in crate::proxy) struct Counted(Arc<AtomicUsize>);

impl Gauge {
    /// Continues to count from `previous`.
    pub(in crate::proxy) fn new(limit: Option<usize>, previous: Option<&Self>) -> Self {
        Self {
            count: previous
                .map(|gauge| Arc::clone(&gauge.count))
                .unwrap_or_default(),
            limit,
        }
    }

    /// Counts one more, if there is a limit.
    ///
    /// # Errors
    /// If the limit is reached.
    pub(in crate::proxy) fn count(&self) -> Result<Option<Counted>, ()> {
        self.count_if(|before, limit| before < limit)
    }

    /// Counts one more, if there is a limit. If the limit is reached, one that waits for its client
    /// makes room. Of bodies that are being received, only those beyond a quarter of the limit do:
    /// clients that send a byte now and then get no more than that.
    ///
    /// # Errors
    /// If the limit is reached, and none can make room.
    pub(super) fn count_or_make_room(
        &self,
        bodies: &Arc<StalledBodies>,
    ) -> Result<Option<Counted>, ()> {
        // Those that already make room are gone in a moment.
        let staying = |before: usize| before.saturating_sub(bodies.leaving());
        self.count_if(|before, limit| {
            staying(before) < limit || bodies.make_room_for_request((limit / 4).max(1))
        })
    }

    fn count_if(&self, has_room: impl FnOnce(usize, usize) -> bool) -> Result<Option<Counted>, ()> {
        let Some(limit) = self.limit else {
            return Ok(None);
        };
        let before = self.count.fetch_add(1, Ordering::Relaxed);
        // Dropped at once if it is one too many.
        let counted = Counted(Arc::clone(&self.count));
        if has_room(before, limit) {
            Ok(Some(counted))
        } else {
            Err(())
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
