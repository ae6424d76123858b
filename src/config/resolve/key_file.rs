//! Key files: what may be read, and what helps when it cannot.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

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

/// Reads a key file. `written` is its path as configured.
pub(super) fn read(written: &str, path: &Path) -> Result<Vec<u8>, KeyFileError> {
    if looks_like_key(written) || written.contains("-----BEGIN ") {
        return Err(KeyFileError::IsAKey);
    }
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => KeyFileError::Missing {
            path: path.to_owned(),
            similar: sibling(path),
        },
        _ => KeyFileError::Io {
            path: path.to_owned(),
            error,
        },
    };
    // Before the file is opened: that of a named pipe would wait for a writer.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(KeyFileError::NotAFile(path.to_owned()));
    }
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if is_world_writable(&metadata) {
        return Err(KeyFileError::WorldWritable(path.to_owned()));
    }
    if metadata.len() > MAX_SIZE {
        return Err(KeyFileError::TooLarge(path.to_owned()));
    }
    let mut bytes = Vec::new();
    file.take(MAX_SIZE)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok(bytes)
}

#[cfg(unix)]
fn is_world_writable(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    const OTHERS_WRITE: u32 = 0o002;
    metadata.permissions().mode() & OTHERS_WRITE != 0
}

#[cfg(not(unix))]
const fn is_world_writable(_: &Metadata) -> bool {
    false
}

fn sibling(path: &Path) -> Option<String> {
    let names: Vec<String> = fs::read_dir(path.parent()?)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    let wanted = path.file_name()?.to_str()?;
    similar(wanted, names.iter().map(String::as_str)).map(str::to_owned)
}
