//! Counting and timing the operations of the store of remembered callbacks.

use std::time::Duration;

use prometheus::{Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge};

use crate::once::{Observer, Operation};

/// Counts and times the operations of the store of remembered callbacks.
#[derive(Debug)]
pub(super) struct StoreWatch {
    of: [(Histogram, IntCounter); Operation::ALL.len()],
    lost: IntCounter,
    untold: IntGauge,
    never_told: IntCounter,
}

impl StoreWatch {
    pub(super) fn new(
        durations: &HistogramVec,
        errors: &IntCounterVec,
        lost: &IntCounterVec,
        untold: IntGauge,
        never_told: &IntCounterVec,
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
            untold,
            never_told: never_told.with_label_values::<&str>(&[]),
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

    fn untold(&self, change: i64) {
        self.untold.add(change);
    }

    fn never_told(&self, successes: u64) {
        self.never_told.inc_by(successes);
    }
}
