//! A store with what the protocol needs around it: operations are timed and counted, errors are
//! logged, and outcomes that could not be recorded are retried.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use log::error;
use tokio::time::Instant;

use super::pending::PendingOutcomes;
use crate::once::complaints::Complaints;
use crate::once::identity::Identity;
use crate::once::store::{Claim, Renewal, Store, StoreError, StoredState, Token};

/// A store as the protocol uses it. There is one for each store, shared by all [`Claims`](super::Claims).
#[derive(Debug)]
pub struct Ledger {
    store: Arc<dyn Store>,
    pub(super) observer: Arc<dyn Observer>,
    complaints: [Complaints; Operation::ALL.len()],
    pub(super) pending: PendingOutcomes,
}

/// Observes how the store does.
pub trait Observer: fmt::Debug + Send + Sync {
    /// An operation ended.
    fn operation(&self, operation: Operation, took: Duration, ok: bool);
    /// A claim was lost to another copy before its outcome was known: the backend may get the
    /// callback twice.
    fn lost(&self);
    /// The number of outcomes that wait to be recorded has changed by this much.
    fn untold(&self, change: i64);
    /// This many successes were never recorded: repeats of these callbacks would pass.
    fn never_told(&self, successes: u64);
}

/// An operation of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// [`Store::claim`]
    Claim,
    /// [`Store::renew`]
    Renew,
    /// [`Store::commit`]
    Commit,
    /// [`Store::release`]
    Release,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 4] = [Self::Claim, Self::Renew, Self::Commit, Self::Release];

    /// Its name in metrics and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Renew => "renew",
            Self::Commit => "commit",
            Self::Release => "release",
        }
    }
}

impl Ledger {
    /// Wraps a store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, observer: Arc<dyn Observer>) -> Self {
        Self {
            store,
            observer,
            complaints: Default::default(),
            pending: PendingOutcomes::default(),
        }
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// What is remembered of a callback.
    ///
    /// # Errors
    /// If the store is unavailable.
    pub async fn look(&self, id: &Identity) -> Result<StoredState, StoreError> {
        match self.untold_answer(id) {
            Some(answer) => Ok(StoredState::Done { answer, left: None }),
            None => self.store.look(id).await,
        }
    }

    /// Forgets a callback that is done, and returns what was remembered of it.
    ///
    /// # Errors
    /// If the store is unavailable, or has yet to record that it is done.
    pub async fn forget(&self, id: &Identity) -> Result<StoredState, StoreError> {
        match self.untold_answer(id) {
            Some(_) => Err(StoreError::NotDone(
                "it has not yet recorded that the callback is done".to_owned(),
            )),
            None => self.store.forget(id).await,
        }
    }

    pub(super) async fn claim(
        &self,
        id: &Identity,
        token: Token,
        lease: Duration,
    ) -> Result<Claim, StoreError> {
        if let Some(answer) = self.untold_answer(id) {
            return Ok(Claim::Done(answer));
        }
        let claim = self.store.claim(id, token, lease);
        self.watched(Operation::Claim, id, claim).await
    }

    pub(super) async fn renew(
        &self,
        id: &Identity,
        token: Token,
        lease: Duration,
    ) -> Result<Renewal, StoreError> {
        let renewal = self.store.renew(id, token, lease);
        self.watched(Operation::Renew, id, renewal).await
    }

    pub(super) async fn commit(
        &self,
        id: &Identity,
        token: Token,
        answer: Bytes,
        keep: Duration,
    ) -> Result<(), StoreError> {
        let commit = self.store.commit(id, token, answer, keep);
        self.watched(Operation::Commit, id, commit).await
    }

    pub(super) async fn release(
        &self,
        id: &Identity,
        token: Token,
        lease: Duration,
    ) -> Result<(), StoreError> {
        let release = self.store.release(id, token, lease);
        self.watched(Operation::Release, id, release).await
    }

    async fn watched<T>(
        &self,
        operation: Operation,
        id: &Identity,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let complaints = self.complaints.get(operation as usize);
        let started = Instant::now();
        let result = work.await;
        self.observer
            .operation(operation, started.elapsed(), result.is_ok());
        if let Err(error) = &result {
            let operation = operation.name();
            match complaints.and_then(|complaints| complaints.add(1)) {
                None => {}
                Some(1) => error!("once: cannot {operation} {id}: {error}"),
                Some(count) => error!(
                    "once: cannot {operation} {id}: {error}; {count} times since the last such line"
                ),
            }
        }
        result
    }
}
