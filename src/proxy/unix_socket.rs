//! A listening socket in the file system.

use std::fs::{self, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixSocket};

/// The file of a socket, which its process removes at the end.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    /// Device and inode: another process may have put its own socket there since.
    identity: Option<(u64, u64)>,
}

/// Binds a socket to a path. A file that a process left behind which is gone is replaced.
pub(super) fn bind(path: &Path, mode: u32, backlog: u32) -> io::Result<UnixListener> {
    remove_stale(path)?;
    let socket = UnixSocket::new_stream()?;
    socket.bind(path)?;
    // Before it listens: until then nobody can connect, whatever the file's mode is.
    fs::set_permissions(path, Permissions::from_mode(mode))?;
    socket.listen(backlog)
}

/// Removes the file if it is a socket that nobody listens on.
fn remove_stale(path: &Path) -> io::Result<()> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !metadata.file_type().is_socket() {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "there is a file of that name that is no socket",
        ));
    }
    match UnixStream::connect(path) {
        Ok(_) => Err(io::ErrorKind::AddrInUse.into()),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) => Err(error),
    }
}

impl SocketFile {
    /// The file of a socket that is bound.
    pub(super) fn of(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            identity: fs::symlink_metadata(path).ok().as_ref().map(identity),
        }
    }

    /// Removes it, unless it is another's by now.
    pub(super) fn remove(&self) {
        let now = fs::symlink_metadata(&self.path).ok();
        if self.identity.is_some() && now.as_ref().map(identity) == self.identity {
            // It is of no use to anybody, and in nobody's way.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}
