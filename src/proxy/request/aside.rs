//! Work whose cost grows with the body, done aside from serving other requests.
//!
//! Verifying a large body can take seconds, and strangers send them, too. So verifications take
//! turns: a few at a time, in order of arrival, on threads whose other requests have been moved
//! away. Small bodies are verified at once, because moving costs more. Work after the verdict takes
//! no turn: a genuine callback must not queue behind forged ones while it holds a claim.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::block_in_place;
use tokio::time::timeout;

use super::body::BufferedBody;
use crate::config::Config;
use crate::verify::json::values_at_most;
use crate::verify::{MemoryBudget, OutOfMemory};

/// The longest body, in bytes, that is verified at once.
const LONGEST_AT_ONCE: usize = 128 << 10;

/// The most values of a body that is verified at once: of short numbers, so many take 3 to 4 ms. Text of the
/// greatest length takes less.
const MOST_AT_ONCE: usize = 8 << 10;

/// The body size, in bytes, from which the memory of a verification is counted, and the work after
/// it moves aside.
const LARGE: usize = 256 << 10;

/// The longest wait for a turn. Providers give up after a while, and a waiting request holds its
/// body.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Whether a body of this many bytes takes memory worth counting.
pub(super) const fn is_large(bytes: usize) -> bool {
    bytes > LARGE
}

/// Works on a verified body of this many bytes: one or two passes over it. The work always stays on
/// this thread; if it takes long, tokio moves the thread's other tasks to another one.
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
    /// The place for a configuration; turns continue from `previous`.
    pub(in crate::proxy) fn new(config: &Config, previous: Option<&Self>) -> Self {
        // The worker threads exist from the start to the end of the process.
        let turns = previous.map(|previous| Arc::clone(&previous.turns));
        Self {
            turns: turns.unwrap_or_else(|| Arc::new(Semaphore::new(config.workers.div_ceil(2)))),
        }
    }

    /// Does the work of verifying this body.
    ///
    /// The work borrows its data, which another thread could not: a callback is part of its
    /// client's session. So it stays on this thread, and tokio moves the thread's other tasks to
    /// another one.
    ///
    /// # Errors
    /// If its turn does not come in time.
    pub(super) async fn verify<T>(&self, body: &[u8], work: impl FnOnce() -> T) -> Result<T, Busy> {
        if is_brief(body) {
            return Ok(work());
        }
        let turn = timeout(LONGEST_WAIT, self.turns.acquire()).await;
        // Nobody closes it. If somebody did, the work would still have to be done.
        let _turn = turn.map_err(|_| Busy)?;
        Ok(block_in_place(work))
    }
}

/// Whether a body is verified sooner than its turn would come.
fn is_brief(body: &[u8]) -> bool {
    // A body has at most as many values as bytes.
    body.len() < MOST_AT_ONCE
        || body.len() <= LONGEST_AT_ONCE && values_at_most(body) <= MOST_AT_ONCE
}

/// The memory of a verification in addition to its body, counted with the body.
pub(super) struct Beside<'b> {
    body: &'b mut BufferedBody,
    taken: usize,
}

impl<'b> Beside<'b> {
    pub(in crate::proxy) fn new(body: &'b mut BufferedBody) -> Self {
        Self { body, taken: 0 }
    }

    /// How many bytes are reserved.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_waits_for_a_turn_by_its_length_and_its_values() {
        let of = |value: &str, length: usize| value.repeat(length / value.len());
        assert!(is_brief(of("[", (8 << 10) - 1).as_bytes()));
        assert!(!is_brief(of("[", 8 << 10).as_bytes()));
        assert!(is_brief(of("1,", (16 << 10) - 2).as_bytes()));
        assert!(!is_brief(of("1,", 16 << 10).as_bytes()));
        let text = format!("\"a\": \"{}\",", of("x", 1000));
        assert!(is_brief(of(&text, 128 << 10).as_bytes()));
        assert!(!is_brief(of("x", (128 << 10) + 1).as_bytes()));
    }
}
