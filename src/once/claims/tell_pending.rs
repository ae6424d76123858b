//! Records pending outcomes in the background, once the store is back.

use std::any::Any;
use std::mem;
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use log::{error, info};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::ledger::Ledger;
use super::pending::{OutcomeQueue, PendingOutcome, Untold};
use crate::once::identity::Identity;
use crate::once::store::{StoreError, Token};

/// How long a success is retried: longer than a server takes to restart, or a replica to take over.
const PATIENCE: Duration = Duration::from_secs(300);
/// The first and the longest pause before a failed store is retried.
const TELL_AGAIN: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));
/// How many outcomes are sent at once if the store accepted the last one.
const AT_ONCE: usize = 256;

impl Ledger {
    /// Queues an outcome to be recorded in the background. The value that `alive` returns is kept
    /// until the queue is empty.
    pub(super) fn tell_later<A: Any + Send>(
        self: &Arc<Self>,
        (id, token): (Identity, Token),
        outcome: PendingOutcome,
        alive: Option<impl FnOnce() -> A>,
    ) {
        let patience = match outcome {
            PendingOutcome::Success(..) => PATIENCE,
            // After the lease has expired, there is nothing left to give up.
            PendingOutcome::Failure(lease) => lease,
        };
        let until = Instant::now()
            .checked_add(patience)
            .unwrap_or_else(Instant::now);
        let untold = Untold {
            id,
            token,
            outcome,
            until,
        };
        let is_success = untold.is_success();
        let mut queue = self.queue();
        if !queue.add(untold) {
            drop(queue);
            if is_success {
                self.never_told(1, "too many outcomes are waiting");
            }
            return;
        }
        if queue.alive.is_none() {
            queue.alive = alive.map(|alive| Box::new(alive()) as Box<dyn Any + Send>);
        }
        let starts = !mem::replace(&mut queue.is_running, true);
        self.note_successes(&queue);
        drop(queue);
        self.observer.untold(1);
        if starts {
            tokio::spawn(Arc::clone(self).tell());
        }
    }

    /// The answer of a callback that a backend accepted and the store has not recorded yet. The
    /// store would let a copy of it pass.
    pub(super) fn untold_answer(&self, id: &Identity) -> Option<Bytes> {
        if !self.pending.has_successes.load(Ordering::Acquire) {
            return None;
        }
        self.queue().answered.get(id).cloned()
    }

    fn note_successes(&self, queue: &OutcomeQueue) {
        let has = !queue.answered.is_empty();
        self.pending.has_successes.store(has, Ordering::Release);
    }

    /// The number of successes that the store has not recorded yet.
    #[must_use]
    pub fn untold_successes(&self) -> usize {
        let queue = self.queue();
        queue.successes.len().saturating_add(queue.on_their_way)
    }

    /// Sends outcomes to the store until the queue is empty. While the store fails, sends one at a
    /// time in rotation, because it may reject only one of them.
    async fn tell(self: Arc<Self>) {
        let (first, longest) = TELL_AGAIN;
        let (mut pause, mut most, mut told) = (first, 1, 0_usize);
        sleep(pause).await;
        loop {
            let (next, alive) = self.next(most);
            if next.is_empty() {
                if told > 0 {
                    info!("once: the store recorded {told} outcomes that it had missed");
                }
                // This may let the process end, so log first.
                drop(alive);
                return;
            }
            let count = next.len();
            let failed = self.tell_at_once(next).await;
            told = told.saturating_add(count.saturating_sub(failed.len()));
            if failed.is_empty() {
                (pause, most) = (first, AT_ONCE);
                continue;
            }
            self.put_back(failed);
            most = 1;
            sleep(pause).await;
            pause = pause.saturating_mul(2).min(longest);
        }
    }

    /// Takes the next outcomes. If there are none, returns what was kept alive for them.
    fn next(&self, most: usize) -> (Vec<Untold>, Option<Box<dyn Any + Send>>) {
        let mut queue = self.queue();
        let (late, successes) = queue.expire();
        self.note_successes(&queue);
        let next = queue.take(most);
        let alive = if next.is_empty() {
            queue.alive.take()
        } else {
            None
        };
        drop(queue);
        self.fewer_untold(late);
        if successes > 0 {
            self.never_told(successes, "it was unavailable for too long");
        }
        (next, alive)
    }

    /// Returns those that the store did not record.
    async fn tell_at_once(self: &Arc<Self>, all: Vec<Untold>) -> Vec<Untold> {
        let mut telling = JoinSet::new();
        for untold in all {
            let this = Arc::clone(self);
            telling.spawn(async move {
                let told = this.tell_one(&untold).await;
                (told.is_err(), untold)
            });
        }
        let mut failed = Vec::new();
        while let Some(told) = telling.join_next().await {
            // The tasks do not panic.
            let Ok((has_failed, untold)) = told else {
                continue;
            };
            if has_failed {
                failed.push(untold);
            } else {
                let mut queue = self.queue();
                queue.answers = queue.answers.saturating_sub(untold.answer());
                if untold.is_success() {
                    queue.answered.remove(&untold.id);
                }
                self.note_successes(&queue);
                drop(queue);
                self.fewer_untold(1);
            }
        }
        failed
    }

    async fn tell_one(&self, untold: &Untold) -> Result<(), StoreError> {
        let Untold {
            id, token, outcome, ..
        } = untold;
        match outcome {
            PendingOutcome::Success(answer, keep) => {
                self.commit(id, *token, answer.clone(), *keep).await
            }
            PendingOutcome::Failure(lease) => self.release(id, *token, *lease).await,
        }
    }

    /// Back to the end of the queue, so that one that the store rejects does not block the others.
    fn put_back(&self, failed: Vec<Untold>) {
        let mut queue = self.queue();
        queue.on_their_way = 0;
        for untold in failed {
            if untold.is_success() {
                queue.successes.push_back(untold);
            } else {
                queue.failures.push_back(untold);
            }
        }
    }

    fn fewer_untold(&self, count: usize) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.observer.untold(count.saturating_neg());
    }

    fn never_told(&self, successes: usize, why: &str) {
        let count = u64::try_from(successes).unwrap_or(u64::MAX);
        self.observer.never_told(count);
        if let Some(count) = self.pending.dropped.add(count) {
            error!(
                "once: {count} successful callbacks were never recorded, as {why}: repeats of \
                 them would pass"
            );
        }
    }

    fn queue(&self) -> MutexGuard<'_, OutcomeQueue> {
        let queue = self.pending.queue.lock();
        queue.unwrap_or_else(PoisonError::into_inner)
    }
}
