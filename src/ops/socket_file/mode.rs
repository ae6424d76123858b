//! Permissions of a Unix socket.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;

use super::{SocketFile, within};

/// A change of a socket file's mode. It is reverted on drop, unless it is kept.
#[derive(Debug)]
#[must_use]
pub struct ModeChange {
    /// The file and its previous mode; `None` if there is nothing to revert.
    before: Option<(File, Permissions)>,
}

impl ModeChange {
    /// Makes the change permanent.
    pub fn keep(mut self) {
        self.before = None;
    }
}

impl Drop for ModeChange {
    fn drop(&mut self) {
        if let Some((file, before)) = self.before.take() {
            // Best effort: the mode was valid a moment ago.
            let _ = fs::set_permissions(within(&file), before);
        }
    }
}

impl SocketFile {
    /// Changes the file's mode.
    ///
    /// # Errors
    /// If the system refuses, or the path leads to another file by now.
    pub fn change_mode(&self, mode: u32) -> io::Result<ModeChange> {
        let file = self.open()?;
        let before = file.metadata()?.permissions();
        if before.mode() & 0o7777 == mode {
            return Ok(ModeChange { before: None });
        }
        fs::set_permissions(within(&file), Permissions::from_mode(mode))?;
        Ok(ModeChange {
            before: Some((file, before)),
        })
    }
}
