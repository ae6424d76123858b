//! The pid file: which process runs, and the result of the last operation that it was asked for.
//!
//! The process holds a lock on the file, which the system releases when the process ends, however
//! it ends. So a stale file is never mistaken for a running process, and a signal is never sent to
//! another program that has reused the process id.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process;

use log::warn;
use nix::fcntl::OFlag;

use super::file_lock::lock;
use super::outcome_file::{self, OutcomeFile, ProcessOutcome};

/// The pid file of this process. It is removed on drop.
#[derive(Debug)]
pub struct PidFile {
    path: PathBuf,
    /// The name it had before it was moved out of the way.
    name: Option<PathBuf>,
    /// Locked.
    file: File,
    outcomes: OutcomeFile,
}

/// Why the pid file could not be created.
#[derive(Debug, thiserror::Error)]
pub enum PidFileError {
    /// Another process holds it.
    #[error("{}: process {pid} is already running with this pid file", path.display())]
    Held {
        /// The file.
        path: PathBuf,
        /// Its content.
        pid: String,
    },
    /// It cannot be written.
    #[error("cannot write the pid file {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

impl PidFile {
    /// Creates the file and writes this process's id to it. Takes over a stale file of a process
    /// that is gone.
    ///
    /// # Errors
    /// If another process holds the file, or it cannot be written.
    pub fn create(path: &Path) -> Result<Self, PidFileError> {
        let io = |source| PidFileError::Io {
            path: path.to_owned(),
            source,
        };
        let file = loop {
            let file = open(path).map_err(io)?;
            if !lock(&file).map_err(io)? {
                let pid = fs::read_to_string(path).unwrap_or_default();
                return Err(PidFileError::Held {
                    path: path.to_owned(),
                    pid: pid.trim().to_owned(),
                });
            }
            // Its last owner may have removed it before we got the lock.
            if is_at(&file, path) {
                break file;
            }
        };
        file.set_permissions(Permissions::from_mode(0o644))
            .and_then(|()| file.set_len(0))
            .and_then(|()| file.write_all_at(format!("{}\n", process::id()).as_bytes(), 0))
            .map_err(io)?;
        Ok(Self {
            path: path.to_owned(),
            name: None,
            file,
            outcomes: OutcomeFile::create(&outcome_file::path(path)).map_err(io)?,
        })
    }

    /// The process runs this configuration file.
    pub fn runs(&mut self, configuration: &Path) {
        self.outcomes.runs(configuration);
    }

    /// An operation starts.
    pub fn begin(&mut self) {
        self.outcomes.begin();
    }

    /// An operation has ended with this result.
    pub fn end(&mut self, outcome: &ProcessOutcome) {
        self.outcomes.end(outcome);
    }

    /// Renames the file to make way for that of a new process: appends `.oldbin`, as nginx does.
    pub fn make_room(&mut self) {
        let name = self.path.clone();
        let mut old = name.clone().into_os_string();
        old.push(".oldbin");
        self.rename(PathBuf::from(old));
        self.name = Some(name);
    }

    /// Restores the file's original name.
    pub fn take_back(&mut self) {
        if let Some(name) = self.name.take() {
            self.rename(name);
        }
    }

    fn rename(&mut self, to: PathBuf) {
        // Without the outcome file, nobody learns the results; without the pid file, nobody can
        // send a signal. So rename each even if the other fails.
        if let Err(error) = fs::rename(outcome_file::path(&self.path), outcome_file::path(&to)) {
            warn!(
                "cannot rename the outcome file of {}: {error}",
                self.path.display()
            );
        }
        match fs::rename(&self.path, &to) {
            Ok(()) => self.path = to,
            Err(error) => warn!("cannot rename {}: {error}", self.path.display()),
        }
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        // If the user may not remove it, an empty file means the same.
        let _ = self.file.set_len(0);
        if is_at(&self.file, &self.path) {
            let _ = fs::remove_file(outcome_file::path(&self.path));
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o644)
        // In a directory that others can write to, a symbolic link could redirect the write.
        .custom_flags(OFlag::O_NOFOLLOW.bits())
        .open(path)
}

/// Whether the path still leads to this file.
fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(ours), Ok(named)) = (file.metadata(), fs::symlink_metadata(path)) else {
        return false;
    };
    (ours.dev(), ours.ino()) == (named.dev(), named.ino())
}

