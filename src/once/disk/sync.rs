//! The thread that brings commits to the disk: as many in one `fsync` as wait for one.
//!
//! SQLite's own way (`synchronous = FULL`) would hold the file's lock for as long as the disk takes,
//! and claims would wait for it. Here a transaction is only appended to the log beside the file
//! (`-wal`), which this thread then flushes; what was committed before the flush began is in it, or
//! in the file itself, which SQLite flushes before it lets go of the log.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;

use log::error;
use rusqlite::Connection;

use super::DiskError;
use super::file::connect;
use super::writer::Told;
use crate::once::store::StoreError;

/// How large the log may be before it is brought into the file, in bytes.
const LOG: u64 = 8 << 20;

pub(super) struct Syncer {
    log: PathBuf,
    connection: Connection,
}

impl Syncer {
    pub(super) fn open(path: &Path) -> Result<Self, DiskError> {
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        Ok(Self {
            log: log.into(),
            connection: connect(path)?,
        })
    }

    /// Works until the writing thread ends.
    pub(super) fn run(&self, syncs: &Receiver<Vec<Told>>) {
        while let Ok(mut told) = syncs.recv() {
            told.extend(syncs.try_iter().flatten());
            if told.is_empty() {
                continue;
            }
            let result = self.sync().map_err(|error| {
                error!("once: cannot bring what was committed to the disk: {error}");
                StoreError::Unknown(format!("disk: {error}"))
            });
            for told in told {
                told(result.clone());
            }
        }
    }

    fn sync(&self) -> Result<(), DiskError> {
        // Opened anew: the last process that closes the file removes the log.
        let log = fs::File::open(&self.log)?;
        log.sync_data()?;
        if log.metadata()?.len() > LOG {
            // As far as nobody is in the way; the next time comes soon.
            self.connection
                .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        }
        Ok(())
    }
}
