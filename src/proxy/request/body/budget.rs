//! The memory that request bodies hold, with one limit for all.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

use crate::config::room_in_buffer;
use crate::judge::Fault;
use crate::proxy::limits::{Leaving, StalledBodies};

/// The memory that the bodies of all requests hold, and its limit.
#[derive(Debug)]
pub(in crate::proxy) struct BodyBudget {
    held: AtomicUsize,
    limit: AtomicUsize,
    /// The bodies that make room when there is none.
    stalled: Arc<StalledBodies>,
}

/// A body, counted against the budget until it is dropped.
#[derive(Debug)]
pub(in crate::proxy) struct BufferedBody {
    pub(in crate::proxy) bytes: Bytes,
    pub(super) share: Share,
}

/// The bytes that one body holds; given back on drop.
#[derive(Debug)]
pub(super) struct Share {
    budget: Arc<BodyBudget>,
    bytes: usize,
    /// Set when it has to make room. Dropped after the bytes are given back.
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

    /// How many bytes are in use.
    pub(in crate::proxy) fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// The limit.
    pub(in crate::proxy) fn limit(&self) -> usize {
        self.limit.load(Ordering::Relaxed)
    }

    /// Sets another limit. Bodies that are already held stay.
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

    /// Reserves this many more bytes. If there is no room for them, stalled bodies make some.
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

    /// How many bytes are reserved.
    pub(in crate::proxy) fn held(&self) -> usize {
        self.bytes
    }

    /// Keeps the request to make room until the room is made.
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
    /// Counts bytes that are held in addition to the body, until dropped.
    pub(in crate::proxy) fn hold_also(&mut self, bytes: usize) -> Result<(), Fault> {
        self.share.grow(bytes)
    }

    /// Gives this many of them back.
    pub(in crate::proxy) fn release(&mut self, bytes: usize) {
        self.share.shrink(bytes);
    }
}
