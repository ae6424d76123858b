//! What is known of servers, across reloads.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::server::{Address, State};

type States = HashMap<(String, Address), Arc<State>>;

/// What is known of each server of each upstream, for all generations.
#[derive(Default)]
pub(in crate::proxy) struct Memory(Mutex<States>);

/// The memory while a generation is made.
pub(super) struct Known<'m> {
    memory: &'m Memory,
    states: States,
}

impl Memory {
    pub(super) fn recall(&self) -> Known<'_> {
        Known {
            memory: self,
            states: States::new(),
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

impl Known<'_> {
    /// What is known of a server; of a new one, nothing.
    pub(super) fn state(&mut self, upstream: &str, address: &Address) -> Arc<State> {
        let key = (upstream.to_owned(), address.clone());
        let known = self.memory.0.lock().unwrap_or_else(PoisonError::into_inner);
        let state = self.states.get(&key).or_else(|| known.get(&key));
        let state = state.map(Arc::clone).unwrap_or_default();
        self.states.insert(key, Arc::clone(&state));
        state
    }

    /// Remembers what was asked for, of that upstream; what it had before only as long as anybody
    /// has to do with it. Names may go on changing their addresses for ever.
    pub(super) fn add(self, upstream: &str) {
        let mut known = self.memory.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(name, _), state| name != upstream || Arc::strong_count(state) > 1);
        known.extend(self.states);
    }

    /// Forgets the servers that were not asked for.
    pub(super) fn keep(self) {
        *self.memory.0.lock().unwrap_or_else(PoisonError::into_inner) = self.states;
    }
}
