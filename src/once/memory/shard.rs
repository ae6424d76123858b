//! A part of the memory store, under one lock.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::Limits;
use crate::once::answer;
use crate::once::identity::Identity;
use crate::once::store::{Claim, Renewal, StoreError, Token};

/// What an entry takes without its answer, in bytes: measured (docs/once.md), rounded up.
const ENTRY: usize = 240;
/// An allocation of its own, and what comes with it.
const ANSWER: usize = 48;
/// A claim takes the room of what it leaves behind at least: a callback that is done, with the status
/// that the backend answered. So a commit always has room.
const CLAIM: usize = ENTRY + ANSWER + 8;
/// Answers of more than so many bytes lose their body before a callback is forgotten. What providers
/// want to hear is shorter.
const LARGE: usize = 512;
/// The place of a large answer among the others of its kind.
const LARGE_ANSWER: usize = 64;
/// How many that are over are forgotten at each turn: more than one turn adds, so that they never
/// pile up.
const FORGET: usize = 4;

#[derive(Debug, Default)]
pub(super) struct Shard {
    entries: HashMap<Identity, Entry, BuildHasherDefault<AlreadyHashed>>,
    /// Claims by the end of their lease. None of them is ever evicted.
    leases: BTreeSet<(Instant, Identity)>,
    /// What is done by when it may be forgotten: the order of eviction.
    done: BTreeSet<(Instant, Identity)>,
    /// Those of them with large answers.
    large: BTreeSet<(Instant, Identity)>,
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
            Self::Claimed { .. } => CLAIM,
            Self::Done { answer, .. } => {
                let place = if self.is_large() { LARGE_ANSWER } else { 0 };
                (ENTRY + ANSWER)
                    .saturating_add(place)
                    .saturating_add(answer.len())
            }
        }
    }

    /// The same with the status alone.
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
        room: Limits,
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
        if !self.make_room(CLAIM, room) {
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
    ) -> Renewal {
        match self.entries.get(&id).filter(|entry| entry.until() > now) {
            Some(Entry::Claimed { token: other, .. }) if *other == token => {}
            Some(_) => return Renewal::Lost,
            None => return Renewal::Gone,
        }
        self.take(id);
        let until = later(now, lease);
        self.put(id, Entry::Claimed { token, until });
        Renewal::Held
    }

    pub(super) fn commit(
        &mut self,
        id: Identity,
        mut answer: Bytes,
        keep: Duration,
        now: Instant,
        room: Limits,
    ) {
        let known = self.entries.get(&id).filter(|entry| entry.until() > now);
        if matches!(known, Some(Entry::Done { .. })) {
            return;
        }
        self.take(id);
        let until = later(now, keep);
        if answer.len() > room.largest_answer() {
            answer = answer::without_body(&answer);
        }
        let mut entry = Entry::Done { answer, until };
        // No other callback is forgotten for the sake of a large answer.
        if entry.is_large() && !self.shorten_others(entry.bytes(), room) {
            entry = entry.without_body();
        }
        // Claims may take up all the room but that of its own. A callback that lost its claim is then
        // remembered over the limit: a backend took it.
        if !self.make_room(entry.bytes(), room) {
            entry = entry.without_body();
        }
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

    /// How many are done.
    pub(super) fn done(&self) -> usize {
        self.done.len()
    }

    /// Moves everything into other shards, each entry into that which `of` gives.
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

    /// Makes room for one more of that size: large answers lose their bodies first; then what would be
    /// forgotten next is evicted. `false` if claims take up all of it.
    fn make_room(&mut self, bytes: usize, room: Limits) -> bool {
        while !self.shorten_others(bytes, room) || self.entries.len() >= room.entries {
            let Some((_, id)) = self.done.first().copied() else {
                return false;
            };
            self.take(id);
            self.evicted = self.evicted.saturating_add(1);
        }
        true
    }

    /// Shortens large answers, in the order of eviction, until there is room for so many bytes. `false`
    /// if that is not enough.
    fn shorten_others(&mut self, bytes: usize, room: Limits) -> bool {
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

    fn put(&mut self, id: Identity, entry: Entry) {
        let at = (entry.until(), id);
        match &entry {
            Entry::Claimed { .. } => self.leases.insert(at),
            Entry::Done { .. } => self.done.insert(at),
        };
        if entry.is_large() {
            self.large.insert(at);
        }
        self.bytes = self.bytes.saturating_add(entry.bytes());
        self.entries.insert(id, entry);
    }

    fn take(&mut self, id: Identity) -> Option<Entry> {
        let entry = self.entries.remove(&id)?;
        let at = (entry.until(), id);
        self.bytes = self.bytes.saturating_sub(entry.bytes());
        match &entry {
            Entry::Claimed { .. } => self.leases.remove(&at),
            Entry::Done { .. } => self.done.remove(&at),
        };
        if entry.is_large() {
            self.large.remove(&at);
        }
        Some(entry)
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
