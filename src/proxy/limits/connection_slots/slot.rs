//! One connection's slot.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::time::timeout_at;

use super::slot_state::SlotState;
use super::slots::{Block, Slots};
use crate::proxy::at_once::at_once;

/// A client that reads nothing of an answer for this long occupies its connection and its request's
/// place for nothing. It is longer than a lost packet costs.
pub(in crate::proxy) const NOT_TAKEN: Duration = Duration::from_secs(1);

/// A request on a connection that may have several at once; ends on drop.
#[derive(Debug)]
pub(in crate::proxy) struct Request(Arc<Slot>);

/// A request that has waited too long for its client; it continues on drop.
#[derive(Debug)]
pub(in crate::proxy) struct Stall(Arc<Slot>);

/// A connection's slot; free again on drop.
#[derive(Debug)]
pub(in crate::proxy) struct Slot {
    slots: Arc<Slots>,
    block: Arc<Block>,
    pub(super) place: (usize, usize),
    /// When the connection was accepted.
    taken: u64,
}

impl Slot {
    /// A slot for a connection that was just accepted: it waits for its first byte.
    pub(in crate::proxy) fn take(slots: &Arc<Slots>) -> Self {
        // A statement of its own, so that the lock is released.
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

    /// Waits for something from the client while no request is in progress; `None` if the
    /// connection should make room instead.
    pub(in crate::proxy) async fn wait<T>(
        &self,
        something: Pin<&mut impl Future<Output = T>>,
    ) -> Option<T> {
        self.end();
        let something = tokio::select! {
            biased;
            () = self.must_leave() => None,
            something = something => Some(something),
        };
        // It may have been asked to close just now.
        if self.begin() { something } else { None }
    }

    /// Waits for the rest of what the client has started to send: a header, or a handshake before
    /// HTTP. `None` if the connection should make room instead, which it can until that is
    /// complete.
    pub(in crate::proxy) async fn receive<T>(
        &self,
        mut something: Pin<&mut impl Future<Output = T>>,
    ) -> Option<T> {
        // Nearly every header is complete at once.
        if let Some(something) = at_once(something.as_mut()).await {
            // It may have been asked to close while the previous request stalled.
            return (!self.is_told()).then_some(something);
        }
        let now = self.slots.now();
        self.change(|state| state.receives_header(now, self.taken));
        let something = tokio::select! {
            biased;
            () = self.must_leave() => None,
            something = something => Some(something),
        };
        // It may have been asked to close just now.
        if self.begin() { something } else { None }
    }

    /// A request starts; `None` if the connection makes room and accepts none.
    pub(in crate::proxy) fn request(self: &Arc<Self>) -> Option<Request> {
        self.begin().then(|| Request(Arc::clone(self)))
    }

    /// A request or a stream starts; `false` if the connection should make room instead.
    pub(in crate::proxy) fn begin(&self) -> bool {
        self.change(SlotState::begins)
    }

    /// It has ended. After the last one, the connection is idle.
    pub(in crate::proxy) fn end(&self) {
        let now = self.slots.now();
        self.change(|state| state.ends(now, self.taken));
    }

    /// A callback in progress was verified: the connection is useful.
    pub(in crate::proxy) fn proves(&self) {
        if !self.is_proven() {
            self.change(SlotState::proves);
        }
    }

    /// Since when the connection has been useless: since it was accepted, as long as none of its
    /// callbacks was verified. Nothing else counts as progress.
    pub(in crate::proxy) fn useless_since(&self) -> Option<Instant> {
        let taken = || {
            self.slots
                .begin
                .checked_add(Duration::from_nanos(self.taken))
        };
        (!self.is_proven()).then(taken).flatten()
    }

    /// Waits until the client has read a part of an answer. After a second, the connection can make
    /// room meanwhile; `None` if it should.
    pub(in crate::proxy) async fn until_taken<T>(
        self: &Arc<Self>,
        mut answer: Pin<&mut impl Future<Output = T>>,
    ) -> Option<T> {
        // Nearly every answer is read at once.
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

    /// A request in progress has stalled. Once all have, the connection can make room.
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
        // A notification for the previous connection on this slot wakes it, too.
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

    /// Returns the previous state.
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
