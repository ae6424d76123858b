//! The audit log: who read a body of a callback, or changed what is remembered, over the control socket.
//!
//! Each line names the hash of the line before, so that a changed, inserted or removed line shows
//! ([`check_chain`]). Two processes may write to one file, during an upgrade: a line is written under the
//! file's lock, and continues what is the last line then.

mod audit_chain;
mod audit_line;
mod last_line;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::SystemTime;

use log::error;
use nix::errno::Errno;
use nix::fcntl::OFlag;

pub use audit_chain::{BrokenChain, ChainSummary, check_chain};
pub use audit_line::{AuditEntry, LineHash};

use super::file_lock;
use last_line::LastLine;

/// As for other logs: it records who did what.
const MODE: u32 = 0o640;

/// The audit logs that are open: one for each file, which configurations share.
static OPEN: Mutex<Vec<Weak<AuditLog>>> = Mutex::new(Vec::new());

/// An open audit log.
#[derive(Debug)]
pub struct AuditLog {
    path: PathBuf,
    state: Mutex<OpenFile>,
}

#[derive(Debug)]
struct OpenFile {
    file: File,
    /// The last line's hash in the file before this one, which the first line continues.
    before: Option<LineHash>,
}

/// Why a line was not written.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The system refuses.
    #[error("cannot write the audit log {path}: {source}")]
    System {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Another process holds the file's lock.
    #[error("cannot write the audit log {0}: another process has locked it")]
    Locked(PathBuf),
}

impl AuditLog {
    /// Opens the file, creates it if necessary, or returns the one that is open.
    ///
    /// # Errors
    /// If it cannot be opened, or is no regular file.
    pub fn open(path: &Path) -> Result<Arc<Self>, AuditError> {
        let mut all = lock(&OPEN);
        all.retain(|log| log.strong_count() > 0);
        let mut known = all.iter().filter_map(Weak::upgrade);
        if let Some(log) = known.find(|log| log.path == path) {
            return Ok(log);
        }
        let file = open(path).map_err(|source| AuditError::System {
            path: path.to_owned(),
            source,
        })?;
        let log = Arc::new(Self {
            path: path.to_owned(),
            state: Mutex::new(OpenFile { file, before: None }),
        });
        all.push(Arc::downgrade(&log));
        Ok(log)
    }

    /// Writes a line, and waits until it is on disk.
    ///
    /// # Errors
    /// If it is not; then what it records must not be done.
    pub fn write(&self, entry: &AuditEntry<'_>) -> Result<(), AuditError> {
        let state = lock(&self.state);
        let system = |source| AuditError::System {
            path: self.path.clone(),
            source,
        };
        if !file_lock::lock(&state.file).map_err(system)? {
            return Err(AuditError::Locked(self.path.clone()));
        }
        let written = state.append(entry);
        // It ends with the process, too.
        let _ = state.file.unlock();
        written.map_err(system)
    }

    fn reopen(&self) -> io::Result<()> {
        let mut state = lock(&self.state);
        let last = LastLine::of(&state.file)?;
        let file = open(&self.path)?;
        let before = last.hash().or(state.before);
        *state = OpenFile { file, before };
        Ok(())
    }
}

impl OpenFile {
    fn append(&self, entry: &AuditEntry<'_>) -> io::Result<()> {
        let last = LastLine::of(&self.file)?;
        let mut text = Vec::new();
        if last.is_torn() {
            text.push(b'\n');
        }
        entry.write(SystemTime::now(), last.hash().or(self.before), &mut text);
        let length = self.file.metadata()?.len();
        let written = (&self.file)
            .write_all(&text)
            .and_then(|()| self.file.sync_data());
        if written.is_err() {
            // Half a line would look like one that was interrupted by a crash.
            let _ = self.file.set_len(length);
        }
        written
    }
}

/// Opens the files of all audit logs again, under their names. One that cannot be opened stays as it is.
pub fn reopen() {
    let logs: Vec<_> = lock(&OPEN).iter().filter_map(Weak::upgrade).collect();
    for log in logs {
        if let Err(error) = log.reopen() {
            error!(
                "cannot reopen the audit log {}: {error}",
                log.path.display()
            );
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    // Opening a FIFO would block, and what was written to it cannot be read back.
    if fs::metadata(path).is_ok_and(|meta| !meta.is_file()) {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut options = OpenOptions::new();
    let options = options.read(true).append(true).create(true).mode(MODE);
    // Whoever may write to the folder, as the service's user, does not choose what root opens.
    let opened = options.custom_flags(OFlag::O_NOFOLLOW.bits()).open(path);
    opened.map_err(|error| match error.raw_os_error() {
        Some(code) if code == Errno::ELOOP as i32 => io::Error::other("it is a symbolic link"),
        _ => error,
    })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
