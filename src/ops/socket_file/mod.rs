//! The file of a listening Unix socket: created by one process, handed over from one to the next,
//! and removed by the last.

mod file_identity;
mod mode;
mod stale;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _, chown};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;

pub use file_identity::FileIdentity;
pub use mode::ModeChange;
pub use stale::{Cleared, clear};

use super::privileges::Owner;

/// A socket's file. It is removed on drop if this process is responsible for it and the path still
/// leads to it.
#[derive(Debug)]
pub struct SocketFile {
    path: PathBuf,
    identity: FileIdentity,
    ours_to_remove: bool,
}

impl SocketFile {
    /// The file of a socket that this process has just bound.
    ///
    /// # Errors
    /// If the path is not a socket.
    pub fn made(path: &Path) -> io::Result<Self> {
        let metadata = fs::symlink_metadata(path)?;
        if !metadata.file_type().is_socket() {
            return Err(io::Error::other("another file has taken its name"));
        }
        Ok(Self {
            path: path.to_owned(),
            identity: FileIdentity::from(&metadata),
            ours_to_remove: true,
        })
    }

    /// The file of an inherited socket, which the old process is still responsible for.
    #[must_use]
    pub fn inherited(path: &Path, identity: FileIdentity) -> Self {
        Self {
            path: path.to_owned(),
            identity,
            ours_to_remove: false,
        }
    }

    /// The identity of the file.
    #[must_use]
    pub fn identity(&self) -> FileIdentity {
        self.identity
    }

    /// Makes this process responsible for removing the file.
    pub fn take_over(&mut self) {
        self.ours_to_remove = true;
    }

    /// Leaves the removal of the file to another process.
    pub fn hand_over(&mut self) {
        self.ours_to_remove = false;
    }

    /// Changes the owner to the user and group that this process will run as.
    ///
    /// # Errors
    /// If the system refuses, or the path leads to another file by now.
    pub fn give_to(&self, owner: Owner) -> io::Result<()> {
        let Owner { user, group } = owner;
        chown(
            within(&self.open()?),
            Some(user.as_raw()),
            Some(group.as_raw()),
        )
    }

    /// Opens the file itself, so that no change can hit another file that takes its name meanwhile.
    fn open(&self) -> io::Result<File> {
        let file = OpenOptions::new()
            .read(true)
            .custom_flags((OFlag::O_PATH | OFlag::O_NOFOLLOW).bits())
            .open(&self.path)?;
        if FileIdentity::from(&file.metadata()?) != self.identity {
            return Err(io::Error::other("another file has taken its name"));
        }
        Ok(file)
    }
}

/// A path to an open file that can never lead to another file.
fn within(file: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if self.ours_to_remove && self.open().is_ok() {
            // If it cannot be removed, the next process recognises it as stale.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn the_responsible_process_removes_the_socket_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.sock");
        let socket = UnixListener::bind(&path).unwrap();
        let mut old = SocketFile::made(&path).unwrap();
        let identity = old.identity().to_string().parse().unwrap();
        // The new process does not get as far as to serve.
        drop(SocketFile::inherited(&path, identity));
        assert!(path.exists());
        let mut new = SocketFile::inherited(&path, identity);
        new.take_over();
        old.hand_over();
        drop(old);
        assert!(path.exists());
        drop(new);
        assert!(!path.exists());
        drop(socket);
    }

    #[test]
    fn a_file_that_replaced_the_socket_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let (path, other) = (directory.path().join("a.sock"), directory.path().join("b"));
        let _socket = UnixListener::bind(&path).unwrap();
        let file = SocketFile::made(&path).unwrap();
        fs::write(&other, "precious").unwrap();
        fs::set_permissions(&other, fs::Permissions::from_mode(0o600)).unwrap();
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(&other, &path).unwrap();
        assert!(file.change_mode(0o666).is_err());
        drop(file);
        assert!(fs::symlink_metadata(&path).is_ok());
        assert_eq!(
            fs::metadata(&other).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}
