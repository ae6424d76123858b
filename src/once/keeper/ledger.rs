//! A store as the protocol uses it: its operations are timed and counted, its errors are logged, and
//! the outcomes that it could not be told are told later.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use log::error;
use tokio::time::Instant;

use super::later::Later;
use crate::once::complaints::Complaints;
use crate::once::identity::Identity;
use crate::once::store::{Claim, Renewal, Store, StoreError, Token};

/// A store as the protocol uses it. There is one for each store, whatever number of keepers use it.
#[derive(Debug)]
pub struct Ledger {
    store: Arc<dyn Store>,
    pub(super) observer: Arc<dyn Observer>,
    complaints: [Complaints; Operation::ALL.len()],
    pub(super) later: Later,
}

/// Who hears how the store does.
pub trait Observer: fmt::Debug + Send + Sync {
    /// An operation ended.
    fn operation(&self, operation: Operation, took: Duration, ok: bool);
    /// A claim was lost to another copy before its own outcome was known: the backend may get the
    /// callback twice.
    fn lost(&self);
    /// The number of outcomes that the store is still to be told has changed by so many.
    fn untold(&self, change: i64);
    /// The store was never told of so many successes: repeats of these callbacks would pass.
    fn never_told(&self, successes: u64);
}

/// What a store is asked to do.
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

    /// The word for it in metrics and logs.
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
    /// One over a store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, observer: Arc<dyn Observer>) -> Self {
        Self {
            store,
            observer,
            complaints: Default::default(),
            later: Later::default(),
        }
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
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
                    "once: cannot {operation} {id}: {error}; {count} times since the last line like this"
                ),
            }
        }
        result
    }
}
