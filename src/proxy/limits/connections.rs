//! How many connections there are, in all and from each client.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::rate::client_key;
use super::throttle::Throttle;

/// How many connections there are.
#[derive(Debug, Default)]
pub(in crate::proxy) struct Connections {
    total: AtomicUsize,
    /// Only as many clients as have a connection, so no more than there may be connections.
    of_client: Mutex<HashMap<u64, usize>>,
    refused: AtomicUsize,
    said: Throttle,
}

/// One connection; dropped with it.
#[derive(Debug)]
pub(in crate::proxy) struct Slot {
    connections: Arc<Connections>,
    client: Option<u64>,
}

impl Connections {
    /// Counts a connection; `None` if there are as many as there may be.
    pub(in crate::proxy) fn take(self: &Arc<Self>, limit: usize) -> Option<Slot> {
        let before = self.total.fetch_add(1, Ordering::Relaxed);
        // Dropped again at once if it is one too many.
        let slot = Slot {
            connections: Arc::clone(self),
            client: None,
        };
        (before < limit).then_some(slot)
    }

    /// Counts a connection that is not served, and has it said now and then.
    pub(in crate::proxy) fn refused(&self, say: impl FnOnce()) {
        self.refused.fetch_add(1, Ordering::Relaxed);
        if self.said.passes() {
            say();
        }
    }

    pub(in crate::proxy) fn refused_so_far(&self) -> usize {
        self.refused.load(Ordering::Relaxed)
    }

    fn of_client(&self) -> MutexGuard<'_, HashMap<u64, usize>> {
        self.of_client
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// Counts it for its client, too; `false` if that one has as many as it may have.
    pub(in crate::proxy) fn count_for(&mut self, client: Option<IpAddr>, limit: usize) -> bool {
        let key = client_key(client);
        let mut of_client = self.connections.of_client();
        let count = of_client.entry(key).or_default();
        if *count >= limit {
            return false;
        }
        *count = count.saturating_add(1);
        drop(of_client);
        self.client = Some(key);
        true
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.connections.total.fetch_sub(1, Ordering::Relaxed);
        let Some(client) = self.client else {
            return;
        };
        let mut of_client = self.connections.of_client();
        if let Some(count) = of_client.get_mut(&client) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                of_client.remove(&client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_in_all_and_for_each_client() {
        let connections = Arc::new(Connections::default());
        let client = |last: u8| Some(IpAddr::from([192, 0, 2, last]));
        let mut slots: Vec<_> = (0..3).map(|_| connections.take(3).unwrap()).collect();
        assert!(connections.take(3).is_none());
        assert!(slots[0].count_for(client(1), 1));
        assert!(!slots[1].count_for(client(1), 1));
        assert!(slots[2].count_for(client(2), 1));
        drop(slots);
        assert!(connections.of_client().is_empty());
        assert!(
            connections
                .take(1)
                .is_some_and(|mut slot| slot.count_for(client(1), 1))
        );
        assert!(connections.take(1).is_some());
    }
}
