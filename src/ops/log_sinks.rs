//! The destinations in use, with one sink each. Both logs, and the configurations before and after
//! a reload, share them.

use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::error_log;
use super::line_sink::{LineSink, WeakSink};
use super::log_output::{LogFile, Stream, SyslogOutput};
use crate::config::Destination;

/// How long shutdown waits for logs that nobody reads.
const LAST_LINES: Duration = Duration::from_secs(2);

/// How long reopening waits for logs that nobody reads.
const REOPEN: Duration = Duration::from_secs(1);

/// The destinations in use. It is global because standard output belongs to the whole program.
static SINKS: Mutex<Vec<(Destination, WeakSink)>> = Mutex::new(Vec::new());

/// Why a log cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum LogOpenError {
    /// The file cannot be opened.
    #[error("cannot open the log file {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// No thread could be started.
    #[error("cannot start a log's thread: {0}")]
    Thread(io::Error),
}

/// Opens the sink of a destination, or returns the one in use; `None` if the log is off.
///
/// # Errors
/// If the destination cannot be opened.
pub fn open(destination: &Destination) -> Result<Option<LineSink>, LogOpenError> {
    let mut sinks = lock();
    let known = sinks
        .iter()
        .filter(|(other, _)| other == destination)
        .find_map(|(_, sink)| sink.upgrade());
    if known.is_some() {
        return Ok(known);
    }
    let Some(sink) = start(destination)? else {
        return Ok(None);
    };
    sinks.retain(|(_, sink)| !sink.ended_by(Instant::now()));
    sinks.push((destination.clone(), sink.downgrade()));
    Ok(Some(sink))
}

/// Reopens log files under their configured names, and waits until that is done. Returns `false` if
/// a destination that accepts no lines delays it.
pub fn reopen() -> bool {
    let sinks = lock();
    sinks.iter().for_each(|(_, sink)| sink.reopen());
    let deadline = Instant::now().checked_add(REOPEN);
    let deadline = deadline.unwrap_or_else(Instant::now);
    let mut sinks = sinks.iter();
    sinks.all(|(_, sink)| sink.reopened_by(deadline))
}

/// Flushes and closes all destinations, as far as they accept lines. The error log's comes last,
/// because it may have to report on the others.
pub fn finish() {
    let errors = error_log::sink();
    let is_errors = |sink: &WeakSink| errors.as_ref().is_some_and(|errors| sink.is_of(errors));
    let deadline = Instant::now().checked_add(LAST_LINES);
    let deadline = deadline.unwrap_or_else(Instant::now);
    let sinks = lock();
    for is_last in [false, true] {
        let these = || {
            let sinks = sinks.iter();
            sinks.filter(|(_, sink)| is_errors(sink) == is_last)
        };
        these().for_each(|(_, sink)| sink.close());
        for (_, sink) in these() {
            sink.ended_by(deadline);
        }
    }
}

fn lock() -> MutexGuard<'static, Vec<(Destination, WeakSink)>> {
    SINKS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn start(destination: &Destination) -> Result<Option<LineSink>, LogOpenError> {
    let name = destination.to_string();
    let started = match destination {
        Destination::Off => return Ok(None),
        Destination::Stdout => LineSink::start(name, Stream(io::stdout())),
        Destination::Stderr => LineSink::start(name, Stream(io::stderr())),
        Destination::File(path) => {
            let file = LogFile::open(path).map_err(|source| LogOpenError::File {
                path: path.clone(),
                source,
            })?;
            LineSink::start(name, file)
        }
        Destination::Syslog(syslog) => LineSink::start(name, SyslogOutput::new(syslog.clone())),
    };
    started.map(Some).map_err(LogOpenError::Thread)
}
