//! A number of things at once, and how many there may be.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A number of things at once, and how many there may be.
pub(in crate::proxy) struct Gauge {
    count: Arc<AtomicUsize>,
    limit: Option<usize>,
}

/// One of them; dropped with it.
pub(in crate::proxy) struct Counted(Arc<AtomicUsize>);

impl Gauge {
    /// Counts on from `previous`.
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
    /// If there are as many as there may be.
    pub(in crate::proxy) fn count(&self) -> Result<Option<Counted>, ()> {
        let Some(limit) = self.limit else {
            return Ok(None);
        };
        let before = self.count.fetch_add(1, Ordering::Relaxed);
        // Dropped again at once if it is one too many.
        let counted = Counted(Arc::clone(&self.count));
        if before < limit {
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
