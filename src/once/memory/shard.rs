//! A part of the memory store, under one lock.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::once::identity::Identity;
use crate::once::store::{Claim, StoreError, Token};

/// What an entry takes without its answer, in bytes: measured (docs/once.md), rounded up.
const ENTRY: usize = 240;
/// An allocation of its own, and what comes with it.
const ANSWER: usize = 48;
/// How many that are over are forgotten at each turn: more than one turn adds, so that they never
/// pile up.
const FORGET: usize = 4;

/// How much a shard may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) entries: usize,
    pub(super) bytes: usize,
}

#[derive(Debug, Default)]
pub(super) struct Shard {
    entries: HashMap<Identity, Entry, BuildHasherDefault<AlreadyHashed>>,
    /// Claims by the end of their lease. None of them is ever evicted.
    leases: BTreeSet<(Instant, Identity)>,
    /// What is done by when it may be forgotten: the order of eviction.
    done: BTreeSet<(Instant, Identity)>,
    bytes: usize,
    pub(super) evicted: u64,
}

#[derive(Debug)]
enum Entry {
    Claimed { token: Token, until: Instant },
    Done { answer: Bytes, until: Instant },
}

impl Entry {
    const fn until(&self) -> Instant {
        match self {
            Self::Claimed { until, .. } | Self::Done { until, .. } => *until,
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Claimed { .. } => ENTRY,
            Self::Done { answer, .. } => ENTRY.saturating_add(ANSWER).saturating_add(answer.len()),
        }
    }
}

impl Shard {
    pub(super) fn claim(
        &mut self,
        id: Identity,
        token: Token,
        lease: Duration,
        now: Instant,
        room: Room,
    ) -> Result<Claim, StoreError> {
        self.expire(now, FORGET);
        match self.entries.get(&id).filter(|entry| entry.until() > now) {
            Some(Entry::Done { answer, .. }) => return Ok(Claim::Done(answer.clone())),
            Some(Entry::Claimed {
                token: other,
                until,
            }) if *other != token => {
                return Ok(Claim::InFlight(until.saturating_duration_since(now)));
            }
            _ => {}
        }
        self.take(id);
        if !self.make_room(ENTRY, room) {
            return Err(StoreError::Full);
        }
        let until = later(now, lease);
        self.put(id, Entry::Claimed { token, until });
        Ok(Claim::Fresh)
    }

    pub(super) fn renew(
        &mut self,
        id: Identity,
        token: Token,
        lease: Duration,
        now: Instant,
        room: Room,
    ) -> bool {
        match self.entries.get(&id).filter(|entry| entry.until() > now) {
            Some(Entry::Claimed { token: other, .. }) if *other == token => {}
            Some(_) => return false,
            None => {}
        }
        self.take(id);
        // One that is over the limit is rather had than lost: a backend works on the callback.
        self.make_room(ENTRY, room);
        let until = later(now, lease);
        self.put(id, Entry::Claimed { token, until });
        true
    }

    pub(super) fn commit(
        &mut self,
        id: Identity,
        answer: Bytes,
        keep: Duration,
        now: Instant,
        room: Room,
    ) {
        let known = self.entries.get(&id).filter(|entry| entry.until() > now);
        if matches!(known, Some(Entry::Done { .. })) {
            return;
        }
        self.take(id);
        let until = later(now, keep);
        let entry = Entry::Done { answer, until };
        // As with a renewal.
        self.make_room(entry.bytes(), room);
        self.put(id, entry);
    }

    pub(super) fn release(&mut self, id: &Identity, token: Token) {
        if matches!(self.entries.get(id), Some(Entry::Claimed { token: own, .. }) if *own == token)
        {
            self.take(*id);
        }
    }

    /// Forgets what is over, at most so many.
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

    /// Entries and bytes.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.entries.len(), self.bytes)
    }

    /// Evicts what would be forgotten next until there is room for one more of that size. `false`
    /// if claims take up all of it.
    fn make_room(&mut self, bytes: usize, room: Room) -> bool {
        while self.entries.len() >= room.entries || self.bytes.saturating_add(bytes) > room.bytes {
            let Some((_, id)) = self.done.first().copied() else {
                return false;
            };
            self.take(id);
            self.evicted = self.evicted.saturating_add(1);
        }
        true
    }

    fn put(&mut self, id: Identity, entry: Entry) {
        match &entry {
            Entry::Claimed { until, .. } => self.leases.insert((*until, id)),
            Entry::Done { until, .. } => self.done.insert((*until, id)),
        };
        self.bytes = self.bytes.saturating_add(entry.bytes());
        self.entries.insert(id, entry);
    }

    fn take(&mut self, id: Identity) {
        let Some(entry) = self.entries.remove(&id) else {
            return;
        };
        self.bytes = self.bytes.saturating_sub(entry.bytes());
        match entry {
            Entry::Claimed { until, .. } => self.leases.remove(&(until, id)),
            Entry::Done { until, .. } => self.done.remove(&(until, id)),
        };
    }
}

/// A time too far away to count never comes.
fn later(now: Instant, time: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    now.checked_add(time.min(FAR)).unwrap_or(now)
}

/// Identities are digests of what nobody can choose freely enough to make them collide in a few
/// bits for long: finding each costs a signed callback.
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
