//! A part of the memory store, under one lock.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::memory_limits::MemoryLimits;
use crate::once::answer;
use crate::once::identity::Identity;
use crate::once::store::{Claim, Renewal, StoreError, StoredState, Token};

/// The size of an entry without its answer, in bytes: measured (docs/once.md), rounded up.
const ENTRY: usize = 240;
/// The cost of a separate allocation.
const ANSWER: usize = 48;
/// A claim reserves at least the room of the entry that it will become: a done callback with the
/// backend's status. So a commit always has room.
const CLAIM: usize = ENTRY + ANSWER + 8;
/// Answers of more bytes than this lose their bodies before any callback is evicted. The answers
/// that providers expect are shorter.
const LARGE: usize = 512;
/// A large answer's place in the order of eviction.
const LARGE_ANSWER: usize = 64;
/// How many expired entries are dropped in each operation: more than one operation adds, so that
/// they never pile up.
const FORGET: usize = 4;

#[derive(Debug, Default)]
pub(super) struct Shard {
    entries: HashMap<Identity, MemoryEntry, BuildHasherDefault<AlreadyHashed>>,
    /// Claims, by the end of their lease. They are never evicted.
    leases: BTreeSet<(Instant, Identity)>,
    /// Done callbacks, by expiry: the order of eviction.
    done: BTreeSet<(Instant, Identity)>,
    /// Those of them with large answers.
    large: BTreeSet<(Instant, Identity)>,
    bytes: usize,
    pub(super) evicted: u64,
}

#[derive(Debug)]
enum MemoryEntry {
    Claimed { token: Token, until: Instant },
    Done { answer: Bytes, until: Instant },
}

impl MemoryEntry {
    const fn until(&self) -> Instant {
        match self {
            Self::Claimed { until, .. } | Self::Done { until, .. } => *until,
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Claimed { .. } => CLAIM,
            Self::Done { answer, .. } => {
                let place = if self.is_large() { LARGE_ANSWER } else { 0 };
                (ENTRY + ANSWER)
                    .saturating_add(place)
                    .saturating_add(answer.len())
            }
        }
    }

    /// Keeps the status alone.
    fn without_body(self) -> Self {
        match self {
            Self::Claimed { .. } => self,
            Self::Done { answer, until } => Self::Done {
                answer: answer::without_body(&answer),
                until,
            },
        }
    }

    fn is_large(&self) -> bool {
        matches!(self, Self::Done { answer, .. } if answer.len() > LARGE)
    }
}

impl Shard {
    pub(super) fn claim(
        &mut self,
        id: Identity,
        token: Token,
        lease: Duration,
        now: Instant,
        room: MemoryLimits,
    ) -> Result<Claim, StoreError> {
        self.expire(now, FORGET);
        match self.entries.get(&id).filter(|entry| entry.until() > now) {
            Some(MemoryEntry::Done { answer, .. }) => return Ok(Claim::Done(answer.clone())),
            Some(MemoryEntry::Claimed {
                token: other,
                until,
            }) if *other != token => {
                return Ok(Claim::InFlight(until.saturating_duration_since(now)));
            }
            _ => {}
        }
        self.take(id);
        if !self.make_room(CLAIM, room) {
            return Err(StoreError::Full);
        }
        let until = later(now, lease);
        self.put(id, MemoryEntry::Claimed { token, until });
        Ok(Claim::Fresh)
    }

    pub(super) fn renew(
        &mut self,
        id: Identity,
        token: Token,
        lease: Duration,
        now: Instant,
    ) -> Renewal {
        match self.entries.get(&id).filter(|entry| entry.until() > now) {
            Some(MemoryEntry::Claimed { token: other, .. }) if *other == token => {}
            Some(_) => return Renewal::Lost,
            None => return Renewal::Gone,
        }
        self.take(id);
        let until = later(now, lease);
        self.put(id, MemoryEntry::Claimed { token, until });
        Renewal::Held
    }

    pub(super) fn commit(
        &mut self,
        id: Identity,
        mut answer: Bytes,
        keep: Duration,
        now: Instant,
        room: MemoryLimits,
    ) {
        let known = self.entries.get(&id).filter(|entry| entry.until() > now);
        if matches!(known, Some(MemoryEntry::Done { .. })) {
            return;
        }
        self.take(id);
        let until = later(now, keep);
        if answer.len() > room.largest_answer() {
            answer = answer::without_body(&answer);
        }
        let mut entry = MemoryEntry::Done { answer, until };
        // No other callback is evicted in favour of a large answer.
        if entry.is_large() && !self.shorten_others(entry.bytes(), room) {
            entry = entry.without_body();
        }
        // Claims may take all the room except its own. A callback that lost its claim is stored
        // beyond the limit, because a backend accepted it.
        if !self.make_room(entry.bytes(), room) {
            entry = entry.without_body();
        }
        self.put(id, entry);
    }

