//! Callbacks remembered in this process. A reload keeps them, a new process begins without.

mod shard;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::time::Instant;

use super::identity::Identity;
use super::store::{Claim, Store, StoreError, Token, Usage};
use shard::{Room, Shard};

/// Requests on different shards do not wait for each other.
const MAX_SHARDS: usize = 64;
/// A shard for fewer entries is not worth while: the limit is divided among all of them, and with
/// few entries chance would fill one long before the others.
const ENTRIES_PER_SHARD: usize = 4096;

/// How much is remembered at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Callbacks, claimed or done.
    pub entries: usize,
    /// What they take, in bytes, with all that is needed to find them.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 1_000_000,
            bytes: 256 << 20,
        }
    }
}

/// The memory store.
#[derive(Debug)]
pub struct Memory {
    shards: Box<[Mutex<Shard>]>,
    entries: AtomicUsize,
    bytes: AtomicUsize,
    evicted: AtomicU64,
}

impl Memory {
    /// One that remembers nothing yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let shards = limits
            .entries
            .div_euclid(ENTRIES_PER_SHARD)
            .clamp(1, MAX_SHARDS);
        let memory = Self {
            shards: (0..shards).map(|_| Mutex::default()).collect(),
            entries: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            evicted: AtomicU64::new(0),
        };
        memory.set_limits(limits);
        memory
    }

    /// Changes the limits. What is over them goes when something new comes.
    pub fn set_limits(&self, limits: Limits) {
        let shards = self.shards.len();
        // Each shard has its part, so that no request needs to look at another one.
        let share = |all: usize| all.div_ceil(shards.max(1));
        self.entries.store(share(limits.entries), Ordering::Relaxed);
        self.bytes.store(share(limits.bytes), Ordering::Relaxed);
    }

    fn room(&self) -> Room {
        Room {
            entries: self.entries.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
        }
    }

    /// Identities are digests, so any of their bytes spread them evenly.
    fn shard(&self, id: &Identity) -> Option<MutexGuard<'_, Shard>> {
        let [.., high, low] = id.bytes();
        let number = usize::from(u16::from_be_bytes([*high, *low]));
        let shard = self.shards.get(number.checked_rem(self.shards.len())?)?;
        Some(lock(shard))
    }

    fn with<T>(
        &self,
        id: &Identity,
        act: impl FnOnce(&mut Shard, Room) -> T,
    ) -> Result<T, StoreError> {
        // There is always at least one.
        let mut shard = self
            .shard(id)
            .ok_or_else(|| StoreError::NotDone("no shard".to_owned()))?;
        let before = shard.evicted;
        let result = act(&mut shard, self.room());
        let evicted = shard.evicted.saturating_sub(before);
        drop(shard);
        if evicted > 0 {
            self.evicted.fetch_add(evicted, Ordering::Relaxed);
        }
        Ok(result)
    }
}

/// A panic while one was held left no half-made change that could be worse than none.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Store for Memory {
    async fn claim(
        &self,
        id: &Identity,
        token: Token,
        lease: Duration,
    ) -> Result<Claim, StoreError> {
        self.with(id, |shard, room| {
            shard.claim(*id, token, lease, Instant::now(), room)
        })?
    }

    async fn renew(
        &self,
        id: &Identity,
        token: Token,
        lease: Duration,
    ) -> Result<bool, StoreError> {
        self.with(id, |shard, room| {
            shard.renew(*id, token, lease, Instant::now(), room)
        })
    }

    async fn commit(
        &self,
        id: &Identity,
        _: Token,
        answer: Bytes,
        keep: Duration,
    ) -> Result<(), StoreError> {
        self.with(id, |shard, room| {
            shard.commit(*id, answer, keep, Instant::now(), room);
        })
    }

    async fn release(&self, id: &Identity, token: Token) -> Result<(), StoreError> {
        self.with(id, |shard, _| shard.release(id, token))
    }

    fn usage(&self) -> Usage {
        let now = Instant::now();
        let (entries, bytes) = self.shards.iter().fold((0, 0), |(entries, bytes), shard| {
            let mut shard = lock(shard);
            shard.expire(now, usize::MAX);
            let (more_entries, more_bytes) = shard.size();
            (
                usize::saturating_add(entries, more_entries),
                usize::saturating_add(bytes, more_bytes),
            )
        });
        Usage {
            entries: u64::try_from(entries).ok(),
            bytes: u64::try_from(bytes).ok(),
            evicted: self.evicted.load(Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests;
