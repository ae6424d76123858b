//! One connection's slot.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::time::timeout_at;

use super::slot_state::SlotState;
use super::slots::{Block, Slots};
use crate::proxy::at_once::at_once;

/// A client that takes nothing of an answer for so long holds its connection, and its request's place, for
/// nothing: more than a lost packet costs.
pub(in crate::proxy) const NOT_TAKEN: Duration = Duration::from_secs(1);

/// A request of a connection that may have several at once; ended when dropped.
#[derive(Debug)]
pub(in crate::proxy) struct Request(Arc<Slot>);

/// A request that waits for its client, and has done so for too long; it goes on when dropped.
#[derive(Debug)]
pub(in crate::proxy) struct Stall(Arc<Slot>);

/// A connection's slot; free again when dropped.
#[derive(Debug)]
pub(in crate::proxy) struct Slot {
    slots: Arc<Slots>,
    block: Arc<Block>,
    pub(super) place: (usize, usize),
    /// When the connection came.
    taken: u64,
}

impl Slot {
    /// A slot for a connection that has just come: it waits for its first byte.
    pub(in crate::proxy) fn take(slots: &Arc<Slots>) -> Self {
        // Its own statement, so that the lock is free again.
        let free = slots.free().pop();
        let place = free.unwrap_or_else(|| slots.add_block());
        let block = slots.block(place.0);
        let slot = Self {
            slots: Arc::clone(slots),
            block,
            place,
            taken: slots.now(),
        };
        slot.set(SlotState::waits(slot.taken));
        slot
    }

    /// Waits for something of the client, which has nothing under way; `None` if the connection
    /// should make room instead.
    pub(in crate::proxy) async fn wait<T>(&self, something: impl Future<Output = T>) -> Option<T> {
        self.end();
        let something = tokio::select! {
            biased;
            () = self.must_leave() => None,
            something = something => Some(something),
        };
        // It may have been told just now.
        if self.begin() { something } else { None }
    }

    /// Waits for what the client has begun to say: a header, or what comes before HTTP. `None` if the
    /// connection should make room instead, which it can until that is whole.
    pub(in crate::proxy) async fn receive<T>(
        &self,
        something: impl Future<Output = T>,
    ) -> Option<T> {
        let mut something = pin!(something);
        // Nearly every header is whole at once.
        if let Some(something) = at_once(something.as_mut()).await {
            // It may have been told while the request before stalled.
            return (!self.is_told()).then_some(something);
        }
        let now = self.slots.now();
        self.change(|state| state.receives_header(now, self.taken));
        let something = tokio::select! {
            biased;
            () = self.must_leave() => None,
            something = something => Some(something),
        };
        // It may have been told just now.
        if self.begin() { something } else { None }
    }

    /// A request is under way; `None` if the connection makes room and takes none.
    pub(in crate::proxy) fn request(self: &Arc<Self>) -> Option<Request> {
        self.begin().then(|| Request(Arc::clone(self)))
    }

    /// Something is under way; `false` if the connection should make room instead.
    pub(in crate::proxy) fn begin(&self) -> bool {
        self.change(SlotState::begins)
    }

    /// It is no longer. With the last such thing, the connection begins to wait.
    pub(in crate::proxy) fn end(&self) {
        let now = self.slots.now();
        self.change(|state| state.ends(now, self.taken));
    }

    /// A callback that is under way was verified: the connection is of use.
    pub(in crate::proxy) fn proves(&self) {
        if !self.is_proven() {
            self.change(SlotState::proves);
        }
    }

    /// Since when the connection has been of no use: since it came, as long as no callback of it was
    /// verified. Whatever else is new on it is no progress.
    pub(in crate::proxy) fn useless_since(&self) -> Option<Instant> {
        let taken = || {
            self.slots
                .begin
                .checked_add(Duration::from_nanos(self.taken))
        };
        (!self.is_proven()).then(taken).flatten()
    }

    /// Waits until the client has taken something of an answer. The connection can make room
    /// meanwhile, after a second; `None` if it should.
    pub(in crate::proxy) async fn until_taken<T>(
        self: &Arc<Self>,
        answer: impl Future<Output = T>,
    ) -> Option<T> {
        let mut answer = pin!(answer);
        // Nearly every answer is taken at once.
        if let Some(taken) = at_once(answer.as_mut()).await {
            return Some(taken);
        }
        let since = self.useless_since();
        let since = since.map_or_else(tokio::time::Instant::now, tokio::time::Instant::from_std);
        let until = since.checked_add(NOT_TAKEN).unwrap_or(since);
        if let Ok(taken) = timeout_at(until, answer.as_mut()).await {
            return Some(taken);
        }
        let _stall = self.stall();
        tokio::select! {
            biased;
            taken = answer => Some(taken),
            () = self.must_leave() => None,
        }
    }

    /// Something that is under way has stalled. With the last such thing, the connection can make
    /// room.
    pub(in crate::proxy) fn stall(self: &Arc<Self>) -> Stall {
        let now = self.slots.now();
        self.change(|state| state.stalls(now, self.taken));
        Stall(Arc::clone(self))
    }

    /// Returns once the connection should make room.
    pub(in crate::proxy) async fn must_leave(&self) {
        let (_, index) = self.place;
        let Some(told) = self.block.told.get(index) else {
            return std::future::pending().await;
        };
        // A word meant for the one before on this slot wakes it, too.
        while !self.is_told() {
            told.notified().await;
        }
        // Other streams of the connection may wait for it, too.
        told.notify_one();
    }

    fn is_told(&self) -> bool {
        self.current() == SlotState::LEAVES
    }

    fn is_proven(&self) -> bool {
        self.current().is_proven()
    }

    fn current(&self) -> SlotState {
        let state = self.state().map(|state| state.load(Ordering::Acquire));
        state.unwrap_or_default().into()
    }

    pub(super) fn state(&self) -> Option<&AtomicU64> {
        let (_, index) = self.place;
        self.block.states.get(index)
    }

    fn change(&self, change: impl Fn(SlotState) -> Option<SlotState>) -> bool {
        let change = |state: u64| change(state.into()).map(u64::from);
        let state = self.state();
        state.is_some_and(|state| {
            let (set, get) = (Ordering::AcqRel, Ordering::Acquire);
            state.fetch_update(set, get, change).is_ok()
        })
    }

    /// Gives the state before.
    fn set(&self, state: SlotState) -> SlotState {
        let state = self
            .state()
            .map(|now| now.swap(state.into(), Ordering::AcqRel));
        state.unwrap_or_default().into()
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Drop for Stall {
    fn drop(&mut self) {
        self.0.change(SlotState::goes_on);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if self.set(SlotState::default()) == SlotState::LEAVES {
            self.slots.leaving.fetch_sub(1, Ordering::Relaxed);
        }
        self.slots.free().push(self.place);
    }
}
