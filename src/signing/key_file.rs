//! Files for new keys: never in place of one that is there.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Who may read a private key or a secret: its owner alone.
pub const PRIVATE_MODE: u32 = 0o600;

/// Who may read a public key: everybody.
pub const PUBLIC_MODE: u32 = 0o644;

/// A file with a key, which is removed again unless it is kept.
#[derive(Debug)]
pub struct NewKeyFile {
    path: PathBuf,
    file: File,
    is_kept: bool,
}

/// Why there is no new file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// Something has this name: it could be a key in use.
    #[error("{} exists, and no key is overwritten: choose another name with `--out`, or move it away", .0.display())]
    Exists(PathBuf),
    /// The system refuses it.
    #[error("cannot write {}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

impl NewKeyFile {
    /// Creates the file with this mode, whatever the umask is, from the first moment on not wider than that.
    ///
    /// # Errors
    /// If there is one, or it cannot be created.
    pub fn create(path: &Path, mode: u32) -> Result<Self, KeyFileError> {
        let mut options = OpenOptions::new();
        let opened = options.write(true).create_new(true).mode(mode).open(path);
        let file = opened.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => KeyFileError::Exists(path.to_owned()),
            _ => KeyFileError::Io {
                path: path.to_owned(),
                error,
            },
        })?;
        let new = Self {
            path: path.to_owned(),
            file,
            is_kept: false,
        };
        let set = new.file.set_permissions(Permissions::from_mode(mode));
        set.map_err(|error| new.failed(error))?;
        Ok(new)
    }

    /// Writes the key, down to the disk.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&mut self, key: &[u8]) -> Result<(), KeyFileError> {
        let written = self.file.write_all(key).and_then(|()| self.file.sync_all());
        written.map_err(|error| self.failed(error))
    }

    /// Keeps the file.
    pub fn keep(mut self) {
        self.is_kept = true;
    }

    fn failed(&self, error: io::Error) -> KeyFileError {
        KeyFileError::Io {
            path: self.path.clone(),
            error,
        }
    }
}

impl Drop for NewKeyFile {
    fn drop(&mut self) {
        if !self.is_kept {
            // What failed before is reported.
            let _ = fs::remove_file(&self.path);
        }
    }
}
