//! Which merchant a callback is from, where several have a route in common.

use std::collections::HashMap;
use std::sync::Arc;

use crate::verify::{Key, KeySet};

/// Whose keys the keys of a route are. The header that picks keys is not asked: it need not be signed, so
/// whoever repeats a callback may put another value there under which the key counts, too. Only which key
/// made the signature is certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signers {
    /// By a key's id: the first of all header values under which it counts.
    merchants: HashMap<String, Arc<str>>,
    shared: Option<(String, String)>,
}

impl Signers {
    /// Those of a set from which a header picks.
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

    /// The merchant whose key it is.
    pub(super) fn merchant(&self, key: &Key) -> &str {
        self.merchants.get(key.id()).map_or("", |merchant| merchant)
    }

    /// The first two header values that have a key in common: their callbacks cannot be told apart.
    #[must_use]
    pub fn shared(&self) -> Option<(&str, &str)> {
        let (first, second) = self.shared.as_ref()?;
        Some((first, second))
    }
}

/// Header values that have keys in common, directly or through others.
#[derive(Default)]
struct Groups {
    by_key: HashMap<[u8; 32], usize>,
    /// The first value of each group, or the group that it has become a part of.
    groups: Vec<Result<Arc<str>, usize>>,
}

impl Groups {
    /// Adds the keys of one value; gives the first value of the group that has some of them already.
    fn add(&mut self, value: &str, keys: &[Arc<Key>]) -> Option<Arc<str>> {
        let own = self.groups.len();
        self.groups.push(Ok(value.into()));
        let mut into = own;
        for key in keys {
            let group = *self.by_key.entry(key.fingerprint()).or_insert(own);
            let group = self.root(group);
            // The first of the values, in their order as text, names the group. A value that sorts before it
            // and gets one of its keys renames it; one name for each key would tell the old and the new key
            // of a merchant apart, at every change of keys.
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
