//! Reads all files that the configuration names for their contents: keys, certificates and
//! passwords. Also reads secrets from the environment.
//!
//! The caller says what the file should contain, which decides who may read and change it. Reading
//! a secret records that there is one, so no list of secrets must be kept elsewhere.

mod contents;
mod opened;
mod refusal;
mod swapped;

use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use zeroize::Zeroizing;

pub(super) use contents::{Contents, is_private_key};
pub(super) use swapped::are_swapped;

use crate::config::reader::Text;
use refusal::refuse;

/// What was read for a configuration, besides the configuration itself.
#[derive(Debug, Default)]
pub(in crate::config) struct FilesRead {
    /// The files that were read, and the directories that were searched.
    paths: Vec<PathBuf>,
    /// Whether a private key, a secret key or a password was read.
    secrets: bool,
    /// The keys whose secret was read from a file that ended with a line end.
    line_ends: Vec<String>,
}

impl FilesRead {
    /// Starts with the files of the configuration itself, and the directories that were searched.
    pub(in crate::config) const fn new(paths: Vec<PathBuf>) -> Self {
        Self {
            paths,
            secrets: false,
            line_ends: Vec::new(),
        }
    }

    /// All files that were read, and the directories that were searched.
    pub(super) fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// The same, at the end.
    pub(in crate::config) fn into_paths(self) -> Vec<PathBuf> {
        self.paths
    }

    /// Whether any of it is a secret.
    pub(super) const fn holds_secrets(&self) -> bool {
        self.secrets
    }

    /// Records a secret that did not come from a file of its own.
    pub(super) const fn note_secret(&mut self) {
        self.secrets = true;
    }

    /// Records that the line end at the end of a file is no part of this key's secret.
    pub(super) fn note_line_end(&mut self, id: &str) {
        self.line_ends.push(id.to_owned());
    }

    /// The keys for which that was recorded.
    pub(super) fn line_ends(&self) -> &[String] {
        &self.line_ends
    }

    /// Adds what was read elsewhere.
    pub(super) fn append(&mut self, other: Self) {
        self.paths.extend(other.paths);
        self.secrets |= other.secrets;
        self.line_ends.extend(other.line_ends);
    }

    /// Reads a file, or reports what is wrong with it. The bytes are overwritten when dropped.
    pub(super) fn file(
        &mut self,
        name: Text<'_>,
        contents: Contents<'_>,
    ) -> Option<Zeroizing<Vec<u8>>> {
        name.not_empty()?;
        self.file_at(name, name.path(), contents)
    }

    /// Reads a file at a path that does not follow from `name` alone, which reports show.
    pub(super) fn file_at(
        &mut self,
        name: Text<'_>,
        path: PathBuf,
        contents: Contents<'_>,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let held = match opened::read(&path, contents.max_size()) {
            Ok(held) => held,
            Err(error) => return refuse(name, &path, contents, &error, &self.paths),
        };
        contents.check(name, &held.bytes)?;
        if let Some(secret) = contents.secret() {
            if held.is_world_readable {
                return secret.seen(name, &path);
            }
            self.note_secret();
        }
        self.paths.push(path);
        Some(held.bytes)
    }

    /// Reads a secret from an environment variable.
    pub(super) fn variable(&mut self, name: Text<'_>) -> Option<Zeroizing<Vec<u8>>> {
        let variable = name.not_empty()?;
        if variable.contains(['=', '\0']) {
            return name
                .error("invalid name", "no environment variable can have this name")
                .help("write its name, without `$` and value")
                .report();
        }
        let Some(secret) = std::env::var_os(variable) else {
            let why = match name.is_secret() {
                true => "there is no environment variable with this name".to_owned(),
                false => format!("there is no environment variable {}", name.quoted()),
            };
            return name
                .error("missing variable", why)
                .help("set it for the program, for example with systemd's `EnvironmentFile=`")
                .report();
        };
        self.note_secret();
        Some(Zeroizing::new(secret.into_vec()))
    }
}

/// Reads a file without secrets, byte for byte, or reports why it cannot be read.
pub(super) fn plain_file(name: Text<'_>) -> Option<Vec<u8>> {
    name.not_empty()?;
    let path = name.path();
    let read = fs::read(&path).map_err(|error| {
        let why = format!("`{}`: {error}", path.display());
        name.error("cannot read the file", why)
            .help("correct the path; it is relative to the file that contains it")
            .report::<()>()
    });
    read.ok()
}
