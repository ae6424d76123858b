//! Whether a server keeps its idle connections open. Pure: the time is an argument.
//!
//! A server that closes a connection right after its answer, without `Connection: close`, loses
//! whatever is sent in the moment before its close arrives. So no connection is reused until the
//! server has shown that it keeps them open.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long an idle connection stays open at least if its server keeps connections.
pub(super) const LIVES: Duration = Duration::from_millis(100);

/// How long a close right after an answer counts against the server.
pub(super) const SUSPECT: Duration = Duration::from_secs(60);

/// What the idle connections of a server have shown. A new server is on probation.
#[derive(Debug, Default)]
pub(in crate::proxy) struct Probation {
    /// The only part that a request reads.
    is_over: AtomicBool,
    /// When the server last closed a connection right after an answer.
    closed: Mutex<Option<Instant>>,
}

impl Probation {
    /// Whether connections may be reused.
    pub(in crate::proxy) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// An idle connection has stayed open for [`LIVES`]; `true` if that revokes what
    /// [`Self::closed`] reported.
    pub(in crate::proxy) fn lived(&self, now: Instant) -> bool {
        if self.is_over() {
            return false;
        }
        let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        if closed.is_some_and(|closed| is_suspect(closed, now)) {
            return false;
        }
        self.is_over.store(true, Ordering::Relaxed);
        closed.take().is_some()
    }

    /// The server closed a connection right after an answer, or together with a callback on it;
    /// `true` if that is new.
    pub(in crate::proxy) fn closed(&self, now: Instant) -> bool {
        let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_over.store(false, Ordering::Relaxed);
        let before = closed.replace(now);
        before.is_none_or(|before| !is_suspect(before, now))
    }
}

fn is_suspect(closed: Instant, now: Instant) -> bool {
    now.saturating_duration_since(closed) < SUSPECT
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    #[test]
    fn probation_ends_with_the_first_connection_that_stays_open() {
        let probation = Probation::default();
        assert!(!probation.is_over());
        // Nothing is taken back: nothing was said.
        assert!(!probation.lived(Instant::now()));
        assert!(probation.is_over());
    }

    #[test]
    fn a_close_restarts_probation_and_each_further_one_prolongs_it() {
        let probation = Probation::default();
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        probation.lived(start);
        assert!(probation.closed(start), "news");
        assert!(!probation.is_over());
        assert!(!probation.lived(after(59)));
        assert!(!probation.closed(after(59)), "no news");
        assert!(!probation.lived(after(61)));
        assert!(!probation.is_over());
        // Time alone does not end it.
        assert!(probation.closed(after(200)), "news again");
        assert!(probation.lived(after(260)), "taken back");
        assert!(probation.is_over());
        assert!(!probation.lived(after(261)));
    }
}
