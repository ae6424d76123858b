//! A log file.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::{Failed, LogOutput, write_all};

/// Logs record who paid when, so they are not world-readable.
const MODE: u32 = 0o640;

/// A file that lines are appended to.
pub struct LogFile {
    path: PathBuf,
    file: File,
    /// Whether a failed write left half a line behind.
    in_line: bool,
}

impl LogFile {
    /// Opens the file, and creates it if necessary.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            file: open(path)?,
            in_line: false,
        })
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    if fs::metadata(path).is_ok_and(|meta| meta.file_type().is_fifo()) {
        // Opening a FIFO only for writing would block until somebody reads it.
        options.read(true).write(true);
    } else {
        options.append(true).create(true).mode(MODE);
    }
    options.open(path)
}

impl LogOutput for LogFile {
    fn write_lines(&mut self, lines: &[u8]) -> Result<(), Failed> {
        if lines.is_empty() {
            return Ok(());
        }
        let mut left = lines;
        let written = self
            .end_line()
            .and_then(|()| write_all(&mut self.file, &mut left));
        written.map_err(|error| {
            let written = lines.get(..lines.len().saturating_sub(left.len()));
            self.in_line |= written
                .and_then(<[u8]>::last)
                .is_some_and(|last| *last != b'\n');
            Failed::new(error, left)
        })
    }

    fn reopen(&mut self) -> io::Result<()> {
        self.file = open(&self.path)?;
        self.in_line = false;
        Ok(())
    }
}

impl LogFile {
    /// Ends an unfinished line, so that the next one starts on its own.
    fn end_line(&mut self) -> io::Result<()> {
        if self.in_line {
            write_all(&mut self.file, &mut &b"\n"[..])?;
            self.in_line = false;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    #[test]
    fn a_log_file_is_appended_to_and_not_world_readable() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.log");
        for line in ["one\n", "two\n"] {
            let mut log = LogFile::open(&path).unwrap();
            log.write_lines(line.as_bytes()).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntwo\n");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o027, 0);
    }

    #[test]
    fn reopening_follows_the_path_or_keeps_the_open_file() {
        let directory = tempfile::tempdir().unwrap();
        let (path, moved) = (directory.path().join("a.log"), directory.path().join("a.1"));
        let mut log = LogFile::open(&path).unwrap();
        fs::rename(&path, &moved).unwrap();
        log.write_lines(b"old\n").unwrap();
        log.reopen().unwrap();
        log.write_lines(b"new\n").unwrap();
        assert_eq!(fs::read_to_string(&moved).unwrap(), "old\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), "new\n");

        fs::rename(&path, &moved).unwrap();
        fs::create_dir(&path).unwrap();
        log.reopen().unwrap_err();
        log.write_lines(b"kept\n").unwrap();
        assert_eq!(fs::read_to_string(&moved).unwrap(), "new\nkept\n");
    }

    #[test]
    fn a_full_disk_reports_the_number_of_lost_lines() {
        let mut log = LogFile::open(Path::new("/dev/full")).unwrap();
        assert_eq!(log.write_lines(b"one\ntwo\n").unwrap_err().lost, 2);
        assert!(!log.in_line);
    }
}
