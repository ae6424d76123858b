//! The protocol over a store: decides who may proceed, and records the outcome.

mod held;
mod ledger;
mod pending;
mod tell_pending;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout_at};

pub use held::HeldClaim;
pub use ledger::{Ledger, Observer, Operation};

use super::identity::Identity;
use super::once_policy::{OncePolicy, WhileInFlight};
use super::settings::OnStoreFailure;
use super::store::{Claim, StoreError};

/// The first and the longest pause between the checks of a copy that waits for another one.
const LOOK_AGAIN: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(250));

/// Runs the protocol over a store.
#[derive(Debug)]
pub struct Claims {
    ledger: Arc<Ledger>,
    on_failure: OnStoreFailure,
    waiters: Semaphore,
}

/// What may happen to a callback.
#[derive(Debug)]
pub enum Beginning {
    /// It may go to the backend.
    Proceed(HeldClaim),
    /// It is a repeat: a backend has accepted it, and this is what the commit stored.
    Repeat(Bytes),
    /// The sender should retry: another copy is in flight, and its claim expires after this time at
    /// the latest unless it is renewed.
    InFlight(Duration),
    /// The sender should retry: whether the callback is a repeat is unknown.
    Unknown(StoreError),
}

impl Claims {
    /// The protocol over a store. `waiters` is the most copies that may wait for others at once.
    #[must_use]
    pub fn new(ledger: Arc<Ledger>, on_failure: OnStoreFailure, waiters: usize) -> Self {
        Self {
            ledger,
            on_failure,
            waiters: Semaphore::new(waiters.min(Semaphore::MAX_PERMITS)),
        }
    }

    /// The store.
    #[must_use]
    pub fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    /// Claims a callback whose signature was verified.
    pub async fn begin(&self, id: Identity, policy: &OncePolicy) -> Beginning {
        let held = HeldClaim::new(Arc::clone(&self.ledger), id, policy);
        let mut found = held.claim().await;
        let mut may_be_ours = is_unknown(&found);
        if let (Ok(Claim::InFlight(left)), WhileInFlight::Wait(limit)) = (&found, policy.in_flight)
            && let Ok(_permit) = self.waiters.try_acquire()
        {
            found = Ok(wait(&held, limit, *left, &mut may_be_ours).await);
        }
        match found {
            Ok(Claim::Fresh) => Beginning::Proceed(held),
            Ok(Claim::Done(answer)) => Beginning::Repeat(answer),
            Err(StoreError::NotDone(_) | StoreError::Unknown(_))
                if self.on_failure == OnStoreFailure::Open =>
            {
                Beginning::Proceed(held.uncertain())
            }
            Ok(Claim::InFlight(left)) => {
                held.forget_if(may_be_ours);
                Beginning::InFlight(left)
            }
            Err(error) => {
                held.forget_if(may_be_ours);
                Beginning::Unknown(error)
            }
        }
    }
}

/// Polls the store, because other copies may be in flight on other machines. A store that fails
/// meanwhile changes nothing: as far as anybody knows, the other copy is still in flight.
async fn wait(held: &HeldClaim, limit: Duration, left: Duration, may_be_ours: &mut bool) -> Claim {
    let (mut pause, longest) = LOOK_AGAIN;
    let mut last = Claim::InFlight(left);
    let Some(deadline) = Instant::now().checked_add(limit) else {
        return last;
    };
    while matches!(last, Claim::InFlight(_)) && timeout_at(deadline, sleep(pause)).await.is_ok() {
        pause = pause.saturating_mul(2).min(longest);
        let found = held.claim().await;
        *may_be_ours |= is_unknown(&found);
        last = found.unwrap_or(last);
    }
    last
}

fn is_unknown<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Unknown(_)))
}
