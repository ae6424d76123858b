//! Idle admin connections: they make room for new ones.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The idle connections, in the order in which they became idle.
#[derive(Clone, Default)]
pub(super) struct IdleOnes {
    queue: Arc<Mutex<VecDeque<Arc<Notify>>>>,
}

/// One connection.
pub(super) struct IdleConnection {
    all: IdleOnes,
    told: Arc<Notify>,
}

impl IdleOnes {
    /// Registers a new connection, as idle.
    pub(super) fn connection(&self) -> IdleConnection {
        let idle = IdleConnection {
            all: self.clone(),
            told: Arc::default(),
        };
        idle.begin();
        idle
    }

    /// Asks the connection that has been idle for longest to close, if there is one.
    pub(super) fn make_room(&self) {
        if let Some(longest) = self.lock().pop_front() {
            longest.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<Notify>>> {
        // Every change is complete after each of its steps.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl IdleConnection {
    /// Waits for something while the connection is idle; `None` if it is asked to close first.
    pub(super) async fn unless_told<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.begin();
        let done = tokio::select! {
            // A request that has just arrived is still answered: that takes no time.
            biased;
            done = work => Some(done),
            () = self.told.notified() => None,
        };
        self.end();
        done
    }

    fn begin(&self) {
        let mut queue = self.all.lock();
        if !queue.iter().any(|other| Arc::ptr_eq(other, &self.told)) {
            queue.push_back(Arc::clone(&self.told));
        }
    }

    fn end(&self) {
        let told = &self.told;
        self.all.lock().retain(|other| !Arc::ptr_eq(other, told));
    }
}

impl Drop for IdleConnection {
    fn drop(&mut self) {
        self.end();
    }
}
