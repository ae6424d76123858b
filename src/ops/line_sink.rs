//! Log lines on their way out, without a request ever waiting for them.
//!
//! Requests append to a buffer; one thread writes it. A slow reader of the log costs log lines,
//! counted, never callbacks. The thread gathers for a moment before it writes, so that under load
//! it is woken a few dozen times a second and not once a request.

use std::io::Write;
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long lines gather before they are written.
const GATHER: Duration = Duration::from_millis(20);

/// The most bytes that wait to be written.
const MAX_WAITING: usize = 4 << 20;

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    dropped: u64,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    wake: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while appending leaves at worst half a line.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes lines from any thread.
#[derive(Clone)]
pub struct LineSink {
    shared: Arc<Shared>,
}

/// Writes what is left when dropped.
pub struct LineSinkGuard {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl LineSink {
    /// Starts the thread that writes lines to `out`.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn start(out: impl Write + Send + 'static) -> std::io::Result<(Self, LineSinkGuard)> {
        let shared = Arc::new(Shared::default());
        let thread = std::thread::Builder::new().name("log".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || write_lines(&shared, out)
        })?;
        let guard = LineSinkGuard {
            shared: Arc::clone(&shared),
            thread: Some(thread),
        };
        Ok((Self { shared }, guard))
    }

    /// Hands over one line with its newline. Never waits for the writer.
    pub fn write(&self, line: &[u8]) {
        let mut state = self.shared.lock();
        if state.waiting.len().saturating_add(line.len()) > MAX_WAITING {
            state.dropped = state.dropped.saturating_add(1);
            return;
        }
        let was_empty = state.waiting.is_empty();
        state.waiting.extend_from_slice(line);
        drop(state);
        if was_empty {
            self.shared.wake.notify_one();
        }
    }
}

impl Drop for LineSinkGuard {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.wake.notify_one();
        if let Some(thread) = self.thread.take() {
            // A writer that panicked has nothing left to say.
            let _ = thread.join();
        }
    }
}

fn write_lines(shared: &Shared, mut out: impl Write) {
    let mut lines = Vec::new();
    loop {
        let mut state = shared.lock();
        while state.waiting.is_empty() && !state.closed {
            state = shared
                .wake
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if !state.closed {
            (state, _) = shared
                .wake
                .wait_timeout_while(state, GATHER, |state| !state.closed)
                .unwrap_or_else(PoisonError::into_inner);
        }
        mem::swap(&mut state.waiting, &mut lines);
        let dropped = mem::take(&mut state.dropped);
        let closed = state.closed;
        drop(state);
        if dropped > 0 {
            lines.extend_from_slice(
                format!("{dropped} log lines dropped: the reader is too slow\n").as_bytes(),
            );
        }
        // There is nowhere left to report that the log cannot be written.
        let _ = out.write_all(&lines).and_then(|()| out.flush());
        lines.clear();
        if closed {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

    /// A reader that takes nothing until told to.
    struct Slow {
        go: Receiver<()>,
        out: SyncSender<Vec<u8>>,
    }

    impl Write for Slow {
        fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
            self.go.recv().map_err(std::io::Error::other)?;
            self.out.send(buf.to_vec()).map_err(std::io::Error::other)?;
            Ok(buf.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_arrive_in_order_and_the_rest_at_the_end() {
        let (go, wait) = sync_channel(16);
        let (out, written) = sync_channel(16);
        let (sink, guard) = LineSink::start(Slow { go: wait, out }).unwrap();
        for _ in 0..16 {
            go.send(()).unwrap();
        }
        sink.write(b"one\n");
        sink.write(b"two\n");
        drop(guard);
        let all: Vec<u8> = written.try_iter().flatten().collect();
        assert_eq!(all, b"one\ntwo\n");
    }

    #[test]
    fn a_stuck_reader_costs_lines_not_time() {
        let (go, wait) = sync_channel(16);
        let (out, written) = sync_channel(16);
        let (sink, guard) = LineSink::start(Slow { go: wait, out }).unwrap();
        let line = vec![b'x'; MAX_WAITING / 2 + 1];
        // The writer is stuck with at most one of them, one waits, the others are dropped.
        for _ in 0..4 {
            sink.write(&line);
        }
        for _ in 0..16 {
            go.send(()).unwrap();
        }
        drop(guard);
        let all: Vec<u8> = written.try_iter().flatten().collect();
        assert!(all.ends_with(b" log lines dropped: the reader is too slow\n"));
    }
}
