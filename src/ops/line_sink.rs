//! Queues log lines, so that no request ever waits for a log.
//!
//! Requests append to a buffer that one thread writes out. A slow or broken destination costs log
//! lines, which are counted, but never callbacks. The thread waits a moment before it writes, so
//! that under load it wakes a few dozen times a second, not once for each request.

use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use log::{Level, error, warn};

use super::log_output::LogOutput;

/// How long lines are collected before they are written.
const GATHER: Duration = Duration::from_millis(20);

/// The most bytes that may be queued.
const MAX_WAITING: usize = 4 << 20;

/// Lines lost since the program started.
static DROPPED: AtomicU64 = AtomicU64::new(0);

/// The number of lines, of all logs, that were lost since the program started.
#[must_use]
pub fn dropped_lines() -> u64 {
    DROPPED.load(Ordering::Relaxed)
}

#[derive(Default)]
struct SinkState {
    waiting: Vec<u8>,
    dropped: u64,
    /// Whether the thread is to reopen the destination, or is doing so.
    reopen: bool,
    reopening: bool,
    closed: bool,
    ended: bool,
}

/// State shared by the users of a sink and its thread.
pub(super) struct Shared {
    /// The destination's name in messages.
    name: String,
    /// Whether each line starts with a byte for its level.
    with_levels: bool,
    state: Mutex<SinkState>,
    wake: Condvar,
    /// Notified when the destination was reopened, and when the thread ends.
    done: Condvar,
}

/// Dropping the last handle closes the sink.
struct Handle(Arc<Shared>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Accepts lines from any thread. Queued lines are written even after the last clone is dropped.
#[derive(Clone)]
pub struct LineSink(Arc<Handle>);

/// A reference that does not keep the sink open.
pub(super) struct WeakSink {
    handle: std::sync::Weak<Handle>,
    shared: Arc<Shared>,
}

impl LineSink {
    /// Starts the thread that writes lines to `out`. Messages call the destination `name`.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn start(name: String, out: impl LogOutput) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            name,
            with_levels: out.wants_levels(),
            state: Mutex::default(),
            wake: Condvar::new(),
            done: Condvar::new(),
        });
        std::thread::Builder::new().name("log".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || {
                shared.write_lines(out);
                shared.lock().ended = true;
                shared.done.notify_all();
            }
        })?;
        Ok(Self(Arc::new(Handle(shared))))
    }

    /// Queues one line, including its newline. Never blocks.
    pub fn write(&self, level: Level, line: &[u8]) {
        let shared = &self.0.0;
        let mut state = shared.lock();
        let full = state.waiting.len().saturating_add(line.len()) >= MAX_WAITING;
        if full || state.closed {
            state.dropped = state.dropped.saturating_add(1);
            drop(state);
            DROPPED.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let was_empty = state.waiting.is_empty();
        if shared.with_levels {
            state.waiting.push(level_byte(level));
        }
        state.waiting.extend_from_slice(line);
        drop(state);
        if was_empty {
            shared.wake.notify_one();
        }
    }

    pub(super) fn downgrade(&self) -> WeakSink {
        WeakSink {
            handle: Arc::downgrade(&self.0),
            shared: Arc::clone(&self.0.0),
        }
    }
}

impl WeakSink {
    /// The sink, if it is still in use.
    pub(super) fn upgrade(&self) -> Option<LineSink> {
        self.handle.upgrade().map(LineSink)
    }

    pub(super) fn is_of(&self, sink: &LineSink) -> bool {
        Arc::ptr_eq(&self.shared, &sink.0.0)
    }

    /// Reopens the destination after the queued lines are written.
    pub(super) fn reopen(&self) {
        self.shared.lock().reopen = true;
        self.shared.wake.notify_one();
    }

    /// Accepts no more lines, and stops the thread once the queued ones are written.
    pub(super) fn close(&self) {
        self.shared.close();
    }

    /// Waits until everything is written and the thread has stopped. Returns whether it has by the
    /// deadline.
    pub(super) fn ended_by(&self, deadline: Instant) -> bool {
        self.shared.wait_until(deadline, |state| state.ended)
    }

    /// Waits until the destination is no longer to be reopened. Returns whether that is so by the
    /// deadline.
    pub(super) fn reopened_by(&self, deadline: Instant) -> bool {
        let is_done = |state: &SinkState| state.ended || !state.reopen && !state.reopening;
        self.shared.wait_until(deadline, is_done)
    }
}

/// What the thread does next.
struct Work {
    dropped: u64,
    reopen: bool,
    closed: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, SinkState> {
        // A panic while appending leaves half a line at worst.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        self.lock().closed = true;
        self.wake.notify_one();
    }

