//! The syncing thread: makes commits durable, with one `fsync` for all that are waiting.
//!
//! SQLite's own mode (`synchronous = FULL`) would hold the file's lock while the disk is busy, and
//! claims would wait for it. Here a transaction is only appended to the write-ahead log (`-wal`),
//! which this thread then flushes. Whatever was committed before the flush began is in the log, or
//! in the database file, which SQLite flushes before it reuses the log.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;

use log::error;
use rusqlite::Connection;

use super::database::connect;
use super::disk_error::DiskError;
use super::writer::Completion;
use crate::once::store::StoreError;

/// The size of the log, in bytes, from which it is checkpointed into the database file.
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

    /// Runs until the writing thread ends.
    pub(super) fn run(&self, syncs: &Receiver<Vec<Completion>>) {
        while let Ok(mut told) = syncs.recv() {
            told.extend(syncs.try_iter().flatten());
            if told.is_empty() {
                continue;
            }
            let result = self.sync().map_err(|error| {
                error!("once: cannot sync committed callbacks to disk: {error}");
                StoreError::Unknown(format!("disk: {error}"))
            });
            for told in told {
                told(result.clone());
            }
        }
    }

    fn sync(&self) -> Result<(), DiskError> {
        // Reopen it each time: the last process to close the database removes the log.
        let log = fs::File::open(&self.log)?;
        log.sync_data()?;
        if log.metadata()?.len() > LOG {
            // As far as no reader blocks it; the next attempt comes soon.
            self.connection
                .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        }
        Ok(())
    }
}
