//! Two members of one name in an object, which parsers read differently.

use std::hash::{BuildHasher as _, RandomState};

use once_cell::sync::Lazy;

use super::Parser;
use crate::json::error::{JsonError, JsonErrorKind};
use crate::json::json_value::{Name, Node};
use crate::memory::OutOfMemory;

/// Up to this many members, comparing names pairwise is faster than sorting their hashes.
const PAIRWISE_NAMES: usize = 16;

/// Hashes names with a random key of this process, so that nobody can construct collisions.
static NAME_HASH: Lazy<RandomState> = Lazy::new(RandomState::new);

impl Parser<'_, '_> {
    /// Refuses two members with the same decoded name in the object at `index`.
    pub(super) fn refuse_repeated_names(&mut self, index: usize) -> Result<(), JsonError> {
        let names = || ObjectNames {
            nodes: &self.document.nodes,
            index: index.saturating_add(1),
        };
        let repeated = |name: Name| JsonError {
            kind: JsonErrorKind::RepeatedName,
            at: name.span.start as usize,
        };
        // Decode each name with escapes once, not once per pair.
        let few_and_plain =
            names().nth(PAIRWISE_NAMES).is_none() && !names().any(|name| name.escaped);
        if few_and_plain {
            for (nth, name) in names().enumerate() {
                if names().take(nth).any(|earlier| {
                    self.document.text(earlier.span) == self.document.text(name.span)
                }) {
                    return Err(repeated(name));
                }
            }
            return Ok(());
        }
        // Many writers sort their members; then one pass is enough.
        let texts = names().map(|name| self.document.name_text(name));
        if texts.is_sorted_by(|a, b| a < b) {
            return Ok(());
        }
        let count = names().count();
        let bytes = count.saturating_mul(size_of::<(u64, Name)>());
        self.memory
            .take(bytes)
            .map_err(|OutOfMemory| self.error(JsonErrorKind::OutOfMemory))?;
        let mut hashed: Vec<(u64, Name)> = Vec::with_capacity(count);
        hashed.extend(names().map(|name| {
            let text = self.document.name_text(name);
            (NAME_HASH.hash_one(text.as_bytes()), name)
        }));
        hashed.sort_unstable_by_key(|(hash, name)| (*hash, name.span.start));
        let twins = hashed
            .chunk_by(|(a, _), (b, _)| a == b)
            .filter_map(|same_hash| self.first_twin(same_hash));
        let first = twins.min_by_key(|name| name.span.start);
        drop(hashed);
        self.memory.give(bytes);
        first.map_or(Ok(()), |name| Err(repeated(name)))
    }

    /// The first of some names that equals an earlier one. They have the same hash, so they are
    /// equal, or collide with probability 10^-19.
    fn first_twin(&self, names: &[(u64, Name)]) -> Option<Name> {
        let text = |name: &Name| self.document.name_text(*name);
        let mut later = names.iter().map(|(_, name)| name).enumerate().skip(1);
        let is_twin = |nth: usize, name: &Name| {
            let before = names.iter().take(nth);
            before
                .map(|(_, name)| text(name))
                .any(|earlier| earlier == text(name))
        };
        later
            .find(|(nth, name)| is_twin(*nth, name))
            .map(|(_, name)| *name)
    }
}

/// The names of the object that was just parsed: its contents are the last nodes.
struct ObjectNames<'p> {
    nodes: &'p [Node],
    index: usize,
}

impl Iterator for ObjectNames<'_> {
    type Item = Name;

    fn next(&mut self) -> Option<Name> {
        let node = self.nodes.get(self.index)?;
        self.index = node.next as usize;
        node.name
    }
}