    fn wait_until(&self, deadline: Instant, is_done: impl Fn(&SinkState) -> bool) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        let (state, _) = self
            .done
            .wait_timeout_while(self.lock(), left, |state| !is_done(state))
            .unwrap_or_else(PoisonError::into_inner);
        is_done(&state)
    }

    /// Waits for work, and moves the queued lines into `lines`, which must be empty.
    fn next(&self, lines: &mut Vec<u8>) -> Work {
        let mut state = self.lock();
        while state.waiting.is_empty() && !state.closed && !state.reopen {
            state = self
                .wake
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if !state.closed && !state.reopen {
            (state, _) = self
                .wake
                .wait_timeout_while(state, GATHER, |state| !state.closed && !state.reopen)
                .unwrap_or_else(PoisonError::into_inner);
        }
        mem::swap(&mut state.waiting, lines);
        state.reopening = mem::take(&mut state.reopen);
        Work {
            dropped: mem::take(&mut state.dropped),
            reopen: state.reopening,
            closed: state.closed,
        }
    }

    fn write_lines(&self, mut out: impl LogOutput) {
        let name = &self.name;
        let mut lines = Vec::new();
        // Lines lost since the destination began to fail.
        let mut lost: Option<u64> = None;
        loop {
            let work = self.next(&mut lines);
            let was_empty = lines.is_empty();
            let written = out.write_lines(&lines);
            lines.clear();
            // Log each change only once: the failing destination may be the error log.
            match written {
                Err(failed) => {
                    DROPPED.fetch_add(failed.lost, Ordering::Relaxed);
                    if lost.is_none() {
                        error!(
                            "cannot write to {name}: {}; lines are being lost",
                            failed.error
                        );
                    }
                    let all = failed.lost.saturating_add(work.dropped);
                    lost = Some(lost.unwrap_or_default().saturating_add(all));
                }
                Ok(()) if was_empty => {}
                Ok(()) => match lost.take() {
                    Some(lost) => {
                        let lost = lost.saturating_add(work.dropped);
                        warn!("{name} can be written to again; {lost} lines were lost");
                    }
                    None if work.dropped > 0 => {
                        warn!(
                            "{} lines of {name} were lost: its reader is too slow",
                            work.dropped
                        );
                    }
                    None => {}
                },
            }
            if work.reopen {
                if let Err(error) = out.reopen() {
                    error!("cannot reopen {name}: {error}; the open one stays in use");
                }
                self.lock().reopening = false;
                self.done.notify_all();
            }
            if work.closed {
                return;
            }
        }
    }
}

/// A line's level as syslog's severity digit, for destinations that need it.
fn level_byte(level: Level) -> u8 {
    match level {
        Level::Error => b'3',
        Level::Warn => b'4',
        Level::Info => b'6',
        Level::Debug | Level::Trace => b'7',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::log_output::{Failed, Stream};
    use std::io::{self, Write};
    use std::sync::mpsc::{Receiver, Sender, channel};

    /// A reader that takes nothing until told to, and then what it is told.
    struct Slow {
        go: Receiver<io::Result<()>>,
        out: Sender<Vec<u8>>,
    }

    impl Write for Slow {
        fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
            self.go.recv().map_err(io::Error::other)??;
            self.out.send(buf.to_vec()).map_err(io::Error::other)?;
            Ok(buf.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn slow() -> (LineSink, Sender<io::Result<()>>, Receiver<Vec<u8>>) {
        let ((go, wait), (out, written)) = (channel(), channel());
        let sink = LineSink::start("it".to_owned(), Stream(Slow { go: wait, out })).unwrap();
        (sink, go, written)
    }

    fn end(sink: LineSink) {
        let weak = sink.downgrade();
        drop(sink);
        assert!(weak.upgrade().is_none());
        let deadline = Instant::now().checked_add(Duration::from_secs(30)).unwrap();
        assert!(weak.ended_by(deadline));
    }

    #[test]
    fn lines_arrive_in_order_and_the_rest_at_the_end() {
        let (sink, go, written) = slow();
        for _ in 0..16 {
            go.send(Ok(())).unwrap();
        }
        sink.write(Level::Info, b"one\n");
        sink.write(Level::Info, b"two\n");
        end(sink);
        let all: Vec<u8> = written.try_iter().flatten().collect();
        assert_eq!(all, b"one\ntwo\n");
    }

    #[test]
    fn reopening_is_done_once_the_queued_lines_are_written() {
        let (sink, go, written) = slow();
        sink.write(Level::Info, b"before\n");
        let weak = sink.downgrade();
        weak.reopen();
        assert!(!weak.reopened_by(Instant::now()));
        go.send(Ok(())).unwrap();
        assert!(weak.reopened_by(Instant::now().checked_add(Duration::from_secs(30)).unwrap()));
        assert_eq!(written.try_recv().unwrap(), b"before\n");
        end(sink);
    }

    #[test]
    fn a_stuck_reader_loses_lines_but_never_blocks_writers() {
        let (sink, go, written) = slow();
        let before = dropped_lines();
        let line = vec![b'x'; MAX_WAITING / 2 + 1];
        // The writer is stuck with at most one of them, one waits, the others are dropped.
        for _ in 0..4 {
            sink.write(Level::Info, &line);
        }
        assert!(dropped_lines() >= before + 2);
        for _ in 0..16 {
            go.send(Ok(())).unwrap();
        }
        end(sink);
        assert!(written.try_iter().flatten().count() >= line.len());
    }

    /// Fails while told to.
    struct Failing(Receiver<bool>);

    impl LogOutput for Failing {
        fn write_lines(&mut self, lines: &[u8]) -> Result<(), Failed> {
            if lines.is_empty() || self.0.recv().unwrap_or(true) {
                return Ok(());
            }
            let error = io::Error::other("full");
            Err(Failed { error, lost: 1 })
        }
    }

    #[test]
    fn lines_that_cannot_be_written_are_counted() {
        let (tell, told) = channel();
        let sink = LineSink::start("it".to_owned(), Failing(told)).unwrap();
        let before = dropped_lines();
        for _ in 0..3 {
            tell.send(false).unwrap();
        }
        sink.write(Level::Info, b"lost\n");
        end(sink);
        assert!(dropped_lines() > before);
    }
}
