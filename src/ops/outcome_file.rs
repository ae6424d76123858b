//! The outcome file beside the pid file: which configuration file the process runs, and the result of
//! the last operation that it was asked for.
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
    /// The configuration file, as text without line breaks; empty if its name cannot be that.
    configuration: String,
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
            configuration: String::new(),
            begun: 0,
            ended: 0,
            last: Ok(()),
        };
        outcomes.write();
        Ok(outcomes)
    }

    /// The process runs this configuration file.
    pub(super) fn runs(&mut self, configuration: &Path) {
        let text = configuration.to_str().unwrap_or_default();
        self.configuration = match text.contains(['\r', '\n']) {
            true => String::new(),
            false => text.to_owned(),
        };
        self.write();
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
        let Self {
            begun,
            ended,
            configuration,
            ..
        } = self;
        let text = format!("{begun} {ended} {configuration}\n{last}\n{END}");
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
    /// The configuration file of the process, if it said so: earlier versions do not.
    pub configuration: Option<PathBuf>,
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
    let (begun, rest_of_line) = numbers.split_once(' ')?;
    let (ended, configuration) = rest_of_line.split_once(' ').unwrap_or((rest_of_line, ""));
    let why = rest.strip_suffix(END)?.trim_end();
    Some(Done {
        configuration: (!configuration.is_empty()).then(|| configuration.into()),
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
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    #[test]
    fn an_outcome_is_read_back_as_written() {
        let directory = tempfile::tempdir().unwrap();
        let pid_file = directory.path().join("a.pid");
        assert_eq!(read(&pid_file), None);
        let mut file = OutcomeFile::create(&path(&pid_file)).unwrap();
        let done = |begun, ended, last| {
            Some(Done {
                configuration: Some("/etc/a b/c.toml".into()),
                begun,
                ended,
                last,
            })
        };
        assert_eq!(read(&pid_file).unwrap().configuration, None);
        file.runs(Path::new("/etc/a b/c.toml"));
        file.begin();
        assert_eq!(read(&pid_file), done(1, 0, Ok(())));
        let bad = Err("one\ntwo".to_owned());
        file.end(&bad);
        assert_eq!(read(&pid_file), done(1, 1, bad));
        file.begin();
        file.end(&Ok(()));
        assert_eq!(read(&pid_file), done(2, 2, Ok(())));
        fs::write(path(&pid_file), "2 2\n").unwrap();
        assert_eq!(read(&pid_file), None, "being written");
        // As earlier versions write it.
        fs::write(path(&pid_file), "2 1\nwhy\n.\n").unwrap();
        let old = Done {
            configuration: None,
            begun: 2,
            ended: 1,
            last: Err("why".to_owned()),
        };
        assert_eq!(read(&pid_file), Some(old));
    }

    #[test]
    fn a_name_that_is_no_line_of_text_is_left_out() {
        let directory = tempfile::tempdir().unwrap();
        let pid_file = directory.path().join("a.pid");
        let mut file = OutcomeFile::create(&path(&pid_file)).unwrap();
        for name in [&b"/a\n9 9 /b"[..], b"/\xff"] {
            file.runs(Path::new(OsStr::from_bytes(name)));
            assert_eq!(read(&pid_file).unwrap().configuration, None);
        }
    }
}
