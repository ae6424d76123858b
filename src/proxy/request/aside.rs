//! Work that grows with a body, done aside from the threads that serve requests.
//!
//! Verifying a large body can take seconds, and strangers send them, too. So a verification takes its turn: a
//! few at a time, in the order of asking, on threads whose other requests have moved on. What is small is done
//! at once, for moving costs more. What comes after the verdict waits for nobody: a genuine callback must not
//! queue behind forged ones while it holds a claim.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::block_in_place;
use tokio::time::timeout;

use super::body::BufferedBody;
use crate::config::Config;
use crate::verify::{MemoryBudget, OutOfMemory};

/// The longest body, in bytes, that is verified at once: the worst of them, a list of short numbers, takes 3 to
/// 4 ms.
const LONGEST_AT_ONCE: usize = 16 << 10;

/// From how many bytes on the memory that a verification takes is counted, and what comes after it moves aside.
const LARGE: usize = 256 << 10;

/// The longest wait for a turn. Providers give up after a while, and what waits holds its body.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Whether a body of that many bytes takes memory worth counting.
pub(super) const fn is_large(bytes: usize) -> bool {
    bytes > LARGE
}

/// Does work on a verified body of that many bytes: a pass or two over it. On this thread in any case; where that
/// takes long, tokio moves the thread's other tasks to another.
pub(in crate::proxy) fn work<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    if is_large(bytes) {
        block_in_place(work)
    } else {
        work()
    }
}

/// No turn came in time.
#[derive(Debug)]
pub(super) struct Busy;

/// Where work on large bodies is done.
pub(in crate::proxy) struct Aside {
    turns: Arc<Semaphore>,
}

impl Aside {
    /// The place for a configuration; turns go on from `previous`.
    pub(in crate::proxy) fn new(config: &Config, previous: Option<&Self>) -> Self {
        // The threads that serve are there from the start to the end of the process.
        let turns = previous.map(|previous| Arc::clone(&previous.turns));
        Self {
            turns: turns.unwrap_or_else(|| Arc::new(Semaphore::new(config.workers.div_ceil(2)))),
        }
    }

    /// Verifies a body of that many bytes.
    ///
    /// The work borrows what it looks at, which no thread of its own could: a callback is a part of its
    /// client's session. So it stays on this thread, and tokio moves the thread's other tasks to another.
    ///
    /// # Errors
    /// If its turn does not come in time.
    pub(super) async fn verify<T>(
        &self,
        bytes: usize,
        work: impl FnOnce() -> T,
    ) -> Result<T, Busy> {
        if bytes <= LONGEST_AT_ONCE {
            return Ok(work());
        }
        let turn = timeout(LONGEST_WAIT, self.turns.acquire()).await;
        // Nobody closes it; if somebody did, the work would have to be done all the same.
        let _turn = turn.map_err(|_| Busy)?;
        Ok(block_in_place(work))
    }
}

/// What a verification takes beside its body, counted with the body.
pub(super) struct Beside<'b> {
    body: &'b mut BufferedBody,
    taken: usize,
}

impl<'b> Beside<'b> {
    pub(in crate::proxy) fn new(body: &'b mut BufferedBody) -> Self {
        Self { body, taken: 0 }
    }

    /// How many bytes are taken.
    pub(in crate::proxy) fn taken(&self) -> usize {
        self.taken
    }
}

impl MemoryBudget for Beside<'_> {
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
