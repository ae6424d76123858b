//! Counters most of which are never needed.

use std::sync::OnceLock;

use prometheus::{IntCounter, IntCounterVec};

/// One counter for each of a closed list of label values; a series appears once it counts.
#[derive(Debug)]
pub(super) struct Seldom {
    family: IntCounterVec,
    /// The labels before the one that comes from the list.
    labels: Vec<String>,
    counters: Box<[OnceLock<IntCounter>]>,
}

impl Seldom {
    pub(super) fn new(family: &IntCounterVec, labels: &[&str], count: usize) -> Self {
        Self {
            family: family.clone(),
            labels: labels.iter().map(|&label| label.to_owned()).collect(),
            counters: (0..count).map(|_| OnceLock::new()).collect(),
        }
    }

    /// Increments the counter of this list item.
    pub(super) fn count(&self, at: usize, value: &str) {
        if let Some(counter) = self.counter(at, value) {
            counter.inc();
        }
    }

    /// Shows the counter of this list item even if it is zero.
    pub(super) fn show(&self, at: usize, value: &str) {
        let _ = self.counter(at, value);
    }

    /// Takes a lock the first time.
    fn counter(&self, at: usize, value: &str) -> Option<&IntCounter> {
        let counter = self.counters.get(at)?;
        Some(counter.get_or_init(|| {
            let labels = self.labels.iter().map(String::as_str).chain([value]);
            self.family.with_label_values(&labels.collect::<Vec<_>>())
        }))
    }
}
