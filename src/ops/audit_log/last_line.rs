//! The last line of a file, which the next one continues.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use super::audit_line::LineHash;

/// How much is read at once, from the end.
const PART: u64 = 4096;

/// The most that is read: no line of ours is as long.
const MOST: usize = 64 << 10;

/// The last line of a file.
#[derive(Debug)]
pub(super) struct LastLine {
    hash: Option<LineHash>,
    is_torn: bool,
}

impl LastLine {
    /// # Errors
    /// If the file cannot be read, or has no line where one must be.
    pub(super) fn of(file: &File) -> io::Result<Self> {
        let mut start = file.metadata()?.len();
        let mut read = Vec::new();
        let found = loop {
            let line = line_in(&read);
            if start == 0 || line.1 {
                break line.0;
            }
            if read.len() > MOST {
                return Err(io::Error::other(
                    "its last line is too long to be one of ours",
                ));
            }
            let from = start.saturating_sub(PART);
            let mut part = vec![0; usize::try_from(start.saturating_sub(from)).unwrap_or(0)];
            file.read_exact_at(&mut part, from)?;
            part.append(&mut read);
            (read, start) = (part, from);
        };
        Ok(Self {
            is_torn: read.last().is_some_and(|last| *last != b'\n'),
            hash: (!read.is_empty()).then(|| LineHash::of(found.unwrap_or_default())),
        })
    }

    /// Its hash; `None` if the file is empty.
    pub(super) const fn hash(&self) -> Option<LineHash> {
        self.hash
    }

    /// Whether its write was interrupted: it has no newline.
    pub(super) const fn is_torn(&self) -> bool {
        self.is_torn
    }
}

/// The last line in the end of a file, and whether it begins there.
fn line_in(end: &[u8]) -> (Option<&[u8]>, bool) {
    let text = end.strip_suffix(b"\n").unwrap_or(end);
    match text.iter().rposition(|byte| *byte == b'\n') {
        Some(at) => (text.get(at.saturating_add(1)..), true),
        None => (Some(text), false),
    }
}
