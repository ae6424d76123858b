//! Which merchant sent a callback, on a route that several merchants share.

use std::collections::HashMap;
use std::sync::Arc;

use crate::verify::{Key, KeySet};

/// Maps a route's keys to merchants. The header that selects keys is not used: it may be unsigned,
/// so an attacker could replay a callback with another value that selects the same key. Only the
/// key that made the signature is certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signers {
    /// By key id: the first of all header values that select the key.
    merchants: HashMap<String, Arc<str>>,
    shared: Option<(String, String)>,
}

impl Signers {
    /// The signers of a key set that a header selects from.
    #[must_use]
    pub fn of(keys: &KeySet<Key>) -> Option<Self> {
        let KeySet::ByHeader { sets, .. } = keys else {
            return None;
        };
        let mut groups = Groups::default();
        let mut shared = None;
        for (value, keys) in sets {
            let earlier = groups.add(value, keys);
            shared = shared.or_else(|| earlier.map(|earlier| (earlier.to_string(), value.clone())));
        }
        let merchants = sets.values().flatten().map(|key| {
            let merchant = groups.of(key).unwrap_or_default();
            (key.id().to_owned(), merchant)
        });
        Some(Self {
            merchants: merchants.collect(),
            shared,
        })
    }

    /// The merchant that the key belongs to.
    pub(super) fn merchant(&self, key: &Key) -> &str {
        self.merchants.get(key.id()).map_or("", |merchant| merchant)
    }

    /// The first two header values that share a key: their callbacks cannot be told apart.
    #[must_use]
    pub fn shared(&self) -> Option<(&str, &str)> {
        let (first, second) = self.shared.as_ref()?;
        Some((first, second))
    }
}

/// Header values that share keys, directly or through others.
#[derive(Default)]
struct Groups {
    by_key: HashMap<[u8; 32], usize>,
    /// The first value of each group, or of the group that it was merged into.
    groups: Vec<Result<Arc<str>, usize>>,
}

impl Groups {
    /// Adds the keys of one value. Returns the first value of the group that already has one of
    /// them.
    fn add(&mut self, value: &str, keys: &[Arc<Key>]) -> Option<Arc<str>> {
        let own = self.groups.len();
        self.groups.push(Ok(value.into()));
        let mut into = own;
        for key in keys {
            let group = *self.by_key.entry(key.fingerprint()).or_insert(own);
            let group = self.root(group);
            // The first value in text order names the group. A value that sorts before it and
            // shares one of its keys renames the group. Naming merchants by key instead would tell
            // a merchant's old and new key apart at every key change.
            let (older, newer) = (into.min(group), into.max(group));
            if older != newer
                && let Some(newer) = self.groups.get_mut(newer)
            {
                *newer = Err(older);
            }
            into = older;
        }
        (into != own).then(|| self.name(into)).flatten()
    }

    fn root(&self, mut group: usize) -> usize {
        while let Some(Err(into)) = self.groups.get(group) {
            group = *into;
        }
        group
    }

    fn name(&self, group: usize) -> Option<Arc<str>> {
        self.groups.get(group)?.as_ref().ok().cloned()
    }

    fn of(&self, key: &Key) -> Option<Arc<str>> {
        self.name(self.root(*self.by_key.get(&key.fingerprint())?))
    }
}
