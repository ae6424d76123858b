//! Idle connections to one server.

use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use pingora::protocols::Stream;
use tokio::io::AsyncReadExt as _;
use tokio::task::{unconstrained, yield_now};

use super::probation::LIVES;

/// The most idle connections kept for each server.
const SIZE: usize = 128;

/// Idle connections.
pub(in crate::proxy) struct Pool {
    idle: Mutex<IdleConnections>,
    keepalive: Duration,
}

#[derive(Default)]
struct IdleConnections {
    /// The most recently used one at the end.
    streams: Vec<PooledConnection>,
    /// The pool is no longer maintained.
    closed: bool,
}

struct PooledConnection {
    stream: Stream,
    since: Instant,
    /// When it was last found open.
    seen: Instant,
}

/// What idle connections show about their server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shown {
    /// One of them has stayed open for [`LIVES`].
    pub(in crate::proxy) lived: bool,
    /// One of them was closed before anybody saw it open for that long.
    pub(in crate::proxy) closed: bool,
}

impl PooledConnection {
    /// Whether it is open and silent at this moment; records in `shown` what that says about the
    /// server.
    fn is_usable(&mut self, now: Instant, shown: &mut Shown) -> bool {
        let is_open = is_silent(&mut self.stream);
        if is_open {
            self.seen = now;
        }
        let has_lived = self.seen.saturating_duration_since(self.since) >= LIVES;
        shown.lived |= is_open && has_lived;
        shown.closed |= !is_open && !has_lived;
        is_open
    }
}

impl Pool {
    pub(in crate::proxy) fn new(keepalive: Duration) -> Self {
        Self {
            idle: Mutex::default(),
            keepalive,
        }
    }

    /// A connection that was open and silent a moment ago, and what the others showed.
    pub(super) async fn take(&self) -> (Option<Stream>, Shown) {
        let mut shown = Shown::default();
        loop {
            // A statement of its own, so that nothing is awaited while the pool is locked.
            let idle = self.lock().streams.pop();
            let Some(mut idle) = idle else {
                return (None, shown);
            };
            // Lets tokio first ask the system what has arrived meanwhile, such as the server's
            // close.
            yield_now().await;
            let now = Instant::now();
            if idle.is_usable(now, &mut shown) && self.is_in_time(&idle, now) {
                return (Some(idle.stream), shown);
            }
        }
    }

    /// Keeps a connection, unless none is to be kept or there are enough.
    pub(in crate::proxy) fn put(&self, stream: Stream) {
        let _ = self.put_below(SIZE, stream);
    }

    /// Keeps a connection for observation, if no other one is kept. Returns it if not.
    pub(super) fn put_alone(&self, stream: Stream) -> Result<(), Stream> {
        self.put_below(1, stream)
    }

    fn put_below(&self, most: usize, stream: Stream) -> Result<(), Stream> {
        let mut idle = self.lock();
        if self.keepalive.is_zero() || idle.closed || idle.streams.len() >= most {
            return Err(stream);
        }
        let since = Instant::now();
        idle.streams.push(PooledConnection {
            stream,
            since,
            seen: since,
        });
        Ok(())
    }

    /// Whether connections are kept at all.
    pub(super) fn keeps_any(&self) -> bool {
        !self.keepalive.is_zero()
    }

    /// Closes connections that were idle for too long or were closed by the other end.
    pub(super) fn sweep(&self) -> Shown {
        let now = Instant::now();
        let mut shown = Shown::default();
        // They stay in the pool meanwhile, or concurrent requests would open new ones. Checking one
        // does not block, and they are closed after the lock is released.
        let mut idle = self.lock();
        let is_over = |idle: &mut PooledConnection| {
            !(idle.is_usable(now, &mut shown) && self.is_in_time(idle, now))
        };
        let over: Vec<PooledConnection> = idle.streams.extract_if(.., is_over).collect();
        drop(idle);
        drop(over);
        shown
    }

    fn is_in_time(&self, idle: &PooledConnection, now: Instant) -> bool {
        now.saturating_duration_since(idle.since) < self.keepalive
    }

    /// Closes all of them, and keeps none from now on.
    pub(in crate::proxy) fn close(&self) {
        let mut idle = self.lock();
        idle.streams.clear();
        idle.closed = true;
    }

    /// The number of idle connections.
    pub(in crate::proxy) fn len(&self) -> usize {
        self.lock().streams.len()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, IdleConnections> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a connection is open and nothing has arrived on it: bytes before a request are not an
/// answer to it.
pub(super) fn is_silent(stream: &mut Stream) -> bool {
    let mut byte = [0];
    // Unconstrained, or tokio may report that nothing arrived only because the task has run for
    // long.
    let mut read = pin!(unconstrained(stream.read(&mut byte)));
    let mut context = Context::from_waker(Waker::noop());
    matches!(read.as_mut().poll(&mut context), Poll::Pending)
}

#[cfg(test)]
mod tests {
    use pingora::protocols::l4::stream::Stream as Socket;
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    #[tokio::test]
    async fn a_closed_pool_keeps_nothing() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connect = async || {
            let stream: Stream = Box::new(Socket::from(TcpStream::connect(address).await.unwrap()));
            stream
        };
        let pool = Pool::new(Duration::from_secs(60));
        pool.put(connect().await);
        pool.sweep();
        assert_eq!(pool.len(), 1);
        pool.close();
        // A callback that began before a reload ends after it.
        pool.put(connect().await);
        assert_eq!(pool.len(), 0);
    }
}
