//! The limits of the memory store, and how its shards divide them.

/// The number of shards. Requests on different shards do not wait for each other.
const MAX_SHARDS: usize = 64;
/// The fewest entries for which another shard pays off. The limit is divided among all shards, and
/// with few entries chance would fill one long before the others.
const ENTRIES_PER_SHARD: usize = 4096;
/// The same for bytes: an answer must fit into its callback's shard.
const BYTES_PER_SHARD: usize = 1 << 20;
/// The share of its shard that one answer may take. A larger one would displace too many others.
const PART_OF_SHARD: usize = 4;

/// The limits of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryLimits {
    /// The most callbacks, claimed or done.
    pub entries: usize,
    /// The most bytes that they take, including the index.
    pub bytes: usize,
}

impl Default for MemoryLimits {
    fn default() -> Self {
        Self {
            entries: 1_000_000,
            bytes: 256 << 20,
        }
    }
}

impl MemoryLimits {
    pub(super) fn shards(self) -> usize {
        let by_entries = self.entries.div_euclid(ENTRIES_PER_SHARD);
        let by_bytes = self.bytes.div_euclid(BYTES_PER_SHARD);
        by_entries.min(by_bytes).clamp(1, MAX_SHARDS)
    }

    /// The share of one shard, so that no request has to look at another shard.
    pub(super) fn share(self) -> Self {
        let shards = self.shards().max(1);
        Self {
            entries: self.entries.div_ceil(shards),
            bytes: self.bytes.div_euclid(shards),
        }
    }

    /// The largest answer that a shard of this size keeps with its body.
    pub(super) const fn largest_answer(self) -> usize {
        self.bytes.div_euclid(PART_OF_SHARD)
    }

    /// The largest answer that a store with these limits keeps with its body, in bytes.
    #[must_use]
    pub fn largest(self) -> usize {
        self.share().largest_answer()
    }
}
