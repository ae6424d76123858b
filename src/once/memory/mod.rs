//! Callbacks remembered in this process. They survive a reload, but not a restart.

mod memory_limits;
mod shard;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use log::warn;
use tokio::time::Instant;

use super::complaints::Complaints;
use super::identity::Identity;
use super::store::{Claim, Renewal, Store, StoreError, StoreUsage, StoredState, Token};
pub use memory_limits::MemoryLimits;
use shard::Shard;

/// The memory store.
#[derive(Debug)]
pub struct MemoryStore {
    shards: RwLock<Shards>,
    evicted: AtomicU64,
    is_full: Complaints,
}

#[derive(Debug)]
struct Shards {
    all: Box<[Mutex<Shard>]>,
    /// The limits of each shard.
    share: MemoryLimits,
}

impl Shards {
    fn new(limits: MemoryLimits) -> Self {
        Self {
            all: (0..limits.shards()).map(|_| Mutex::default()).collect(),
            share: limits.share(),
        }
    }
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new(limits: MemoryLimits) -> Self {
        Self {
            shards: RwLock::new(Shards::new(limits)),
            evicted: AtomicU64::new(0),
            is_full: Complaints::default(),
        }
    }

    /// Changes the limits. Entries over the new limits are evicted when new ones come.
    ///
    /// If the new limits require another number of shards, requests wait until all entries have
    /// moved: a quarter of a million at most, because larger stores have the most shards before and
    /// after.
    pub fn set_limits(&self, limits: MemoryLimits) {
        let mut shards = self.shards.write().unwrap_or_else(PoisonError::into_inner);
        if shards.all.len() == limits.shards() {
            shards.share = limits.share();
            return;
        }
        let mut all: Box<[Shard]> = (0..limits.shards()).map(|_| Shard::default()).collect();
        let count = all.len();
        let before = std::mem::replace(&mut *shards, Shards::new(limits));
        for shard in before.all {
            let shard = shard.into_inner().unwrap_or_else(PoisonError::into_inner);
            shard.move_into(|id| number(id, count), &mut all);
        }
        shards.all = all.into_iter().map(Mutex::new).collect();
    }

    fn shards(&self) -> RwLockReadGuard<'_, Shards> {
        self.shards.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(
        &self,
        id: &Identity,
        act: impl FnOnce(&mut Shard, MemoryLimits) -> T,
    ) -> Result<T, StoreError> {
        let shards = self.shards();
        // There is always at least one shard.
        let mut shard = number(id, shards.all.len())
            .and_then(|number| shards.all.get(number))
            .map(lock)
            .ok_or_else(|| StoreError::NotDone("no shard".to_owned()))?;
        let before = shard.evicted;
        let result = act(&mut shard, shards.share);
        let evicted = shard.evicted.saturating_sub(before);
        drop(shard);
        if evicted > 0 {
            self.evicted.fetch_add(evicted, Ordering::Relaxed);
            if let Some(count) = self.is_full.add(evicted) {
                warn!(
                    "once: the memory store is full: {count} callbacks were evicted before they \
                     expired, and repeats of them will reach the backend; raise `entries` or \
                     `size`"
                );
            }
        }
        Ok(result)
    }

    /// Adds up a number over all shards, after each has dropped expired entries.
    fn sum<const N: usize>(&self, of: impl Fn(&Shard) -> [usize; N]) -> [usize; N] {
        let now = Instant::now();
        let mut sums = [0_usize; N];
        for shard in &self.shards().all {
            let mut shard = lock(shard);
            shard.expire(now, usize::MAX);
            for (sum, more) in sums.iter_mut().zip(of(&shard)) {
                *sum = sum.saturating_add(more);
            }
        }
        sums
    }
}

/// The shard of a callback. Identities are digests, so any of their bytes distribute them evenly.
fn number(id: &Identity, shards: usize) -> Option<usize> {
    let [.., high, low] = id.bytes();
    usize::from(u16::from_be_bytes([*high, *low])).checked_rem(shards)
}

/// A panic inside the lock leaves no half-made change that is worse than none.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Store for MemoryStore {
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
    ) -> Result<Renewal, StoreError> {
        self.with(id, |shard, _| {
            shard.renew(*id, token, lease, Instant::now())
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

    /// Operations are executed in the order of the calls, so that none arrives late.
    async fn release(&self, id: &Identity, token: Token, _: Duration) -> Result<(), StoreError> {
        self.with(id, |shard, _| shard.release(id, token))
    }

    async fn look(&self, id: &Identity) -> Result<StoredState, StoreError> {
        self.with(id, |shard, _| shard.look(id, Instant::now()))
    }

    async fn forget(&self, id: &Identity) -> Result<StoredState, StoreError> {
        self.with(id, |shard, _| shard.forget(id, Instant::now()))
    }

    fn usage(&self) -> StoreUsage {
        let [entries, bytes] = self.sum(|shard| {
            let (entries, bytes) = shard.size();
            [entries, bytes]
        });
        StoreUsage {
            entries: u64::try_from(entries).ok(),
            bytes: u64::try_from(bytes).ok(),
            evicted: self.evicted.load(Ordering::Relaxed),
        }
    }

    fn forgotten_with_process(&self) -> u64 {
        let [done] = self.sum(|shard| [shard.done()]);
        u64::try_from(done).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests;
