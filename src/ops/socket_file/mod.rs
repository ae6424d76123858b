//! The file of a listening Unix socket: made by one process, handed on from one to the next, and
//! removed by the last.

mod identity;
mod mode;
mod stale;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _, chown};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;

pub use identity::FileIdentity;
pub use mode::ModeChange;
pub use stale::{Cleared, clear};

use super::privileges::Owner;

/// The file of a socket. Removed when dropped, if that is up to this process and it is the same
/// file still.
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
    /// If there is no socket of that name.
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

    /// The file of a socket of the process before this one, whose it still is to remove.
    #[must_use]
    pub fn inherited(path: &Path, identity: FileIdentity) -> Self {
        Self {
            path: path.to_owned(),
            identity,
            ours_to_remove: false,
        }
    }

    /// Which file it is.
    #[must_use]
    pub fn identity(&self) -> FileIdentity {
        self.identity
    }

    /// It is up to this process to remove it from now on.
    pub fn take_over(&mut self) {
        self.ours_to_remove = true;
    }

    /// It is up to another process to remove it from now on.
    pub fn hand_over(&mut self) {
        self.ours_to_remove = false;
    }

    /// Gives it to the user and group that this process will run as.
    ///
    /// # Errors
    /// If the system refuses, or it is another file by now.
    pub fn give_to(&self, owner: Owner) -> io::Result<()> {
        let Owner { user, group } = owner;
        chown(
            within(&self.open()?),
            Some(user.as_raw()),
            Some(group.as_raw()),
        )
    }

    /// The file itself, so that nothing happens to another one that takes its name meanwhile.
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

/// A name for an open file that cannot come to mean another one.
fn within(file: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if self.ours_to_remove && self.open().is_ok() {
            // Where it cannot be removed, the next process sees that it is nobody's.
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
    fn is_removed_by_whom_it_is_up_to() {
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
    fn another_file_of_that_name_is_left_alone() {
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
