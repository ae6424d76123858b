//! Where a log's thread writes its lines to.

mod file;
mod syslog;

use std::io::{self, ErrorKind, Write};

pub use file::LogFile;
pub use syslog::SyslogOutput;

/// A destination of lines.
pub trait Output: Send + 'static {
    /// Writes lines, each with its newline; perhaps none.
    ///
    /// # Errors
    /// If not all of them could be written. The rest must not be kept.
    fn write_lines(&mut self, lines: &[u8]) -> Result<(), Failed>;

    /// Opens the destination anew, if that means something.
    ///
    /// # Errors
    /// If it cannot be opened; the old one then stays in use.
    fn reopen(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Whether each line should be preceded by a byte for its level.
    fn wants_levels(&self) -> bool {
        false
    }
}

/// Lines that could not be written.
#[derive(Debug)]
pub struct Failed {
    /// Why.
    pub error: io::Error,
    /// How many of them.
    pub lost: u64,
}

/// Standard output or error.
pub struct Stream<W>(pub W);

impl<W: Write + Send + 'static> Output for Stream<W> {
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

/// As `Write::write_all`, but tells what is left.
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
    fn a_pipe_that_was_closed_costs_its_lines() {
        let (reader, writer) = io::pipe().unwrap();
        let mut out = Stream(writer);
        out.write_lines(b"read\n").unwrap();
        drop(reader);
        let failed = out.write_lines(b"one\ntwo\n").unwrap_err();
        assert_eq!(failed.lost, 2);
        assert_eq!(failed.error.kind(), ErrorKind::BrokenPipe);
    }
}
