//! The database file: its tables, and the statements on them.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;
use std::{fs, io};

use rusqlite::{Connection, OptionalExtension as _, params};

use super::clock::milliseconds;
use super::disk_error::DiskError;
use crate::once::once_policy::MAX_LEASE;

/// Marks a file as ours (`PRAGMA application_id`): "once" in ASCII.
const APPLICATION: i32 = 0x6f6e_6365;
/// The version of the schema (`PRAGMA user_version`).
const VERSION: i32 = 1;
/// How long to wait for another process that writes.
const BUSY: Duration = Duration::from_secs(5);
/// Readable only by the owner: answers may be confidential.
const MODE: u32 = 0o600;

/// One table, keyed by identity. A claimed row has a token, a done row has an answer.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS callback (
        id BLOB PRIMARY KEY,
        token BLOB,
        answer BLOB,
        until INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS done_by_end ON callback (until) WHERE token IS NULL;
    CREATE INDEX IF NOT EXISTS claimed_by_end ON callback (until) WHERE token IS NOT NULL;
    CREATE TABLE IF NOT EXISTS clock (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        day INTEGER NOT NULL,
        boot TEXT NOT NULL
    );
    INSERT OR IGNORE INTO clock VALUES (1, 0, '');
";

/// The content of a row.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// Claimed with a token, until this time on the machine's clock.
    Claimed(Vec<u8>, i64),
    /// Done, and remembered until this time of day.
    Done(Vec<u8>, i64),
}

/// The open file.
#[derive(Debug)]
pub(super) struct Database(pub(super) Connection);

impl Database {
    pub(super) fn open(path: &Path) -> Result<Self, DiskError> {
        // SQLite would create it readable for everybody. Do not open an existing file here: POSIX
        // locks end when the process closes any descriptor of the file.
        let made = fs::OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(MODE)
            .open(path);
        match made {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error.into()),
            _ => {}
        }
        let file = Self(connect(path)?);
        file.0.pragma_update(None, "journal_mode", "WAL")?;
        file.prepare()?;
        // Otherwise the file itself may be lost after a power failure.
        if let Some(folder) = path.parent() {
            let folder = if folder.as_os_str().is_empty() {
                Path::new(".")
            } else {
                folder
            };
            fs::File::open(folder)?.sync_all()?;
        }
        Ok(file)
    }

    fn prepare(&self) -> Result<(), DiskError> {
        let number = |name: &str| self.0.pragma_query_value(None, name, |row| row.get(0));
        let (application, version): (i32, i32) =
            (number("application_id")?, number("user_version")?);
        let is_new = (application, version) == (0, 0);
        if !is_new && (application, version) != (APPLICATION, VERSION) {
            let why = format!(
                "not a store of this version of the program (application {application:#x}, \
                 version {version})"
            );
            return Err(io::Error::other(why).into());
        }
        self.0.execute_batch("BEGIN IMMEDIATE")?;
        self.0.execute_batch(TABLES)?;
        self.0.pragma_update(None, "application_id", APPLICATION)?;
        self.0.pragma_update(None, "user_version", VERSION)?;
        // Claims from before the last boot count by a clock that has restarted. Where a sandbox
        // hides the boot id, impossible lease times reveal them.
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let before: String = self
            .0
            .query_row("SELECT boot FROM clock", [], |row| row.get(0))?;
        if before != boot {
            self.0
                .execute("DELETE FROM callback WHERE token IS NOT NULL", [])?;
            self.0.execute("UPDATE clock SET boot = ?", params![boot])?;
        }
        self.0.execute_batch("COMMIT")?;
        Ok(())
    }

    /// The latest time of day that any process wrote.
    pub(super) fn last_day(&self) -> rusqlite::Result<i64> {
        self.0
            .query_row("SELECT day FROM clock", [], |row| row.get(0))
    }

    pub(super) fn set_day(&self, day: i64) -> rusqlite::Result<()> {
        let mut set = self
            .0
            .prepare_cached("UPDATE clock SET day = max(day, ?)")?;
        set.execute(params![day]).map(drop)
    }

    pub(super) fn get(&self, id: &[u8; 32]) -> rusqlite::Result<Option<Row>> {
        let mut get = self
            .0
            .prepare_cached("SELECT token, answer, until FROM callback WHERE id = ?")?;
        get.query_row(params![id], |row| {
            let token: Option<Vec<u8>> = row.get(0)?;
            let until = row.get(2)?;
            Ok(match token {
                Some(token) => Row::Claimed(token, until),
                None => Row::Done(row.get::<_, Option<Vec<u8>>>(1)?.unwrap_or_default(), until),
            })
        })
        .optional()
    }

    pub(super) fn put(&self, id: &[u8; 32], row: &Row) -> rusqlite::Result<()> {
        let mut put = self
            .0
            .prepare_cached("INSERT OR REPLACE INTO callback VALUES (?, ?, ?, ?)")?;
        match row {
            Row::Claimed(token, until) => put.execute(params![id, token, None::<Vec<u8>>, until]),
            Row::Done(answer, until) => put.execute(params![id, None::<Vec<u8>>, answer, until]),
        }
        .map(drop)
    }

    pub(super) fn remove(&self, id: &[u8; 32]) -> rusqlite::Result<()> {
        let mut remove = self.0.prepare_cached("DELETE FROM callback WHERE id = ?")?;
        remove.execute(params![id]).map(drop)
    }

    /// Deletes some expired rows. Returns how many.
    pub(super) fn forget(&self, day: i64, machine: i64, most: u32) -> rusqlite::Result<usize> {
        let mut done = self.0.prepare_cached(
            "DELETE FROM callback WHERE id IN (
                SELECT id FROM callback WHERE token IS NULL AND until <= ? ORDER BY until LIMIT ?)",
        )?;
        let mut claimed = self.0.prepare_cached(
            "DELETE FROM callback WHERE id IN (
                SELECT id FROM callback
                WHERE token IS NOT NULL AND until NOT BETWEEN ? AND ? LIMIT ?)",
        )?;
        let gone = done.execute(params![day, most])?;
        let latest = machine.saturating_add(milliseconds(MAX_LEASE));
        Ok(gone.saturating_add(claimed.execute(params![machine, latest, most])?))
    }

    pub(super) fn count(&self) -> rusqlite::Result<i64> {
        self.0
            .query_row("SELECT count(*) FROM callback", [], |row| row.get(0))
    }
}

/// A connection that waits for other writers, and leaves syncing to the syncing thread.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.set_prepared_statement_cache_capacity(16);
    Ok(connection)
}
