//! Opens a file only once, so that the checks apply to the bytes that are read.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use zeroize::Zeroizing;

const OTHERS_WRITE: u32 = 0o002;
/// Windows puts it in front of text in UTF-8, and none of the contents starts with it.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

const OTHERS_READ: u32 = 0o004;

/// The contents of a file.
pub(super) struct Held {
    /// The bytes, without a byte order mark; they are overwritten when dropped.
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// Whether every user of the machine can read the file.
    pub(super) is_world_readable: bool,
}

/// Why a file was not read.
#[derive(Debug)]
pub(super) enum FileError {
    /// It is a directory, a pipe, a device or the like.
    NotRegular,
    /// It is larger than its kind of contents may be.
    TooLarge,
    /// Every user of the machine can change it.
    WorldWritable,
    /// The system reported an error.
    Io(io::Error),
}

/// Reads a file of at most `max` bytes.
pub(super) fn read(path: &Path, max: u64) -> Result<Held, FileError> {
    // Otherwise, opening a named pipe would wait for a writer, and a terminal could become the
    // controlling terminal of the process.
    let file = File::options()
        .read(true)
        .custom_flags((OFlag::O_NONBLOCK | OFlag::O_NOCTTY).bits())
        .open(path)
        .map_err(|error| match error.raw_os_error().map(Errno::from_raw) {
            // Opening a socket always fails, with this error.
            Some(Errno::ENXIO) => FileError::NotRegular,
            _ => FileError::Io(error),
        })?;
    let metadata = file.metadata().map_err(FileError::Io)?;
    let mode = metadata.permissions().mode();
    if !metadata.is_file() {
        return Err(FileError::NotRegular);
    }
    if metadata.len() > max {
        return Err(FileError::TooLarge);
    }
    if mode & OTHERS_WRITE != 0 {
        return Err(FileError::WorldWritable);
    }
    // One byte more than the file has, so that the buffer never grows and leaves a copy of its
    // contents in memory.
    let capacity = usize::try_from(metadata.len()).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity.saturating_add(1)));
    file.take(max)
        .read_to_end(&mut bytes)
        .map_err(FileError::Io)?;
    if bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    Ok(Held {
        bytes,
        is_world_readable: mode & OTHERS_READ != 0,
    })
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;

    use super::*;

    /// Replaces the path with each of the files in turn, until told to end.
    fn swap(path: &Path, files: [&Path; 2], ended: &AtomicBool) {
        let spare = path.with_extension("spare");
        for file in files.into_iter().cycle() {
            if ended.load(Ordering::Relaxed) {
                return;
            }
            fs::hard_link(file, &spare).unwrap();
            fs::rename(&spare, path).unwrap();
        }
    }

    #[test]
    fn what_was_checked_is_what_is_read_though_the_file_is_swapped() {
        let directory = tempfile::tempdir().unwrap();
        let [good, bad, pipe, path] =
            ["good", "bad", "pipe", "path"].map(|name| directory.path().join(name));
        for (file, mode) in [(&good, 0o600), (&bad, 0o606)] {
            fs::write(file, file.file_name().unwrap().as_encoded_bytes()).unwrap();
            fs::set_permissions(file, Permissions::from_mode(mode)).unwrap();
        }
        mkfifo(&pipe, Mode::from_bits_truncate(0o600)).unwrap();
        for other in [&bad, &pipe] {
            fs::hard_link(&good, &path).unwrap();
            let ended = AtomicBool::new(false);
            thread::scope(|scope| {
                scope.spawn(|| swap(&path, [other, &good], &ended));
                for _ in 0..5000 {
                    match read(&path, 100) {
                        Ok(held) => {
                            assert_eq!(*held.bytes, b"good");
                            assert!(!held.is_world_readable);
                        }
                        Err(FileError::WorldWritable) => assert_eq!(other, &bad),
                        Err(FileError::NotRegular) => assert_eq!(other, &pipe),
                        Err(error) => panic!("{error:?}"),
                    }
                }
                ended.store(true, Ordering::Relaxed);
            });
            fs::remove_file(&path).unwrap();
        }
    }
}
