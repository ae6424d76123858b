//! Work that grows with a body, done aside from the threads that serve requests.
//!
//! Verifying a large body can take seconds. So whatever looks at all of one takes its turn: a few at a
//! time, in the order of asking, on threads whose other requests have moved on. What is small is done at
//! once, for moving costs more.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::block_in_place;

use super::body::Body;
use crate::config::Config;
use crate::verify::{Memory, OutOfMemory};

/// The longest body, in bytes, that is worked on at once: a few milliseconds at most.
const LARGEST_AT_ONCE: usize = 256 << 10;

/// Whether a body of that many bytes is worked on aside.
pub(super) const fn is_large(bytes: usize) -> bool {
    bytes > LARGEST_AT_ONCE
}

/// Where work on large bodies is done.
pub(super) struct Aside {
    turns: Arc<Semaphore>,
}

impl Aside {
    /// The place for a configuration; turns go on from `previous`.
    pub(super) fn new(config: &Config, previous: Option<&Self>) -> Self {
        // The threads that serve are there from the start to the end of the process.
        let turns = previous.map(|previous| Arc::clone(&previous.turns));
        Self {
            turns: turns.unwrap_or_else(|| Arc::new(Semaphore::new(config.workers.div_ceil(2)))),
        }
    }

    /// Does work on a body of that many bytes.
    ///
    /// The work borrows what it looks at, which no thread of its own could: a callback is a part of its
    /// client's session. So it stays on this thread, and tokio moves the thread's other tasks to another.
    pub(super) async fn work<T>(&self, bytes: usize, work: impl FnOnce() -> T) -> T {
        if !is_large(bytes) {
            return work();
        }
        // Nobody closes it; if somebody did, the work would have to be done all the same.
        let _turn = self.turns.acquire().await;
        block_in_place(work)
    }
}

/// What a verification takes beside its body, counted with the body.
pub(super) struct Beside<'b> {
    body: &'b mut Body,
    taken: usize,
}

impl<'b> Beside<'b> {
    pub(super) fn new(body: &'b mut Body) -> Self {
        Self { body, taken: 0 }
    }

    /// How many bytes are taken.
    pub(super) fn taken(&self) -> usize {
        self.taken
    }
}

impl Memory for Beside<'_> {
    fn take(&mut self, bytes: usize) -> Result<(), OutOfMemory> {
        if self.body.hold_also(bytes).is_err() {
            self.body.release(bytes);
            return Err(OutOfMemory);
        }
        self.taken = self.taken.saturating_add(bytes);
        Ok(())
    }

    fn give(&mut self, bytes: usize) {
        self.body.release(bytes);
        self.taken = self.taken.saturating_sub(bytes);
    }
}
