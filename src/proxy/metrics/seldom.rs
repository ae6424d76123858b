//! Counters of which most are never needed.

use std::sync::OnceLock;

use prometheus::{IntCounter, IntCounterVec};

/// One counter for each of a closed list of label values; a series appears once it counts.
#[derive(Debug)]
pub(super) struct Seldom {
    family: IntCounterVec,
    /// The labels in front of the one that the list is about.
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

    /// Counts the value at this place of the list.
    pub(super) fn count(&self, at: usize, value: &str) {
        if let Some(counter) = self.counter(at, value) {
            counter.inc();
        }
    }

    /// Shows the value at this place of the list, though it may be zero.
    pub(super) fn show(&self, at: usize, value: &str) {
        let _ = self.counter(at, value);
    }

    /// The first time takes a lock.
    fn counter(&self, at: usize, value: &str) -> Option<&IntCounter> {
        let counter = self.counters.get(at)?;
        Some(counter.get_or_init(|| {
            let labels = self.labels.iter().map(String::as_str).chain([value]);
            self.family.with_label_values(&labels.collect::<Vec<_>>())
        }))
    }
}
