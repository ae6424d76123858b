//! A stale socket file, left behind by a process that is gone.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::net::UnixDatagram;
use std::path::Path;

use nix::errno::Errno;

use crate::ops::file_lock;

/// A lock that is held until the new socket is bound. If two processes start at once, the second
/// would otherwise remove the first one's file.
#[derive(Debug)]
pub struct Cleared {
    _directory: Option<File>,
}

/// Removes the file if it is a socket that no process has open.
///
/// # Errors
/// If it is not a socket, if a process has it open, or if that cannot be determined.
pub fn clear(path: &Path) -> io::Result<Cleared> {
    let cleared = Cleared {
        _directory: lock_directory(path),
    };
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(cleared),
        Err(error) => return Err(error),
    };
    if !metadata.file_type().is_socket() {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "a file with this name exists that is not a socket",
        ));
    }
    // Connecting a datagram socket to a stream socket in use fails with a distinct error. This
    // disturbs nobody, does not block, and also detects a socket that is bound but does not listen
    // yet.
    match UnixDatagram::unbound()?.connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            fs::remove_file(path)?;
            Ok(cleared)
        }
        Err(error) if error.raw_os_error() != Some(Errno::EPROTOTYPE as i32) => Err(error),
        _ => Err(io::ErrorKind::AddrInUse.into()),
    }
}

/// If the directory cannot be locked (the process may not read it), only two processes that start
/// at once can conflict.
fn lock_directory(path: &Path) -> Option<File> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let directory = File::open(directory).ok()?;
    file_lock::lock(&directory)
        .is_ok_and(|locked| locked)
        .then_some(directory)
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;
    use std::sync::Barrier;
    use std::thread;

    use super::*;

    #[test]
    fn of_several_processes_that_start_at_once_one_gets_the_socket_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.sock");
        for _ in 0..20 {
            drop(UnixListener::bind(&path).unwrap());
            let barrier = Barrier::new(8);
            let bound = thread::scope(|scope| {
                let threads: Vec<_> = std::iter::repeat_with(|| {
                    scope.spawn(|| {
                        barrier.wait();
                        let cleared = clear(&path).ok()?;
                        let bound = UnixListener::bind(&path).ok();
                        drop(cleared);
                        bound
                    })
                })
                .take(8)
                .collect();
                let bound: Vec<_> = threads
                    .into_iter()
                    .filter_map(|thread| thread.join().unwrap())
                    .collect();
                bound
            });
            assert_eq!(bound.len(), 1);
            drop(bound);
            fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn a_bound_socket_that_does_not_listen_yet_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.sock");
        let bound = tokio::net::UnixSocket::new_stream().unwrap();
        bound.bind(&path).unwrap();
        let error = clear(&path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        drop(bound);
        drop(clear(&path).unwrap());
        assert!(!path.exists());
    }
}
