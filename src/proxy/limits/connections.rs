//! The number of connections, in total and from each client.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::connection_slots::{Slot, Slots};
use super::rate::client_key;
use super::throttle::Throttle;
use crate::config::ClientAddress;

/// The number of connections.
#[derive(Debug)]
pub(in crate::proxy) struct Connections {
    total: AtomicUsize,
    slots: Arc<Slots>,
    evicted: AtomicUsize,
    said_full: Throttle,
    /// An entry for each client with a connection, so no more than there may be connections.
    of_client: Mutex<HashMap<ClientSource, usize>>,
}

/// What connections are counted by: a client, or an IPv6 network of 48 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum ClientSource {
    Client(u64),
    Network(u64),
}

/// How many times a client's limit applies to a 48-bit network, which anybody can get.
const NETWORK: usize = 4;

/// One connection, counted until it is dropped.
#[derive(Debug)]
pub(in crate::proxy) struct ConnectionPermit {
    /// Where the connection reports that it waits for a request.
    pub(in crate::proxy) slot: Arc<Slot>,
    connections: Arc<Connections>,
    counted: [Option<ClientSource>; 2],
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            total: AtomicUsize::default(),
            slots: Arc::new(Slots::new()),
            evicted: AtomicUsize::default(),
            said_full: Throttle::default(),
            of_client: Mutex::default(),
        }
    }
}

impl Connections {
    /// Counts a connection. If the limit is reached, another connection makes room, which is logged
    /// now and then; `None` if none can.
    pub(in crate::proxy) fn take(
        self: &Arc<Self>,
        limit: usize,
        say: impl FnOnce(),
    ) -> Option<ConnectionPermit> {
        let before = self.total.fetch_add(1, Ordering::Relaxed);
        // Those that already make room are closed in a moment.
        let staying = before.saturating_sub(self.slots.leaving());
        if staying >= limit {
            if !self.evict() {
                self.total.fetch_sub(1, Ordering::Relaxed);
                return None;
            }
            // The limit was lowered.
            if staying > limit {
                self.evict();
            }
            if self.said_full.passes() {
                say();
            }
        }
        Some(ConnectionPermit {
            slot: Arc::new(Slot::take(&self.slots)),
            connections: Arc::clone(self),
            counted: [None; 2],
        })
    }

    /// Makes a connection make room; `false` if none can.
    fn evict(&self) -> bool {
        let found = self.slots.make_room();
        if found {
            self.evicted.fetch_add(1, Ordering::Relaxed);
        }
        found
    }

    /// How many had to make room since the start.
    pub(in crate::proxy) fn evicted_so_far(&self) -> usize {
        self.evicted.load(Ordering::Relaxed)
    }

    fn of_client(&self) -> MutexGuard<'_, HashMap<ClientSource, usize>> {
        self.of_client
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl ConnectionPermit {
    /// Counts it for its client and that client's network, too; `false` if either has reached its
    /// limit.
    pub(in crate::proxy) fn count_for(&mut self, client: ClientAddress, limit: usize) -> bool {
        let own = client_key(client);
        let network = matches!(client, ClientAddress::Ip(IpAddr::V6(_)));
        let network = network.then_some((
            ClientSource::Network(own >> 16),
            limit.saturating_mul(NETWORK),
        ));
        let counts = [Some((ClientSource::Client(own), limit)), network];
        let mut of_client = self.connections.of_client();
        let has_all = |(key, limit): &(ClientSource, usize)| {
            of_client.get(key).is_some_and(|count| count >= limit)
        };
        if counts.iter().flatten().any(has_all) {
            return false;
        }
        for (key, _) in counts.iter().flatten() {
            let count = of_client.entry(*key).or_default();
            *count = count.saturating_add(1);
        }
        drop(of_client);
        self.counted = counts.map(|count| count.map(|(key, _)| key));
        true
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        self.connections.total.fetch_sub(1, Ordering::Relaxed);
        if self.counted.iter().all(Option::is_none) {
            return;
        }
        let mut of_client = self.connections.of_client();
        for key in self.counted.iter().flatten() {
            if let Some(count) = of_client.get_mut(key) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    of_client.remove(key);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_counted_in_total_and_per_client() {
        let connections = Arc::new(Connections::default());
        let take = |limit| {
            let permit = connections.take(limit, || ())?;
            assert!(permit.slot.begin());
            Some(permit)
        };
        let client = |last: u8| ClientAddress::Ip([192, 0, 2, last].into());
        let mut permits: Vec<_> = (0..3).map(|_| take(3).unwrap()).collect();
        assert!(take(3).is_none());
        assert!(permits[0].count_for(client(1), 1));
        assert!(!permits[1].count_for(client(1), 1));
        assert!(permits[2].count_for(client(2), 1));
        drop(permits);
        assert!(connections.of_client().is_empty());
        assert!(take(1).is_some_and(|mut permit| permit.count_for(client(1), 1)));
        assert!(take(1).is_some());
    }

    #[test]
    fn idle_connections_make_room_one_for_one() {
        let connections = Arc::new(Connections::default());
        let take = |limit| connections.take(limit, || ());
        let mut permits: Vec<_> = (0..3).map(|_| take(3).unwrap()).collect();
        assert!(permits[2].slot.begin());
        for _ in 0..2 {
            let permit = take(3).unwrap();
            assert!(permit.slot.begin());
            permits.push(permit);
        }
        assert!(take(3).is_none());
        assert_eq!((permits.len(), connections.evicted_so_far()), (5, 2));
        assert!(!permits[0].slot.begin() && !permits[1].slot.begin());
        // They are gone: there are three again.
        permits.drain(..2);
        assert!(take(3).is_none());
        // A lower limit is reached bit by bit.
        permits.iter().for_each(|permit| permit.slot.end());
        permits.push(take(1).unwrap());
        assert_eq!(connections.evicted_so_far(), 4);
    }
}
