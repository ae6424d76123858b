//! Destinations that a log's thread writes to.

mod file;
mod syslog;

use std::io::{self, ErrorKind, Write};

pub use file::LogFile;
pub use syslog::SyslogOutput;

/// A destination for log lines.
pub trait LogOutput: Send + 'static {
    /// Writes zero or more lines, each with its newline.
    ///
    /// # Errors
    /// If not all of them could be written. The implementation must discard the rest.
    fn write_lines(&mut self, lines: &[u8]) -> Result<(), Failed>;

    /// Reopens the destination, if that applies to it.
    ///
    /// # Errors
    /// If it cannot be opened; then the old one stays in use.
    fn reopen(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Whether each line should start with a byte for its level.
    fn wants_levels(&self) -> bool {
        false
    }
}

/// Lines that could not be written.
#[derive(Debug)]
pub struct Failed {
    /// The cause.
    pub error: io::Error,
    /// How many lines were lost.
    pub lost: u64,
}

/// Standard output or standard error.
pub struct Stream<W>(pub W);

impl<W: Write + Send + 'static> LogOutput for Stream<W> {
    fn write_lines(&mut self, lines: &[u8]) -> Result<(), Failed> {
        let mut left = lines;
        write_all(&mut self.0, &mut left)
            .and_then(|()| self.0.flush())
            .map_err(|error| Failed::new(error, left))
    }
}

impl Failed {
    fn new(error: io::Error, left: &[u8]) -> Self {
        Self {
            error,
            lost: count_lines(left),
        }
    }
}

/// Like `Write::write_all`, but leaves the unwritten rest in `left`.
fn write_all(out: &mut impl Write, left: &mut &[u8]) -> io::Result<()> {
    while !left.is_empty() {
        match out.write(left) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => *left = left.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn count_lines(lines: &[u8]) -> u64 {
    let count = lines.iter().filter(|byte| **byte == b'\n').count();
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_reports_its_lost_lines() {
        let (reader, writer) = io::pipe().unwrap();
        let mut out = Stream(writer);
        out.write_lines(b"read\n").unwrap();
        drop(reader);
        let failed = out.write_lines(b"one\ntwo\n").unwrap_err();
        assert_eq!(failed.lost, 2);
        assert_eq!(failed.error.kind(), ErrorKind::BrokenPipe);
    }
}
