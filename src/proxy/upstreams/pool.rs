//! Idle connections to one server.

use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use pingora::protocols::Stream;
use tokio::io::AsyncReadExt as _;
use tokio::task::{unconstrained, yield_now};

/// The most idle connections kept for each server.
const SIZE: usize = 128;

/// Idle connections, the one used last at the end.
pub(super) struct Pool {
    idle: Mutex<Vec<Idle>>,
    keepalive: Duration,
}

struct Idle {
    stream: Stream,
    since: Instant,
}

impl Pool {
    pub(super) fn new(keepalive: Duration) -> Self {
        Self {
            idle: Mutex::default(),
            keepalive,
        }
    }

    /// A connection that was open and silent a moment ago.
    pub(super) async fn take(&self) -> Option<Stream> {
        loop {
            // Its own statement, so that nothing is read while the pool is locked.
            let idle = self.lock().pop();
            let mut idle = idle?;
            // Lets tokio ask the system first what came meanwhile, such as the server's farewell.
            yield_now().await;
            if idle.since.elapsed() < self.keepalive && is_silent(&mut idle.stream) {
                return Some(idle.stream);
            }
        }
    }

    /// Keeps a connection, unless none is to be kept or enough are.
    pub(super) fn put(&self, stream: Stream) {
        let mut idle = self.lock();
        if !self.keepalive.is_zero() && idle.len() < SIZE {
            let since = Instant::now();
            idle.push(Idle { stream, since });
        }
    }

    /// Closes what was idle for too long or is closed at the other end.
    pub(super) fn sweep(&self) {
        let mut idle = std::mem::take(&mut *self.lock());
        if idle.is_empty() {
            return;
        }
        idle.retain_mut(|idle| {
            idle.since.elapsed() < self.keepalive && is_silent(&mut idle.stream)
        });
        let mut now = self.lock();
        idle.append(&mut now);
        *now = idle;
    }

    /// Closes all of them.
    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a connection is open and nothing came on it: bytes before a request are no answer to it.
fn is_silent(stream: &mut Stream) -> bool {
    let mut byte = [0];
    // Unconstrained, or tokio may say that nothing came only because the task ran for long.
    let mut read = pin!(unconstrained(stream.read(&mut byte)));
    let mut context = Context::from_waker(Waker::noop());
    matches!(read.as_mut().poll(&mut context), Poll::Pending)
}
