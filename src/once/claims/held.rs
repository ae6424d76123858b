//! A callback that may go to the backend, until its outcome is known.

use std::any::Any;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use log::warn;
use tokio::time::{Instant, sleep_until};

use super::ledger::Ledger;
use super::pending::PendingOutcome;
use crate::once::identity::Identity;
use crate::once::once_policy::OncePolicy;
use crate::once::store::{Claim, Renewal, StoreError, Token};

/// How often a claim is renewed during its lease: after a failed renewal there is time for another.
const RENEWALS: u32 = 3;

/// A callback that may go to the backend. Its claim is renewed while [`HeldClaim::while_working`] runs,
/// which may be several times. If it is dropped without an outcome, as in a crash, its claim
/// expires with the lease.
#[derive(Debug)]
pub struct HeldClaim {
    ledger: Arc<Ledger>,
    id: Identity,
    token: Token,
    lease: Duration,
    keep: Duration,
    is_certain: bool,
    began: Instant,
    /// When it was last claimed or renewed: milliseconds since it was created.
    renewed: AtomicU64,
    is_settled: AtomicBool,
    is_lost: AtomicBool,
}

impl HeldClaim {
    pub(super) fn new(ledger: Arc<Ledger>, id: Identity, policy: &OncePolicy) -> Self {
        Self {
            ledger,
            id,
            token: Token::new(),
            lease: policy.lease,
            keep: policy.keep,
            is_certain: true,
            began: Instant::now(),
            renewed: AtomicU64::new(0),
            is_settled: AtomicBool::new(false),
            is_lost: AtomicBool::new(false),
        }
    }

    /// Claims the callback. May be repeated.
    pub(super) async fn claim(&self) -> Result<Claim, StoreError> {
        let claimed = self.ledger.claim(&self.id, self.token, self.lease).await;
        self.note_renewal();
        claimed
    }

    /// The store was unavailable, and the callback goes to the backend unchecked.
    pub(super) fn uncertain(mut self) -> Self {
        self.is_certain = false;
        self
    }

    /// Whether no other copy can be in flight or done.
    #[must_use]
    pub const fn is_certain(&self) -> bool {
        self.is_certain
    }

    /// Whether the outcome is known.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.is_settled.load(Ordering::Relaxed)
    }

    /// Whether another copy is known to have the claim.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::Relaxed)
    }

    /// Does the work, and renews the claim meanwhile.
    pub async fn while_working<T>(&self, mut work: Pin<&mut impl Future<Output = T>>) -> T {
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
        while !self.is_lost() {
            sleep_until(self.next_renewal()).await;
            if self.is_settled() {
                return;
            }
            let renewed = self.ledger.renew(&self.id, self.token, self.lease).await;
            self.note_renewal();
            if self.is_settled() {
                return;
            }
            let is_lost = match renewed {
                // While the store is unavailable, nobody else can claim either. Try again.
                Ok(Renewal::Held) | Err(_) => false,
                Ok(Renewal::Lost) => true,
                // The store lost it, or this process was suspended for too long.
                Ok(Renewal::Gone) => {
                    let claimed = self.claim().await;
                    matches!(claimed, Ok(Claim::InFlight(_) | Claim::Done(_)))
                }
            };
            if is_lost && !self.is_settled() {
                self.is_lost.store(true, Ordering::Relaxed);
                self.ledger.observer.lost();
                warn!(
                    "once: another copy of {} claimed it while this one was in progress",
                    self.id
                );
                return;
            }
        }
    }

    fn next_renewal(&self) -> Instant {
        let since = Duration::from_millis(self.renewed.load(Ordering::Relaxed));
        let pause = self.lease.checked_div(RENEWALS).unwrap_or(self.lease);
        let next = self.began.checked_add(since.saturating_add(pause));
        next.unwrap_or_else(Instant::now)
    }

    fn note_renewal(&self) {
        let since = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.renewed.store(since, Ordering::Relaxed);
    }

    /// The backend accepted the callback. Returns once the store has recorded that, or has failed
    /// to: then it is retried in the background, and the value that `alive` returns is kept until
    /// it succeeds.
    pub async fn succeeded<A: Any + Send>(&self, answer: Bytes, alive: impl FnOnce() -> A) {
        self.is_settled.store(true, Ordering::Relaxed);
        let (id, token, keep) = (self.id, self.token, self.keep);
        let commit = self.ledger.commit(&id, token, answer.clone(), keep);
        if commit.await.is_err() {
            let outcome = PendingOutcome::Success(answer, keep);
            self.ledger.tell_later((id, token), outcome, Some(alive));
        }
    }

    /// The backend is not known to have accepted the callback, so the provider's retry may pass.
    pub async fn failed<A: Any + Send>(&self, alive: impl FnOnce() -> A) {
        self.is_settled.store(true, Ordering::Relaxed);
        let release = self.ledger.release(&self.id, self.token, self.lease);
        if release.await.is_err() {
            self.release_later(Some(alive));
        }
    }

    /// Gives up a possible claim, without waiting.
    pub(super) fn forget_if(&self, may_be_claimed: bool) {
        self.is_settled.store(true, Ordering::Relaxed);
        if may_be_claimed {
            self.release_later(None::<fn()>);
        }
    }

    fn release_later<A: Any + Send>(&self, alive: Option<impl FnOnce() -> A>) {
        let outcome = PendingOutcome::Failure(self.lease);
        self.ledger
            .tell_later((self.id, self.token), outcome, alive);
    }
}
