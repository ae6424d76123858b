//! Checking that each line continues the one before.

use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::audit_line::LineHash;

/// The longest line that is read.
const LONGEST: u64 = 1 << 20;

/// What a chain of lines has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChainSummary {
    /// The number of its lines.
    pub lines: u64,
    /// The times of the first and the last one, as they are written.
    pub times: Option<(String, String)>,
    /// The hash that the first line continues; `None` if it begins the log.
    pub continues: Option<LineHash>,
    /// The last line's hash.
    pub last: Option<LineHash>,
    /// Lines whose write was interrupted.
    pub torn: Vec<(PathBuf, u64)>,
    /// The hashes that were looked for and found.
    pub found: Vec<LineHash>,
}

/// The first line that does not continue the one before.
#[derive(Debug, thiserror::Error)]
pub enum BrokenChain {
    /// It names another hash.
    #[error(
        "{file}:{line}: the line names {named} as the line before, whose hash is {found}: lines before \
         this one were changed, inserted or removed", file = .at.0.display(), line = .at.1
    )]
    Hash {
        /// The file and the line.
        at: (PathBuf, u64),
        /// What it names.
        named: String,
        /// The hash of the line before; "none" without one.
        found: String,
    },
    /// It is not a line of an audit log.
    #[error("{file}:{line}: this is not a line of an audit log: {why}", file = .at.0.display(), line = .at.1)]
    Line {
        /// The file and the line.
        at: (PathBuf, u64),
        /// Why not.
        why: String,
    },
    /// A file cannot be read.
    #[error("cannot read {}: {source}", file.display())]
    System {
        /// The file.
        file: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

/// Checks the lines of files, oldest first, each with its text. `wanted` are hashes to look for.
///
/// # Errors
/// At the first line that does not continue the one before.
pub fn check_chain<R: BufRead>(
    files: impl IntoIterator<Item = (PathBuf, R)>,
    wanted: &[LineHash],
) -> Result<ChainSummary, BrokenChain> {
    let mut chain = Chain {
        summary: ChainSummary::default(),
        unread: None,
        wanted,
    };
    for (file, mut text) in files {
        let mut number = 0_u64;
        while let Some(line) = next(&mut text).map_err(|source| BrokenChain::System {
            file: file.clone(),
            source,
        })? {
            number = number.saturating_add(1);
            chain.add(&file, number, &line)?;
        }
    }
    chain.end()
}

struct Chain<'w> {
    summary: ChainSummary,
    /// A line that could not be read. It was torn if the next one continues it, or none follows.
    unread: Option<UnreadLine>,
    wanted: &'w [LineHash],
}

struct UnreadLine {
    at: (PathBuf, u64),
    why: String,
    is_whole: bool,
}

impl Chain<'_> {
    fn add(&mut self, file: &Path, number: u64, line: &[u8]) -> Result<(), BrokenChain> {
        let at = (file.to_owned(), number);
        let is_whole = line.ends_with(b"\n");
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let hash = LineHash::of(line);
        match parts(line) {
            Ok((time, named)) => {
                self.continues(named, &at)?;
                let first = self.summary.times.take().map(|(first, _)| first);
                let first = first.unwrap_or_else(|| time.clone());
                self.summary.times = Some((first, time));
            }
            Err(why) => {
                if let Some(before) = self.unread.replace(UnreadLine { at, why, is_whole }) {
                    return Err(before.broken());
                }
            }
        }
        self.summary
            .found
            .extend(self.wanted.iter().filter(|wanted| **wanted == hash));
        self.summary.lines = self.summary.lines.saturating_add(1);
        self.summary.last = Some(hash);
        Ok(())
    }

    fn continues(
        &mut self,
        named: Option<LineHash>,
        at: &(PathBuf, u64),
    ) -> Result<(), BrokenChain> {
        if self.summary.lines == 0 {
            self.summary.continues = named;
            return Ok(());
        }
        let unread = self.unread.take();
        if named != self.summary.last {
            if let Some(unread) = unread {
                return Err(unread.broken());
            }
            let written = |hash: Option<LineHash>| {
                hash.map_or_else(|| "none".to_owned(), |hash| hash.to_string())
            };
            return Err(BrokenChain::Hash {
                at: at.clone(),
                named: written(named),
                found: written(self.summary.last),
            });
        }
        self.summary.torn.extend(unread.map(|unread| unread.at));
        Ok(())
    }

    fn end(mut self) -> Result<ChainSummary, BrokenChain> {
        match self.unread.take() {
            Some(unread) if unread.is_whole => return Err(unread.broken()),
            unread => self.summary.torn.extend(unread.map(|unread| unread.at)),
        }
        Ok(self.summary)
    }
}

impl UnreadLine {
    fn broken(self) -> BrokenChain {
        BrokenChain::Line {
            at: self.at,
            why: self.why,
        }
    }
}

/// A line's time, and the hash of the line before.
fn parts(line: &[u8]) -> Result<(String, Option<LineHash>), String> {
    let value: Value = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let Some(Value::String(time)) = value.get("time") else {
        return Err("it has no `time`".to_owned());
    };
    let before = match value.get("before") {
        Some(Value::Null) => None,
        Some(Value::String(hash)) => Some(hash.parse().map_err(|why| format!("`before`: {why}"))?),
        _ => return Err("it has no `before`".to_owned()),
    };
    Ok((time.clone(), before))
}

/// The next line with its newline, if it has one.
fn next(text: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    io::Read::take(&mut *text, LONGEST).read_until(b'\n', &mut line)?;
    Ok((!line.is_empty()).then_some(line))
}
