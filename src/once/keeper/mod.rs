//! The protocol over a store: who may proceed, and what becomes of it.

mod held;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use log::error;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout_at};

pub use held::Held;

use super::identity::Identity;
use super::policy::{Policy, WhileInFlight};
use super::settings::OnFailure;
use super::store::{Claim, Store, StoreError, Token};

/// The first and the longest pause of a copy that waits for another one.
const LOOK_AGAIN: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(250));

/// Runs the protocol over a store.
#[derive(Debug)]
pub struct Keeper {
    store: Arc<dyn Store>,
    on_failure: OnFailure,
    waiters: Semaphore,
    observer: Arc<dyn Observer>,
}

/// Who is told how the store does.
pub trait Observer: fmt::Debug + Send + Sync {
    /// An operation ended.
    fn operation(&self, operation: Operation, took: Duration, ok: bool);
    /// A claim was lost to another copy before its own outcome was known: the backend may get the
    /// callback twice.
    fn lost(&self);
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

/// What a callback may do.
#[derive(Debug)]
pub enum Beginning {
    /// Go to the backend.
    Proceed(Held),
    /// Nothing more: a backend took it, and this is what the commit came with.
    Repeat(Bytes),
    /// Come again: another copy is in flight, and its claim ends after so long at the latest if
    /// nobody is alive to renew it.
    InFlight(Duration),
    /// Come again: nobody knows whether it is a repeat.
    Unknown(StoreError),
}

impl Keeper {
    /// A keeper over a store. `waiters` is how many copies may wait for others at once.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        on_failure: OnFailure,
        waiters: usize,
        observer: Arc<dyn Observer>,
    ) -> Self {
        Self {
            store,
            on_failure,
            waiters: Semaphore::new(waiters.min(Semaphore::MAX_PERMITS)),
            observer,
        }
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Claims a callback whose signature has passed.
    pub async fn begin(self: &Arc<Self>, id: Identity, policy: &Policy) -> Beginning {
        let held = Held::new(Arc::clone(self), id, policy);
        let mut found = self.claim(&held).await;
        if let (Ok(Claim::InFlight(_)), WhileInFlight::Wait(limit)) = (&found, policy.in_flight)
            && let Ok(_permit) = self.waiters.try_acquire()
        {
            found = self.wait(&held, limit, found).await;
        }
        match found {
            Ok(Claim::Fresh) => Beginning::Proceed(held),
            Ok(Claim::Done(answer)) => Beginning::Repeat(answer),
            Ok(Claim::InFlight(remaining)) => Beginning::InFlight(remaining),
            Err(StoreError::NotDone(_) | StoreError::Unknown(_))
                if self.on_failure == OnFailure::Open =>
            {
                Beginning::Proceed(held.uncertain())
            }
            Err(error) => {
                // The claim may have been made, and only the word of it been lost: the provider's
                // retry must not find it.
                if matches!(error, StoreError::Unknown(_)) {
                    held.forget();
                }
                Beginning::Unknown(error)
            }
        }
    }

    async fn claim(&self, held: &Held) -> Result<Claim, StoreError> {
        let claim = self.store.claim(&held.id, held.token, held.lease);
        self.watched(Operation::Claim, &held.id, claim).await
    }

    /// Asks again and again, for copies may be in flight on other machines, too.
    async fn wait(
        &self,
        held: &Held,
        limit: Duration,
        mut found: Result<Claim, StoreError>,
    ) -> Result<Claim, StoreError> {
        let (mut pause, longest) = LOOK_AGAIN;
        let deadline = Instant::now().checked_add(limit);
        while let (Ok(Claim::InFlight(_)), Some(deadline)) = (&found, deadline) {
            if timeout_at(deadline, sleep(pause)).await.is_err() {
                break;
            }
            pause = pause.saturating_mul(2).min(longest);
            found = self.claim(held).await;
        }
        found
    }

    /// Tells the observer, and the log what failed.
    async fn watched<T>(
        &self,
        operation: Operation,
        id: &Identity,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let started = Instant::now();
        let result = work.await;
        self.observer
            .operation(operation, started.elapsed(), result.is_ok());
        if let Err(error) = &result {
            error!("once: cannot {} {id}: {error}", operation.name());
        }
        result
    }

    async fn commit(
        &self,
        id: &Identity,
        token: Token,
        answer: Bytes,
        keep: Duration,
    ) -> Result<(), StoreError> {
        let commit = self.store.commit(id, token, answer, keep);
        self.watched(Operation::Commit, id, commit).await
    }

    async fn release(&self, id: &Identity, token: Token) -> Result<(), StoreError> {
        let release = self.store.release(id, token);
        self.watched(Operation::Release, id, release).await
    }
}
