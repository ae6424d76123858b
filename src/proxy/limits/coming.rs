//! Bodies that are being received, by client.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Bodies that are being received, by client. `T` is the handle of each.
#[derive(Debug)]
pub(super) struct Coming<T> {
    total: usize,
    /// In the order in which they started.
    of_client: HashMap<u64, BTreeMap<u64, T>>,
    ranks: BTreeSet<ClientRank>,
}

/// A client's number of bodies, its oldest body, and the client. The greatest is the client with
/// the most bodies; among equals, the one whose oldest body started first.
type ClientRank = (usize, Reverse<u64>, u64);

impl<T> Default for Coming<T> {
    fn default() -> Self {
        Self {
            total: 0,
            of_client: HashMap::new(),
            ranks: BTreeSet::new(),
        }
    }
}

impl<T> Coming<T> {
    /// The number of bodies.
    pub(super) fn total(&self) -> usize {
        self.total
    }

    pub(super) fn insert(&mut self, key: u64, client: u64, body: T) {
        self.change(client, |bodies| bodies.insert(key, body));
        self.total = self.total.saturating_add(1);
    }

    pub(super) fn remove(&mut self, key: u64, client: u64) {
        if self.change(client, |bodies| bodies.remove(&key)).is_some() {
            self.total = self.total.saturating_sub(1);
        }
    }

    /// Takes out the oldest body of the client with the most.
    pub(super) fn pop(&mut self) -> Option<T> {
        let &(_, _, client) = self.ranks.last()?;
        let (_, body) = self.change(client, BTreeMap::pop_first)?;
        self.total = self.total.saturating_sub(1);
        Some(body)
    }

    /// Changes a client's bodies, and its rank accordingly.
    fn change<R>(&mut self, client: u64, change: impl FnOnce(&mut BTreeMap<u64, T>) -> R) -> R {
        let bodies = self.of_client.entry(client).or_default();
        if let Some(rank) = rank(client, bodies) {
            self.ranks.remove(&rank);
        }
        let result = change(bodies);
        match rank(client, bodies) {
            Some(rank) => drop(self.ranks.insert(rank)),
            None => drop(self.of_client.remove(&client)),
        }
        result
    }
}

fn rank<T>(client: u64, bodies: &BTreeMap<u64, T>) -> Option<ClientRank> {
    let (first, _) = bodies.first_key_value()?;
    Some((bodies.len(), Reverse(*first), client))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_body_of_the_client_with_the_most_makes_room() {
        let mut coming = Coming::default();
        for (key, client) in [(0, 1), (1, 2), (2, 2), (3, 2), (4, 1), (5, 3)] {
            coming.insert(key, client, key);
        }
        assert_eq!(coming.total(), 6);
        assert_eq!(coming.pop(), Some(1));
        // Two clients have two now.
        assert_eq!(coming.pop(), Some(0));
        coming.remove(3, 2);
        // It is gone already.
        coming.remove(3, 2);
        let left: Vec<_> = std::iter::from_fn(|| coming.pop()).collect();
        assert_eq!(left, [2, 4, 5]);
        assert!(coming.of_client.is_empty() && coming.ranks.is_empty());
    }
}
