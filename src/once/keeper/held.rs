//! A callback that may go to the backend, until its outcome is known.

use std::any::Any;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use log::{error, warn};
use tokio::time::{Instant, sleep};

use super::{Keeper, Operation};
use crate::once::identity::Identity;
use crate::once::policy::Policy;
use crate::once::store::{StoreError, Token};

/// How often in a lease it is renewed: one that fails leaves time for another.
const RENEWALS: u32 = 3;
/// The first and the longest pause before a store that failed is told an outcome again.
const TELL_AGAIN: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));
/// How long a store is told a success: longer than it takes a server to start again, or another to
/// take its place.
const PATIENCE: Duration = Duration::from_secs(300);

/// A callback that may go to the backend. Its claim is renewed as long as [`Held::while_working`]
/// runs. Dropped without an outcome, as in a crash, it leaves a claim that ends with its lease.
#[derive(Debug)]
pub struct Held {
    keeper: Arc<Keeper>,
    pub(super) id: Identity,
    pub(super) token: Token,
    pub(super) lease: Duration,
    keep: Duration,
    is_certain: bool,
    is_settled: AtomicBool,
}

impl Held {
    pub(super) fn new(keeper: Arc<Keeper>, id: Identity, policy: &Policy) -> Self {
        Self {
            keeper,
            id,
            token: Token::new(),
            lease: policy.lease,
            keep: policy.keep,
            is_certain: true,
            is_settled: AtomicBool::new(false),
        }
    }

    /// The store was not there, and the callback goes to the backend all the same.
    pub(super) fn uncertain(mut self) -> Self {
        self.is_certain = false;
        self
    }

    /// Whether no other copy can be in flight or done.
    #[must_use]
    pub const fn is_certain(&self) -> bool {
        self.is_certain
    }

    /// Whether its outcome is known.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.is_settled.load(Ordering::Relaxed)
    }

    /// Does the work, and keeps the claim meanwhile.
    pub async fn while_working<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let mut renewing = pin!(self.renew());
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = &mut renewing => {}
        }
        work.await
    }

    /// Renews the claim until there is an outcome, or another copy has it.
    async fn renew(&self) {
        loop {
            sleep(self.lease.checked_div(RENEWALS).unwrap_or(self.lease)).await;
            if self.is_settled() {
                return;
            }
            let renewal = self.keeper.store.renew(&self.id, self.token, self.lease);
            let renewed = self
                .keeper
                .watched(Operation::Renew, &self.id, renewal)
                .await;
            // If the store is away, nobody else can claim either; it is asked again.
            if renewed == Ok(false) && !self.is_settled() {
                self.keeper.observer.lost();
                warn!(
                    "once: another copy of {} claimed it while this one was with the backend",
                    self.id
                );
                return;
            }
        }
    }

    /// The backend took it. Returns once the store knows, or cannot be told at present: then it is
    /// told later, beside everything else, and what `alive` gives is kept until it was.
    pub async fn succeeded<A: Any + Send>(&self, answer: Bytes, alive: impl FnOnce() -> A) {
        self.is_settled.store(true, Ordering::Relaxed);
        let (id, token, keep) = (self.id, self.token, self.keep);
        if self
            .keeper
            .commit(&id, token, answer.clone(), keep)
            .await
            .is_ok()
        {
            return;
        }
        let (keeper, alive) = (Arc::clone(&self.keeper), alive());
        tokio::spawn(async move {
            let told = again(PATIENCE, || keeper.commit(&id, token, answer.clone(), keep)).await;
            if !told {
                error!("once: {id} succeeded, and the store was never told: a repeat would pass");
            }
            drop(alive);
        });
    }

    /// The backend did not take it, as far as anybody knows: the provider's retry may.
    pub async fn failed<A: Any + Send>(&self, alive: impl FnOnce() -> A) {
        self.is_settled.store(true, Ordering::Relaxed);
        if self.keeper.release(&self.id, self.token).await.is_err() {
            self.release_later(alive());
        }
    }

    /// Gives up what may have been claimed, without waiting.
    pub(super) fn forget(&self) {
        self.is_settled.store(true, Ordering::Relaxed);
        self.release_later(());
    }

    /// After the lease there is nothing to release any more.
    fn release_later(&self, alive: impl Any + Send) {
        let (id, token, lease) = (self.id, self.token, self.lease);
        let keeper = Arc::clone(&self.keeper);
        tokio::spawn(async move {
            again(lease, || keeper.release(&id, token)).await;
            drop(alive);
        });
    }
}

/// Tries until it works, for so long at most; whether it did.
async fn again<F>(patience: Duration, mut act: impl FnMut() -> F) -> bool
where
    F: Future<Output = Result<(), StoreError>>,
{
    let (mut pause, longest) = TELL_AGAIN;
    let started = Instant::now();
    while started.elapsed() < patience {
        sleep(pause).await;
        pause = pause.saturating_mul(2).min(longest);
        if act().await.is_ok() {
            return true;
        }
    }
    false
}
