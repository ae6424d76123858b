//! A file beside the pid file that says how the last thing went that the process was asked for.
//!
//! A signal has no answer. `-s reload` finds it here: in a file that the process opened while it
//! still was allowed to, and writes anew after each reload and each failed upgrade.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use log::warn;

/// The last line: without it, the file is being written.
const END: &str = ".\n";

/// How something went: `Err` says what was wrong.
pub type Outcome = Result<(), String>;

/// Where the file is that belongs to a pid file.
pub(super) fn path(pid_file: &Path) -> PathBuf {
    let mut path = pid_file.as_os_str().to_owned();
    path.push(".outcome");
    path.into()
}

/// The file, as its process has it.
#[derive(Debug)]
pub(super) struct OutcomeFile {
    file: File,
    begun: u64,
    ended: u64,
    last: Outcome,
}

impl OutcomeFile {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        // Another process may still write to the one that was there.
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

    pub(super) fn end(&mut self, outcome: &Outcome) {
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
            warn!("cannot write beside the pid file: {error}");
        }
    }
}

/// What a process has done of what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// How many things it has begun.
    pub begun: u64,
    /// How many of them have ended.
    pub ended: u64,
    /// How the last one ended.
    pub last: Outcome,
}

/// Reads the file that belongs to a pid file; `None` if it is not there or is being written.
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
    fn is_read_as_it_was_written() {
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
