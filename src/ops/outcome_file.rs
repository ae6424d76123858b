//! The outcome file beside the pid file: the result of the last operation that the process was
//! asked for.
//!
//! A signal has no answer, so `-s reload` reads it here. The process opens the file while it still
//! has the rights to, and rewrites it after each reload and each failed upgrade.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use log::warn;

/// The last line. If it is missing, the file is being written.
const END: &str = ".\n";

/// The result of an operation: `Err` says what went wrong.
pub type ProcessOutcome = Result<(), String>;

/// The path of the outcome file that belongs to a pid file.
pub(super) fn path(pid_file: &Path) -> PathBuf {
    let mut path = pid_file.as_os_str().to_owned();
    path.push(".outcome");
    path.into()
}

/// The file, as its process sees it.
#[derive(Debug)]
pub(super) struct OutcomeFile {
    file: File,
    begun: u64,
    ended: u64,
    last: ProcessOutcome,
}

impl OutcomeFile {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        // Another process may still be writing to the old file.
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o644)
            .open(path)?;
        file.set_permissions(Permissions::from_mode(0o644))?;
        let mut outcomes = Self {
            file,
            begun: 0,
            ended: 0,
            last: Ok(()),
        };
        outcomes.write();
        Ok(outcomes)
    }

    pub(super) fn begin(&mut self) {
        self.begun = self.begun.saturating_add(1);
        self.write();
    }

    pub(super) fn end(&mut self, outcome: &ProcessOutcome) {
        self.ended = self.begun;
        self.last.clone_from(outcome);
        self.write();
    }

    fn write(&mut self) {
        let last = self.last.as_ref().err().map_or("", String::as_str);
        let text = format!("{} {}\n{last}\n{END}", self.begun, self.ended);
        let written = self
            .file
            .set_len(0)
            .and_then(|()| self.file.write_all_at(text.as_bytes(), 0));
        if let Err(error) = written {
            warn!("cannot write the outcome file beside the pid file: {error}");
        }
    }
}

/// The operations of a process so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// How many operations have started.
    pub begun: u64,
    /// How many of them have ended.
    pub ended: u64,
    /// The result of the last one.
    pub last: ProcessOutcome,
}

/// Reads the outcome file of a pid file. Returns `None` if it does not exist or is being written.
#[must_use]
pub fn read(pid_file: &Path) -> Option<Done> {
    let text = fs::read_to_string(path(pid_file)).ok()?;
    let (numbers, rest) = text.split_once('\n')?;
    let (begun, ended) = numbers.split_once(' ')?;
    let why = rest.strip_suffix(END)?.trim_end();
    Some(Done {
        begun: begun.parse().ok()?,
        ended: ended.parse().ok()?,
        last: if why.is_empty() {
            Ok(())
        } else {
            Err(why.to_owned())
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_is_read_back_as_written() {
        let directory = tempfile::tempdir().unwrap();
        let pid_file = directory.path().join("a.pid");
        assert_eq!(read(&pid_file), None);
        let mut file = OutcomeFile::create(&path(&pid_file)).unwrap();
        file.begin();
        let done = |begun, ended, last| Some(Done { begun, ended, last });
        assert_eq!(read(&pid_file), done(1, 0, Ok(())));
        let bad = Err("one\ntwo".to_owned());
        file.end(&bad);
        assert_eq!(read(&pid_file), done(1, 1, bad));
        file.begin();
        file.end(&Ok(()));
        assert_eq!(read(&pid_file), done(2, 2, Ok(())));
        fs::write(path(&pid_file), "2 2\n").unwrap();
        assert_eq!(read(&pid_file), None, "being written");
    }
}