/// A process that runs with a pid file, seen from another process.
#[derive(Debug)]
pub struct Running {
    /// The process id.
    pub pid: i32,
    file: File,
}

/// Why no process is known to run with a pid file.
#[derive(Debug, thiserror::Error)]
pub enum NotRunning {
    /// The file does not exist.
    #[error("no running proxy was found: there is no pid file {}", .0.display())]
    NoFile(PathBuf),
    /// Nobody holds the lock.
    #[error("no running proxy was found: the pid file {} is stale", .0.display())]
    Stale(PathBuf),
    /// It cannot be read.
    #[error("cannot read the pid file {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// It is locked, but contains no process id.
    #[error("the pid file {} contains no process id", .0.display())]
    NoPid(PathBuf),
}

impl Running {
    /// Finds the process that runs with this pid file.
    ///
    /// # Errors
    /// If there is none, or the file cannot be read.
    pub fn find(path: &Path) -> Result<Self, NotRunning> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(NotRunning::NoFile(path.to_owned()));
            }
            Err(source) => {
                return Err(NotRunning::Io {
                    path: path.to_owned(),
                    source,
                });
            }
        };
        let running = Self { pid: 0, file };
        if running.is_gone() {
            return Err(NotRunning::Stale(path.to_owned()));
        }
        let text = fs::read_to_string(path).unwrap_or_default();
        match text.trim().parse() {
            Ok(pid) if pid > 0 => Ok(Self { pid, ..running }),
            _ => Err(NotRunning::NoPid(path.to_owned())),
        }
    }

    /// Whether the process has exited since.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        let free = self.file.try_lock_shared().is_ok();
        if free {
            // Let a process that is just starting have the lock.
            let _ = self.file.unlock();
        }
        free
    }
}

/// The result of the last operation that a process was asked for.
pub use outcome_file::read as last_outcome;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pid_file_is_held_while_its_process_runs() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.pid");
        assert!(matches!(Running::find(&path), Err(NotRunning::NoFile(_))));
        fs::write(&path, "1\n").unwrap();
        assert!(matches!(Running::find(&path), Err(NotRunning::Stale(_))));

        let file = PidFile::create(&path).unwrap();
        let pid = process::id().to_string();
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{pid}\n"));
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o644);
        let running = Running::find(&path).unwrap();
        assert_eq!(running.pid.to_string(), pid);
        match PidFile::create(&path) {
            Err(PidFileError::Held { pid: held, .. }) => assert_eq!(held, pid),
            other => panic!("{other:?}"),
        }
        drop(file);
        assert!(running.is_gone());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_pid_file_that_another_process_replaced_is_not_removed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.pid");
        let file = PidFile::create(&path).unwrap();
        fs::remove_file(&path).unwrap();
        fs::write(&path, "another").unwrap();
        drop(file);
        assert_eq!(fs::read_to_string(&path).unwrap(), "another");
    }

    #[test]
    fn the_pid_file_can_be_moved_away_and_restored() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.pid");
        let mut old = PidFile::create(&path).unwrap();
        old.make_room();
        let new = PidFile::create(&path).unwrap();
        drop(new);
        old.take_back();
        assert!(Running::find(&path).is_ok());
        drop(old);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn the_pid_file_is_moved_away_even_if_the_outcome_file_is_gone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.oldbin");
        let mut old = PidFile::create(&path).unwrap();
        // Where it did not make room, there is nothing to take back.
        old.take_back();
        assert!(Running::find(&path).is_ok());
        fs::remove_file(outcome_file::path(&path)).unwrap();
        old.make_room();
        drop(PidFile::create(&path).unwrap());
        old.take_back();
        assert!(Running::find(&path).is_ok());
    }

    #[test]
    fn a_link_is_not_followed() {
        let directory = tempfile::tempdir().unwrap();
        let (path, other) = (directory.path().join("a.pid"), directory.path().join("b"));
        fs::write(&other, "precious").unwrap();
        std::os::unix::fs::symlink(&other, &path).unwrap();
        assert!(matches!(
            PidFile::create(&path),
            Err(PidFileError::Io { .. })
        ));
        assert_eq!(fs::read_to_string(&other).unwrap(), "precious");
    }
}
