//! File locks, which the system releases when their process ends, however it ends.

use std::fs::{File, TryLockError};
use std::io;
use std::thread;
use std::time::Duration;

/// A process that only checks the lock, or does something brief under it, holds it for a moment.
const TRIES: u32 = 25;
const BETWEEN: Duration = Duration::from_millis(4);

/// Locks a file or a directory. Returns `false` if another process holds the lock for longer than a
/// moment.
///
/// # Errors
/// If the system cannot lock it.
pub(super) fn lock(file: &File) -> io::Result<bool> {
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => thread::sleep(BETWEEN),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(false)
}
