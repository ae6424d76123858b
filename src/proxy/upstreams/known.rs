//! What is known about servers, across reloads.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::server::{Address, ServerCounters, ServerState};
use crate::config::{Endpoint, UpstreamServer};
use crate::ops::upgrade::ServerAddresses;

type States = HashMap<(String, Address), Arc<ServerState>>;
type CountersByServer = HashMap<(String, String), Arc<ServerCounters>>;
type AddressesByServer = HashMap<(String, String), Vec<SocketAddr>>;

/// What is known about each server of each upstream, for all generations.
#[derive(Default)]
pub(in crate::proxy) struct ServerMemory(Mutex<ServerRecords>);

#[derive(Default)]
struct ServerRecords {
    /// By upstream and address.
    states: States,
    /// By upstream and the server's name, whose addresses may change.
    counts: CountersByServer,
    /// The addresses of the server's name, by upstream and that name.
    addresses: AddressesByServer,
}

/// The memory while a generation is being created.
pub(super) struct Known<'m> {
    memory: &'m ServerMemory,
    asked: ServerRecords,
}

impl ServerMemory {
    /// With what the process before knew.
    pub(in crate::proxy) fn with_addresses(known: Vec<ServerAddresses>) -> Self {
        let entry = |one: ServerAddresses| ((one.upstream, one.server), one.addresses);
        Self(Mutex::new(ServerRecords {
            addresses: known.into_iter().map(entry).collect(),
            ..ServerRecords::default()
        }))
    }

    /// The addresses of all names that have any.
    pub(in crate::proxy) fn addresses(&self) -> Vec<ServerAddresses> {
        let known = self.lock();
        let known = known.addresses.iter();
        let known = known.filter(|(_, addresses)| !addresses.is_empty());
        let one = |((upstream, server), addresses): (&(String, String), &Vec<SocketAddr>)| {
            ServerAddresses {
                upstream: upstream.clone(),
                server: server.clone(),
                addresses: addresses.clone(),
            }
        };
        known.map(one).collect()
    }

    pub(super) fn recall(&self) -> Known<'_> {
        Known {
            memory: self,
            asked: ServerRecords::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, ServerRecords> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.lock().states.len()
    }
}

impl Known<'_> {
    /// What is known about a server; nothing for a new one.
    pub(super) fn state(&mut self, upstream: &str, address: &Address) -> Arc<ServerState> {
        let key = (upstream.to_owned(), address.clone());
        let known = self.memory.lock();
        let asked = &mut self.asked.states;
        let state = asked.get(&key).or_else(|| known.states.get(&key));
        let state = state.map(Arc::clone).unwrap_or_default();
        asked.insert(key, Arc::clone(&state));
        state
    }

    /// The counts of a server's name; zero for a new one.
    pub(super) fn count(&mut self, upstream: &str, name: &str) -> Arc<ServerCounters> {
        let key = (upstream.to_owned(), name.to_owned());
        let known = self.memory.lock();
        let asked = &mut self.asked.counts;
        let count = asked.get(&key).or_else(|| known.counts.get(&key));
        let count = count.map(Arc::clone).unwrap_or_default();
        asked.insert(key, Arc::clone(&count));
        count
    }

    /// The server with the addresses that its name had last, if it has none now.
    pub(super) fn with_addresses(
        &mut self,
        upstream: &str,
        server: &UpstreamServer,
    ) -> UpstreamServer {
        let mut server = server.clone();
        if let Endpoint::Inet { addresses, .. } = &mut server.endpoint
            && addresses.is_empty()
        {
            let key = (upstream.to_owned(), server.name.clone());
            let known = self.memory.lock();
            *addresses = known.addresses.get(&key).cloned().unwrap_or_default();
        }
        self.note_addresses(upstream, &server);
        server
    }

    /// Notes the addresses of a server's name.
    pub(super) fn note_addresses(&mut self, upstream: &str, server: &UpstreamServer) {
        if let Endpoint::Inet {
            host: Some(_),
            addresses,
        } = &server.endpoint
        {
            let key = (upstream.to_owned(), server.name.clone());
            self.asked.addresses.insert(key, addresses.clone());
        }
    }

    /// Stores what was asked for, for this upstream. What it had before is kept only while it is in
    /// use: names may change their addresses for ever.
    pub(super) fn add(self, upstream: &str) {
        let mut known = self.memory.lock();
        let ServerRecords {
            states,
            counts,
            addresses,
        } = self.asked;
        let is_needed = |state: &Arc<ServerState>| Arc::strong_count(state) > 1;
        known
            .states
            .retain(|(name, _), state| name != upstream || is_needed(state));
        known.states.extend(states);
        known.counts.extend(counts);
        known.addresses.extend(addresses);
    }

    /// Forgets the servers that were not asked for.
    pub(super) fn keep(self) {
        *self.memory.lock() = self.asked;
    }
}