    pub(super) fn release(&mut self, id: &Identity, token: Token) {
        if matches!(self.entries.get(id), Some(MemoryEntry::Claimed { token: own, .. }) if *own == token)
        {
            self.take(*id);
        }
    }

    pub(super) fn look(&self, id: &Identity, now: Instant) -> StoredState {
        let entry = self.entries.get(id).filter(|entry| entry.until() > now);
        match entry {
            None => StoredState::Nothing,
            Some(MemoryEntry::Claimed { until, .. }) => {
                StoredState::InFlight(until.saturating_duration_since(now))
            }
            Some(MemoryEntry::Done { answer, until }) => StoredState::Done {
                answer: answer.clone(),
                left: Some(until.saturating_duration_since(now)),
            },
        }
    }

    pub(super) fn forget(&mut self, id: &Identity, now: Instant) -> StoredState {
        let known = self.look(id, now);
        if matches!(known, StoredState::Done { .. }) {
            self.take(*id);
        }
        known
    }

    /// Drops expired entries, at most this many.
    pub(super) fn expire(&mut self, now: Instant, most: usize) {
        for _ in 0..most {
            let over = |first: Option<&(Instant, Identity)>| {
                first.filter(|(until, _)| *until <= now).map(|(_, id)| *id)
            };
            let Some(id) = over(self.done.first()).or_else(|| over(self.leases.first())) else {
                return;
            };
            self.take(id);
        }
    }

    /// The number of entries and bytes.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.entries.len(), self.bytes)
    }

    /// The number of done callbacks.
    pub(super) fn done(&self) -> usize {
        self.done.len()
    }

    /// Moves all entries into other shards, which `of` chooses.
    pub(super) fn move_into(
        mut self,
        mut of: impl FnMut(&Identity) -> Option<usize>,
        to: &mut [Self],
    ) {
        for (id, entry) in self.entries.drain() {
            if let Some(shard) = of(&id).and_then(|number| to.get_mut(number)) {
                shard.put(id, entry);
            }
        }
    }

    /// Makes room for an entry of this size: first drops the bodies of large answers, then evicts
    /// the entries that expire next. Returns `false` if claims take all the room.
    fn make_room(&mut self, bytes: usize, room: MemoryLimits) -> bool {
        while !self.shorten_others(bytes, room) || self.entries.len() >= room.entries {
            let Some((_, id)) = self.done.first().copied() else {
                return false;
            };
            self.take(id);
            self.evicted = self.evicted.saturating_add(1);
        }
        true
    }

    /// Drops the bodies of large answers, in the order of eviction, until there is room for this
    /// many bytes. Returns `false` if that is not enough.
    fn shorten_others(&mut self, bytes: usize, room: MemoryLimits) -> bool {
        while self.bytes.saturating_add(bytes) > room.bytes {
            let Some((_, id)) = self.large.first().copied() else {
                return false;
            };
            let Some(entry) = self.take(id) else {
                return false;
            };
            self.put(id, entry.without_body());
        }
        true
    }

    fn put(&mut self, id: Identity, entry: MemoryEntry) {
        let at = (entry.until(), id);
        match &entry {
            MemoryEntry::Claimed { .. } => self.leases.insert(at),
            MemoryEntry::Done { .. } => self.done.insert(at),
        };
        if entry.is_large() {
            self.large.insert(at);
        }
        self.bytes = self.bytes.saturating_add(entry.bytes());
        self.entries.insert(id, entry);
    }

    fn take(&mut self, id: Identity) -> Option<MemoryEntry> {
        let entry = self.entries.remove(&id)?;
        let at = (entry.until(), id);
        self.bytes = self.bytes.saturating_sub(entry.bytes());
        match &entry {
            MemoryEntry::Claimed { .. } => self.leases.remove(&at),
            MemoryEntry::Done { .. } => self.done.remove(&at),
        };
        if entry.is_large() {
            self.large.remove(&at);
        }
        Some(entry)
    }
}

/// A time that overflows never comes.
fn later(now: Instant, time: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    now.checked_add(time.min(FAR)).unwrap_or(now)
}

/// Identities are digests. Making many of them collide in a few bits is too expensive for an
/// attacker, because finding each takes a signed callback.
#[derive(Debug, Default)]
struct AlreadyHashed(u64);

impl Hasher for AlreadyHashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8).take(1) {
            let number = chunk
                .iter()
                .fold(0, |sum: u64, byte| sum << 8 | u64::from(*byte));
            self.0 ^= number;
        }
    }
}
