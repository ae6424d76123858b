//! Who may connect to a Unix socket.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;

use super::{SocketFile, within};

/// Another mode of a socket's file; taken back when dropped, unless it is kept.
#[derive(Debug)]
#[must_use]
pub struct ModeChange {
    /// The file and its mode before; `None` once nothing is to be taken back.
    before: Option<(File, Permissions)>,
}

impl ModeChange {
    /// It stays.
    pub fn keep(mut self) {
        self.before = None;
    }
}

impl Drop for ModeChange {
    fn drop(&mut self) {
        if let Some((file, before)) = self.before.take() {
            // It was so a moment ago.
            let _ = fs::set_permissions(within(&file), before);
        }
    }
}

impl SocketFile {
    /// Gives the file that mode.
    ///
    /// # Errors
    /// If the system refuses, or it is another file by now.
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
