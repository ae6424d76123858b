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

/// Idle connections.
pub(super) struct Pool {
    idle: Mutex<IdleConnections>,
    keepalive: Duration,
}

#[derive(Default)]
struct IdleConnections {
    /// The one used last at the end.
    streams: Vec<Idle>,
    /// Nobody looks after them any more.
    closed: bool,
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
            let idle = self.lock().streams.pop();
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
        if !self.keepalive.is_zero() && !idle.closed && idle.streams.len() < SIZE {
            let since = Instant::now();
            idle.streams.push(Idle { stream, since });
        }
    }

    /// Closes what was idle for too long or is closed at the other end.
    pub(super) fn sweep(&self) {
        let mut idle = std::mem::take(&mut self.lock().streams);
        if idle.is_empty() {
            return;
        }
        idle.retain_mut(|idle| {
            idle.since.elapsed() < self.keepalive && is_silent(&mut idle.stream)
        });
        let mut now = self.lock();
        if !now.closed {
            idle.append(&mut now.streams);
            now.streams = idle;
        }
    }

    /// Closes all of them, and keeps none from now on.
    pub(super) fn close(&self) {
        let mut idle = self.lock();
        idle.streams.clear();
        idle.closed = true;
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.lock().streams.len()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, IdleConnections> {
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
