//! Key files: what may be read, and what helps when it cannot.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::named_file::{self, FileError};
use crate::config::reader::{looks_like_key, quote, similar};

/// No public key or certificate is longer, in bytes.
const MAX_SIZE: u64 = 64 * 1024;

/// Why a key file was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeyFileError {
    #[error("this looks like a key, not like the name of a file")]
    IsAKey,
    #[error("there is no file `{}`", path.display())]
    Missing {
        path: PathBuf,
        /// A file of a similar name in the same directory.
        similar: Option<String>,
    },
    #[error("`{}` is not a regular file", .0.display())]
    NotAFile(PathBuf),
    #[error("anyone on this machine can write `{}`", .0.display())]
    WorldWritable(PathBuf),
    #[error("`{}` is larger than {} KiB, so it is not a key", .0.display(), MAX_SIZE / 1024)]
    TooLarge(PathBuf),
    #[error("`{}`: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
}

impl KeyFileError {
    pub(super) fn help(&self) -> String {
        match self {
            Self::IsAKey => {
                "write `public_key = \"...\"` for a key that stands in the configuration".to_owned()
            }
            Self::Missing {
                similar: Some(name),
                ..
            } => format!("did you mean {}?", quote(name)),
            Self::Missing { similar: None, .. } => {
                "a path is relative to the file it stands in".to_owned()
            }
            Self::NotAFile(_) => "name the file itself".to_owned(),
            Self::WorldWritable(path) => format!(
                "make sure that the key is still the right one, then `chmod o-w {}`",
                path.display()
            ),
            Self::TooLarge(_) => {
                "name the file that holds nothing but the platform's public key".to_owned()
            }
            Self::Io { .. } => "let the user that runs the proxy read it".to_owned(),
        }
    }
}

/// Reads a key file. `written` is its path as configured; the files of `others` are other keys', and
/// not what was meant.
pub(super) fn read(
    written: &str,
    path: &Path,
    others: &[PathBuf],
) -> Result<Vec<u8>, KeyFileError> {
    if looks_like_key(written) || written.contains("-----BEGIN ") {
        return Err(KeyFileError::IsAKey);
    }
    let path = path.to_owned();
    match named_file::read(&path, MAX_SIZE) {
        Ok(held) => Ok(held.bytes.to_vec()),
        Err(FileError::NotRegular) => Err(KeyFileError::NotAFile(path)),
        Err(FileError::WorldWritable) => Err(KeyFileError::WorldWritable(path)),
        Err(FileError::TooLarge) => Err(KeyFileError::TooLarge(path)),
        Err(FileError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
            Err(KeyFileError::Missing {
                similar: sibling(&path, others),
                path,
            })
        }
        Err(FileError::Io(error)) => Err(KeyFileError::Io { path, error }),
    }
}

/// A file beside a missing one that has a similar name, and that no other key has.
fn sibling(path: &Path, others: &[PathBuf]) -> Option<String> {
    let names: Vec<String> = fs::read_dir(path.parent()?)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| !others.contains(&path.with_file_name(name)))
        .collect();
    let wanted = path.file_name()?.to_str()?;
    similar(wanted, names.iter().map(String::as_str)).map(str::to_owned)
}
