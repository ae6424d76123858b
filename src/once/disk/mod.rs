//! Callbacks remembered in a file: they survive a restart, and a crash of the process at any
//! moment.
//!
//! The file is an SQLite database with claims and answers as rows. Several processes may have it
//! open, so that an upgrade needs no handover: the old and the new process see each other's claims.
//! One thread writes, with many operations in each transaction; another thread syncs commits to
//! disk, many in each `fsync`. A claim needs no sync: it may be lost with the machine, like the
//! request it belongs to.

mod clock;
mod database;
mod disk_error;
mod job;
mod sync;
mod writer;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::oneshot;

use super::identity::Identity;
use super::store::{Claim, Renewal, Store, StoreError, StoreUsage, StoredState, Token};
use clock::StoreClock;
use database::Database;
pub use disk_error::DiskError;
use job::{Act, Job, Reply};
use sync::Syncer;
use writer::{DiskWriter, EntryCount};

/// The disk store.
pub struct DiskStore {
    jobs: Sender<Job>,
    counts: Arc<EntryCount>,
    path: PathBuf,
}

impl DiskStore {
    /// Opens the file, or creates it. Claims and answers of other processes on this machine are
    /// kept.
    ///
    /// # Errors
    /// If the file cannot be created, read or written, or is not one of ours.
    pub fn open(path: &Path) -> Result<Self, DiskError> {
        Self::with_clock(path, StoreClock::new())
    }

    /// The same, with a clock that is always ahead by what `ahead` returns.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with_offset(
        path: &Path,
        ahead: impl Fn() -> Duration + Send + Sync + 'static,
    ) -> Result<Self, DiskError> {
        Self::with_clock(path, StoreClock::ahead(ahead))
    }

    fn with_clock(path: &Path, clock: StoreClock) -> Result<Self, DiskError> {
        let file = Database::open(path)?;
        let counts = Arc::<EntryCount>::default();
        let syncer = Syncer::open(path)?;
        let mut writer = DiskWriter::new(file, clock, Arc::clone(&counts))?;
        let (jobs, inbox) = channel();
        let (committed, syncs) = channel();
        thread::Builder::new()
            .name("once-write".to_owned())
            .spawn(move || writer.run(&inbox, &committed))?;
        thread::Builder::new()
            .name("once-sync".to_owned())
            .spawn(move || syncer.run(&syncs))?;
        Ok(Self {
            jobs,
            counts,
            path: path.to_owned(),
        })
    }

    async fn ask<T>(
        &self,
        id: &Identity,
        act: impl FnOnce(Reply<T>) -> Act,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job = Job {
            id: *id.bytes(),
            act: act(reply),
        };
        let gone = || StoreError::NotDone("disk: the transaction failed".to_owned());
        self.jobs.send(job).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

impl fmt::Debug for DiskStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Disk").field(&self.path).finish()
    }
}

#[async_trait]
impl Store for DiskStore {
    async fn claim(
        &self,
        id: &Identity,
        token: Token,
        lease: Duration,
    ) -> Result<Claim, StoreError> {
        self.ask(id, |reply| Act::Claim(token, lease, reply)).await
    }

    async fn renew(
        &self,
        id: &Identity,
        token: Token,
        lease: Duration,
    ) -> Result<Renewal, StoreError> {
        self.ask(id, |reply| Act::Renew(token, lease, reply)).await
    }

    async fn commit(
        &self,
        id: &Identity,
        _: Token,
        answer: Bytes,
        keep: Duration,
    ) -> Result<(), StoreError> {
        self.ask(id, |reply| Act::Commit(answer, keep, reply)).await
    }

    /// Operations are executed in the order of the calls, so that none arrives late.
    async fn release(&self, id: &Identity, token: Token, _: Duration) -> Result<(), StoreError> {
        self.ask(id, |reply| Act::Release(token, reply)).await
    }

    async fn look(&self, id: &Identity) -> Result<StoredState, StoreError> {
        self.ask(id, Act::Look).await
    }

    async fn forget(&self, id: &Identity) -> Result<StoredState, StoreError> {
        self.ask(id, Act::Forget).await
    }

    fn usage(&self) -> StoreUsage {
        self.counts.usage()
    }
}
