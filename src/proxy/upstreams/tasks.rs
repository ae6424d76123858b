//! What goes on beside requests, as long as a generation is in force.

use std::sync::{Mutex, PoisonError};

use tokio::task::JoinSet;

/// Tasks that end with their generation.
#[derive(Default)]
pub(super) struct Tasks(Mutex<JoinSet<()>>);

impl Tasks {
    pub(super) fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        let tasks = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        tasks.spawn(task);
    }

    pub(super) fn stop(&self) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.abort_all();
    }
}
