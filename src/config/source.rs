//! The text of a configuration file.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read as _};
use std::iter;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::catalogue::ShippedFile;
use super::diagnostic::{Diagnostic, Place};

/// The file number of the configuration file itself.
pub(super) const MAIN: usize = 0;

/// The file number of the command line's overrides.
pub(super) const COMMAND_LINE: usize = 1;

/// The file number of the first included file; the others follow.
pub(super) const INCLUDED: usize = 2;

/// The maximum size of a configuration file, in bytes.
const MAX_SIZE: u64 = 64 * 1024 * 1024;

/// A configuration file: its name as given, and its text without byte-order mark and with `\n` as
/// line ending. Also used for the overrides of the command line, which count as part of the main
/// file.
#[derive(Clone, Debug)]
pub(super) struct SourceText {
    path: PathBuf,
    /// The base of the file's relative paths. May itself be relative to the working directory.
    directory: PathBuf,
    text: String,
    /// False if the file could not be read or is not UTF-8.
    readable: bool,
    is_command_line: bool,
    /// The offset of each line's first byte.
    lines: Vec<usize>,
    /// The text with the lines that cannot be parsed blanked out.
    mended: OnceLock<String>,
}

/// Why a file's text is unavailable.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error("there is no such file")]
    Missing,
    #[error("it is a directory")]
    Directory,
    #[error("it is larger than {} MiB", MAX_SIZE / (1024 * 1024))]
    TooLarge,
    #[error("it is not UTF-8 text")]
    NotUtf8 {
        /// The text, with U+FFFD for invalid bytes. The first one is at `at`.
        lossy: String,
        at: usize,
    },
    #[error("{0}")]
    Io(io::Error),
}

impl SourceText {
    /// Reads the file. If that fails, returns the error and a source that parses as empty.
    pub(super) fn read(path: &Path) -> (Self, Option<ReadError>) {
        let (text, error) = match read_text(path) {
            Ok(text) => (text, None),
            Err(ReadError::NotUtf8 { lossy, at }) => (
                lossy,
                Some(ReadError::NotUtf8 {
                    lossy: String::new(),
                    at,
                }),
            ),
            Err(error) => (String::new(), Some(error)),
        };
        let directory = path.parent().unwrap_or(Path::new(""));
        let source = Self::new(path, directory, text, error.is_none());
        (source, error)
    }

    /// The overrides of a command line, one per line, for this configuration file.
    pub(super) fn command_line(overrides: &[String], main: &Path) -> Self {
        let directory = main.parent().unwrap_or(Path::new(""));
        let text = overrides.join("\n");
        Self {
            is_command_line: true,
            ..Self::new(Path::new("command line"), directory, text, true)
        }
    }

    /// The text of a file of the catalogue. Its name is no path.
    pub(super) fn shipped(file: &ShippedFile) -> Self {
        let name = format!("shipped scheme {}", file.slug);
        Self::new(Path::new(&name), Path::new(""), file.text.to_owned(), true)
    }

    fn new(path: &Path, directory: &Path, text: String, readable: bool) -> Self {
        let line_ends = text.match_indices('\n').map(|(at, _)| at.saturating_add(1));
        let lines = iter::once(0).chain(line_ends).collect();
        Self {
            path: path.to_owned(),
            directory: directory.to_owned(),
            text,
            readable,
            is_command_line: false,
            lines,
            mended: OnceLock::new(),
        }
    }

    /// The name, as given.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it could be read, and is UTF-8.
    pub(super) const fn is_readable(&self) -> bool {
        self.readable
    }

    /// Whether it holds the overrides of the command line.
    pub(super) const fn is_command_line(&self) -> bool {
        self.is_command_line
    }

    /// The text to parse; empty if the file could not be read, which has already been reported.
    pub(super) fn toml(&self) -> &str {
        if self.readable { &self.text } else { "" }
    }

    /// The text to parse, with spaces in place of the lines that contain these byte ranges.
    pub(super) fn toml_without_lines(&self, places: &[Range<usize>]) -> &str {
        self.mended.get_or_init(|| {
            let line = |at: usize| self.lines.partition_point(|start| *start <= at);
            let bad: HashSet<usize> = places
                .iter()
                .flat_map(|place| line(place.start)..=line(place.end.saturating_sub(1)))
                .collect();
            let mut mended = String::with_capacity(self.text.len());
            for (text, number) in self.toml().split_inclusive('\n').zip(1..) {
                if bad.contains(&number) {
                    let spaces = text.trim_end_matches('\n').len();
                    mended.extend(iter::repeat_n(' ', spaces));
                    mended.push_str(text.get(spaces..).unwrap_or_default());
                } else {
                    mended.push_str(text);
                }
            }
            mended
        })
    }

    /// Resolves a path relative to this file's directory.
    pub(super) fn resolve(&self, path: &str) -> PathBuf {
        self.directory.join(path)
    }

    /// Line and column of a byte, counted from 1; the column counts characters.
    pub(super) fn line_and_column(&self, at: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|start| *start <= at);
        let start = self
            .lines
            .get(line.saturating_sub(1))
            .copied()
            .unwrap_or_default();
        let before = self.text.get(start..at).unwrap_or_default();
        (line, before.chars().count().saturating_add(1))
    }
}

impl ReadError {
    /// The diagnostic for this error; `file` is the number of the file.
    pub(super) fn diagnostic(&self, file: usize) -> Diagnostic {
        let place = match self {
            Self::NotUtf8 { at, .. } => Place::span(file, *at, *at),
            _ => Place::file(file),
        };
        let problem = Diagnostic::error(
            "cannot read the configuration file",
            place,
            self.to_string(),
        );
        match self {
            Self::Missing if file == MAIN => problem.help("name the file with `-c FILE`"),
            Self::Directory if file == MAIN => problem.help("name the file in it with `-c FILE`"),
            Self::NotUtf8 { .. } => problem.help("save the file as UTF-8"),
            Self::Io(_) => problem.help("give the user that runs the proxy read permission"),
            Self::Missing | Self::Directory | Self::TooLarge => {
                problem.help("a configuration must be a text file")
            }
        }
    }
}

fn read_text(path: &Path) -> Result<String, ReadError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| {
            if file.metadata()?.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            file.take(MAX_SIZE.saturating_add(1))
                .read_to_end(&mut bytes)
        })
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => ReadError::Missing,
            io::ErrorKind::IsADirectory => ReadError::Directory,
            _ => ReadError::Io(error),
        })?;
    if u64::try_from(bytes.len()).is_ok_and(|size| size > MAX_SIZE) {
        return Err(ReadError::TooLarge);
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(normalised(&text)),
        Err(error) => {
            let lossy = normalised(&String::from_utf8_lossy(error.as_bytes()));
            let at = lossy.find(char::REPLACEMENT_CHARACTER).unwrap_or_default();
            Err(ReadError::NotUtf8 { lossy, at })
        }
    }
}

/// TOML treats both line endings alike; using one keeps excerpts clean.
fn normalised(text: &str) -> String {
    text.strip_prefix('\u{feff}')
        .unwrap_or(text)
        .replace("\r\n", "\n")
}
