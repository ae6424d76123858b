//! Outcomes that a store could not record yet: one bounded queue, emptied by one task.

use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use log::{error, info};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::ledger::Ledger;
use crate::once::answer;
use crate::once::complaints::Complaints;
use crate::once::identity::Identity;
use crate::once::store::{StoreError, Token};

/// The most successes, and also the most failures, in the queue: what 200 callbacks a second add in
/// [`PATIENCE`]. Each takes about 150 bytes.
const MOST: usize = 60_000;
/// The most bytes that their answers may take. Beyond that, bodies are dropped.
const ANSWERS: usize = 32 << 20;
/// How long a success is retried: longer than a server takes to restart, or a replica to take over.
const PATIENCE: Duration = Duration::from_secs(300);
/// The first and the longest pause before a failed store is retried.
const TELL_AGAIN: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));
/// How many outcomes are sent at once if the store accepted the last one.
const AT_ONCE: usize = 256;

/// What the store should record.
#[derive(Debug)]
pub(super) enum PendingOutcome {
    /// The backend accepted the callback: the answer, and how long to remember it.
    Success(Bytes, Duration),
    /// The claim, with its lease, is given up.
    Failure(Duration),
}

/// The queue.
#[derive(Debug, Default)]
pub(super) struct PendingOutcomes {
    queue: Mutex<Queue>,
    /// Whether it contains any success. Nearly always it does not, and no lookup takes the lock.
    has_successes: AtomicBool,
    dropped: Complaints,
}

#[derive(Debug, Default)]
struct Queue {
    successes: VecDeque<Untold>,
    failures: VecDeque<Untold>,
    /// The answers of all successes that the store has not recorded, including those being sent.
    answered: HashMap<Identity, Bytes>,
    /// Successes that are being sent and are no longer in the queue.
    on_their_way: usize,
    /// The bytes that the answers take, including those being sent.
    answers: usize,
    /// Whether the task runs.
    is_running: bool,
    /// Keeps the process from ending before the store has recorded everything.
    alive: Option<Box<dyn Any + Send>>,
}

#[derive(Debug)]
struct Untold {
    id: Identity,
    token: Token,
    outcome: PendingOutcome,
    until: Instant,
}

impl Untold {
    fn answer(&self) -> usize {
        match &self.outcome {
            PendingOutcome::Success(answer, _) => answer.len(),
            PendingOutcome::Failure(_) => 0,
        }
    }

    const fn is_success(&self) -> bool {
        matches!(self.outcome, PendingOutcome::Success(..))
    }
}

impl Queue {
    /// Adds an outcome. Returns whether there was room. An answer that is too large keeps only its
    /// status.
    fn add(&mut self, mut untold: Untold) -> bool {
        let lane = if untold.is_success() {
            &mut self.successes
        } else {
            &mut self.failures
        };
        if lane.len() >= MOST {
            return false;
        }
        if let PendingOutcome::Success(answer, _) = &mut untold.outcome
            && self.answers.saturating_add(answer.len()) > ANSWERS
        {
            *answer = answer::without_body(answer);
        }
        self.answers = self.answers.saturating_add(untold.answer());
        if let PendingOutcome::Success(answer, _) = &untold.outcome {
            self.answered.insert(untold.id, answer.clone());
        }
        lane.push_back(untold);
        true
    }

    /// Drops outcomes that are too old. Returns how many, and how many of them were successes.
    fn expire(&mut self) -> (usize, usize) {
        let now = Instant::now();
        let before = (self.successes.len(), self.failures.len());
        let (answers, answered) = (&mut self.answers, &mut self.answered);
        for lane in [&mut self.successes, &mut self.failures] {
            lane.retain(|untold| {
                let stays = untold.until > now;
                if !stays {
                    *answers = answers.saturating_sub(untold.answer());
                    if untold.is_success() {
                        answered.remove(&untold.id);
                    }
                }
                stays
            });
        }
        let successes = before.0.saturating_sub(self.successes.len());
        let failures = before.1.saturating_sub(self.failures.len());
        (successes.saturating_add(failures), successes)
    }

    /// Takes the next outcomes, successes first. If there are none, the task ends.
    fn take(&mut self, most: usize) -> Vec<Untold> {
        let mut next: Vec<Untold> = Vec::with_capacity(most);
        for lane in [&mut self.successes, &mut self.failures] {
            let count = most.saturating_sub(next.len()).min(lane.len());
            next.extend(lane.drain(..count));
        }
        self.on_their_way = next.iter().filter(|untold| untold.is_success()).count();
        self.is_running = !next.is_empty();
        next
    }
}

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

    fn note_successes(&self, queue: &Queue) {
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
        self.forget(late);
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
                self.forget(1);
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

    fn forget(&self, count: usize) {
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

    fn queue(&self) -> MutexGuard<'_, Queue> {
        let queue = self.pending.queue.lock();
        queue.unwrap_or_else(PoisonError::into_inner)
    }
}
