//! The writing thread: executes all waiting operations in one transaction.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use log::error;
use rusqlite::Result;

use super::clock::{StoreClock, milliseconds};
use super::database::{Database, Row};
use super::disk_error::DiskError;
use super::job::{Act, Job, Reply};
use crate::once::once_policy::MAX_LEASE;
use crate::once::store::{Claim, Renewal, StoreError, StoreUsage, StoredState};

/// The most operations in one transaction.
const BATCH: usize = 1024;
/// How often expired rows are deleted, and how many at once: operations wait meanwhile.
const FORGET: Duration = Duration::from_secs(1);
const FORGET_AT_ONCE: u32 = 2000;

/// The number of rows and bytes, as far as this process knows.
#[derive(Debug, Default)]
pub(super) struct EntryCount {
    entries: AtomicI64,
}

impl EntryCount {
    pub(super) fn usage(&self) -> StoreUsage {
        StoreUsage {
            entries: u64::try_from(self.entries.load(Ordering::Relaxed)).ok(),
            ..StoreUsage::default()
        }
    }
}

/// Replies to send once a transaction is committed.
pub(super) type Completion = Box<dyn FnOnce(std::result::Result<(), StoreError>) + Send>;

pub(super) struct DiskWriter {
    file: Database,
    clock: StoreClock,
    counts: Arc<EntryCount>,
    forgot: Instant,
}

/// The replies of a transaction: those to send once it is committed, and those to send once it is
/// on disk.
#[derive(Default)]
struct TransactionOutcome {
    at_once: Vec<Completion>,
    on_disk: Vec<Completion>,
}

impl DiskWriter {
    pub(super) fn new(
        file: Database,
        mut clock: StoreClock,
        counts: Arc<EntryCount>,
    ) -> std::result::Result<Self, DiskError> {
        clock.not_before(file.last_day()?);
        counts.entries.store(file.count()?, Ordering::Relaxed);
        Ok(Self {
            file,
            clock,
            counts,
            forgot: Instant::now(),
        })
    }

