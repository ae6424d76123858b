//! The memory that request bodies hold, counted against one limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

use crate::config::room_in_buffer;
use crate::judge::Fault;
use crate::proxy::limits::{Leaving, StalledBodies};

/// The memory that the bodies of all requests hold, against its limit.
#[derive(Debug)]
pub(in crate::proxy) struct BodyBudget {
    held: AtomicUsize,
    limit: AtomicUsize,
    /// Those that make room where there is none.
    stalled: Arc<StalledBodies>,
}

/// A body, held against the budget until dropped.
#[derive(Debug)]
pub(in crate::proxy) struct BufferedBody {
    pub(in crate::proxy) bytes: Bytes,
    pub(super) share: Share,
}

/// What one of them holds; given back when dropped.
#[derive(Debug)]
pub(super) struct Share {
    budget: Arc<BodyBudget>,
    bytes: usize,
    /// Told to make room. It is dropped behind what is held.
    leaving: Option<Leaving>,
}

impl BodyBudget {
    pub(in crate::proxy) fn new(limit: usize) -> Self {
        Self {
            held: AtomicUsize::new(0),
            limit: AtomicUsize::new(limit),
            stalled: Arc::default(),
        }
    }

    /// The bodies that make room.
    pub(in crate::proxy) fn stalled(&self) -> &Arc<StalledBodies> {
        &self.stalled
    }

    /// How many bytes are held.
    pub(in crate::proxy) fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// How many there may be.
    pub(in crate::proxy) fn limit(&self) -> usize {
        self.limit.load(Ordering::Relaxed)
    }

    /// Sets another limit. Bodies that are held already stay.
    pub(in crate::proxy) fn set_limit(&self, limit: usize) {
        self.limit.store(limit, Ordering::Relaxed);
    }
}

impl Share {
    pub(super) fn new(budget: &Arc<BodyBudget>) -> Self {
        Self {
            budget: Arc::clone(budget),
            bytes: 0,
            leaving: None,
        }
    }

    /// Counts so many more bytes. Where there is no room for them, stalled bodies make some.
    ///
    /// # Errors
    /// If there still is none.
    pub(in crate::proxy) fn grow(&mut self, bytes: usize) -> Result<(), Fault> {
        let before = self.budget.held.fetch_add(bytes, Ordering::Relaxed);
        self.bytes = self.bytes.saturating_add(bytes);
        let held = before.saturating_add(bytes);
        let limit = self.budget.limit.load(Ordering::Relaxed);
        let room = room_in_buffer(limit, self.bytes);
        let stalled = &self.budget.stalled;
        while held > room && held.saturating_sub(stalled.leaving_bytes()) > room {
            if !stalled.make_room() {
                return Err(Fault::Overloaded);
            }
        }
        Ok(())
    }

    /// How many bytes are counted.
    pub(in crate::proxy) fn held(&self) -> usize {
        self.bytes
    }

    /// Keeps the word that it makes room until it has.
    pub(super) fn leave(&mut self, leaving: Leaving) {
        self.leaving = Some(leaving);
    }

    fn shrink(&mut self, bytes: usize) {
        let bytes = bytes.min(self.bytes);
        self.budget.held.fetch_sub(bytes, Ordering::Relaxed);
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl BufferedBody {
    /// Counts bytes that are held beside the body until it is dropped.
    pub(in crate::proxy) fn hold_also(&mut self, bytes: usize) -> Result<(), Fault> {
        self.share.grow(bytes)
    }

    /// Counts so many of them no more.
    pub(in crate::proxy) fn release(&mut self, bytes: usize) {
        self.share.shrink(bytes);
    }
}
