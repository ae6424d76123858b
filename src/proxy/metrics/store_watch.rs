//! What the store of callbacks is asked, and how long it takes.

use std::time::Duration;

use prometheus::{Histogram, HistogramVec, IntCounter, IntCounterVec};

use crate::once::{Observer, Operation};

/// Counts and times what the store of callbacks is asked.
#[derive(Debug)]
pub(super) struct StoreWatch {
    of: [(Histogram, IntCounter); Operation::ALL.len()],
    lost: IntCounter,
}

impl StoreWatch {
    pub(super) fn new(
        durations: &HistogramVec,
        errors: &IntCounterVec,
        lost: &IntCounterVec,
    ) -> Self {
        let of = |operation: Operation| {
            let labels = [operation.name()];
            (
                durations.with_label_values(&labels),
                errors.with_label_values(&labels),
            )
        };
        Self {
            of: Operation::ALL.map(of),
            lost: lost.with_label_values::<&str>(&[]),
        }
    }
}

impl Observer for StoreWatch {
    fn operation(&self, operation: Operation, took: Duration, ok: bool) {
        if let Some((duration, errors)) = self.of.get(operation as usize) {
            duration.observe(took.as_secs_f64());
            if !ok {
                errors.inc();
            }
        }
    }

    fn lost(&self) {
        self.lost.inc();
    }
}