    /// Runs until all senders are gone.
    pub(super) fn run(&mut self, inbox: &Receiver<Job>, committed: &Sender<Vec<Completion>>) {
        loop {
            let mut batch = Vec::new();
            match inbox.recv_timeout(FORGET) {
                Ok(job) => batch.push(job),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            batch.extend(inbox.try_iter().take(BATCH));
            let mut outcome = TransactionOutcome::default();
            let result = self
                .transaction(batch, &mut outcome)
                .map_err(|error| StoreError::NotDone(format!("disk: {error}")));
            if let Err(error) = &result {
                error!("once: {error}");
                // An error may leave a transaction open, even in its first statement.
                let _ = self.file.0.execute_batch("ROLLBACK");
            }
            for told in outcome.at_once {
                told(result.clone());
            }
            match result {
                // This also ends the syncing thread.
                Ok(()) => drop(committed.send(outcome.on_disk)),
                Err(error) => {
                    for told in outcome.on_disk {
                        told(Err(error.clone()));
                    }
                }
            }
        }
    }

    fn transaction(&mut self, batch: Vec<Job>, outcome: &mut TransactionOutcome) -> Result<()> {
        let forgets = self.forgot.elapsed() >= FORGET;
        if batch.is_empty() && !forgets {
            return Ok(());
        }
        // Operations that are never executed fail when their reply channel closes.
        self.file.0.execute_batch("BEGIN IMMEDIATE")?;
        let mut more = 0;
        for job in batch {
            self.act(job, outcome, &mut more)?;
        }
        if forgets {
            self.forgot = Instant::now();
            let day = self.clock.day();
            self.file.set_day(day)?;
            let gone = self
                .file
                .forget(day, self.clock.machine(), FORGET_AT_ONCE)?;
            more = i64::saturating_sub(more, i64::try_from(gone).unwrap_or(0));
        }
        self.file.0.execute_batch("COMMIT")?;
        self.counts.entries.fetch_add(more, Ordering::Relaxed);
        Ok(())
    }

    fn act(
        &self,
        Job { id, act }: Job,
        outcome: &mut TransactionOutcome,
        more: &mut i64,
    ) -> Result<()> {
        let found = self.found(&id, more);
        match act {
            Act::Claim(token, lease, reply) => {
                let result =
                    found.and_then(|found| self.claim(&id, token.bytes(), lease, found, more));
                finish(result, reply, &mut outcome.at_once)
            }
            Act::Renew(token, lease, reply) => {
                let result = found.and_then(|found| match found {
                    Some(Row::Claimed(own, _)) if own == token.bytes() => {
                        self.put_claim(&id, own, lease)?;
                        Ok(Renewal::Held)
                    }
                    Some(_) => Ok(Renewal::Lost),
                    None => Ok(Renewal::Gone),
                });
                finish(result, reply, &mut outcome.at_once)
            }
            Act::Commit(answer, keep, reply) => {
                let result = found.and_then(|found| match found {
                    Some(Row::Done(..)) => Ok(()),
                    found => {
                        *more = more.saturating_add(found.is_none().into());
                        let until = self.clock.day().saturating_add(milliseconds(keep));
                        self.file.put(&id, &Row::Done(answer.to_vec(), until))
                    }
                });
                finish(result, reply, &mut outcome.on_disk)
            }
            Act::Release(token, reply) => {
                let result = found.and_then(|found| match found {
                    Some(Row::Claimed(own, _)) if own == token.bytes() => {
                        *more = more.saturating_sub(1);
                        self.file.remove(&id)
                    }
                    _ => Ok(()),
                });
                finish(result, reply, &mut outcome.at_once)
            }
            Act::Look(reply) => {
                let result = found.map(|found| self.remembered(found));
                finish(result, reply, &mut outcome.at_once)
            }
            Act::Forget(reply) => {
                let result = found.and_then(|found| {
                    if matches!(found, Some(Row::Done(..))) {
                        *more = more.saturating_sub(1);
                        self.file.remove(&id)?;
                    }
                    Ok(self.remembered(found))
                });
                finish(result, reply, &mut outcome.on_disk)
            }
        }
    }

    fn remembered(&self, found: Option<Row>) -> StoredState {
        let left = |until: i64, now: i64| {
            let left = until.saturating_sub(now);
            Duration::from_millis(u64::try_from(left).unwrap_or(0))
        };
        match found {
            None => StoredState::Nothing,
            Some(Row::Claimed(_, until)) => {
                StoredState::InFlight(left(until, self.clock.machine()))
            }
            Some(Row::Done(answer, until)) => StoredState::Done {
                answer: answer.into(),
                left: Some(left(until, self.clock.day())),
            },
        }
    }

    /// The row, unless it has expired; an expired one is deleted to make room.
    fn found(&self, id: &[u8; 32], more: &mut i64) -> Result<Option<Row>> {
        let Some(row) = self.file.get(id)? else {
            return Ok(None);
        };
        let counts = match row {
            Row::Claimed(_, until) => {
                let left = until.saturating_sub(self.clock.machine());
                // A lease longer than the maximum is from before the last boot.
                (1..=milliseconds(MAX_LEASE)).contains(&left)
            }
            Row::Done(_, until) => until > self.clock.day(),
        };
        if counts {
            return Ok(Some(row));
        }
        self.file.remove(id)?;
        *more = more.saturating_sub(1);
        Ok(None)
    }

    fn claim(
        &self,
        id: &[u8; 32],
        token: [u8; 16],
        lease: Duration,
        found: Option<Row>,
        more: &mut i64,
    ) -> Result<Claim> {
        let now = self.clock.machine();
        match found {
            Some(Row::Done(answer, _)) => return Ok(Claim::Done(answer.into())),
            Some(Row::Claimed(other, until)) if other != token => {
                let left = u64::try_from(until.saturating_sub(now)).unwrap_or(0);
                return Ok(Claim::InFlight(Duration::from_millis(left)));
            }
            Some(Row::Claimed(..)) => {}
            None => *more = more.saturating_add(1),
        }
        self.put_claim(id, token.to_vec(), lease)?;
        Ok(Claim::Fresh)
    }

    fn put_claim(&self, id: &[u8; 32], token: Vec<u8>, lease: Duration) -> Result<()> {
        let until = self.clock.machine().saturating_add(milliseconds(lease));
        self.file.put(id, &Row::Claimed(token, until))
    }
}

/// Queues an operation's result to be sent once the transaction is committed, or its failure if it
/// is not.
fn finish<T: Send + 'static>(
    result: Result<T>,
    reply: Reply<T>,
    told: &mut Vec<Completion>,
) -> Result<()> {
    match result {
        Ok(value) => {
            // A caller that stopped waiting handles that itself.
            told.push(Box::new(move |held| drop(reply.send(held.map(|()| value)))));
            Ok(())
        }
        Err(error) => {
            let why = StoreError::NotDone(format!("disk: {error}"));
            let _ = reply.send(Err(why));
            Err(error)
        }
    }
}
