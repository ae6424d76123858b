//! Outcomes that a store could not be told, and is told later: in one queue, which is bounded, by one
//! task.

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

/// How many successes wait at most, and as many failures: what 200 callbacks a second leave in
/// [`PATIENCE`]. Each takes about 150 bytes.
const MOST: usize = 60_000;
/// How much their answers take at most, in bytes. Beyond that the body is left out.
const ANSWERS: usize = 32 << 20;
/// How long a store is told a success: longer than it takes a server to start again, or another to
/// take its place.
const PATIENCE: Duration = Duration::from_secs(300);
/// The first and the longest pause before a store that failed is told again.
const TELL_AGAIN: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));
/// How many it is told at once, if it took the last.
const AT_ONCE: usize = 256;

/// What a store is to be told.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The backend took it: the answer, and how long it is remembered.
    Success(Bytes, Duration),
    /// Its claim, of this lease, is given up.
    Failure(Duration),
}

/// The queue.
#[derive(Debug, Default)]
pub(super) struct Later {
    queue: Mutex<Queue>,
    /// Whether there is any success in it: nearly always there is none, and nobody takes the lock.
    has_successes: AtomicBool,
    dropped: Complaints,
}

#[derive(Debug, Default)]
struct Queue {
    successes: VecDeque<Untold>,
    failures: VecDeque<Untold>,
    /// The answers of all successes that the store was not told, those on their way among them.
    answered: HashMap<Identity, Bytes>,
    /// Successes that are being told, and are in the queue no more.
    on_their_way: usize,
    /// What the answers take, in bytes, of those on their way, too.
    answers: usize,
    /// Whether the task runs.
    is_running: bool,
    /// Keeps the process from ending before the store was told.
    alive: Option<Box<dyn Any + Send>>,
}

#[derive(Debug)]
struct Untold {
    id: Identity,
    token: Token,
    outcome: Outcome,
    until: Instant,
}

impl Untold {
    fn answer(&self) -> usize {
        match &self.outcome {
            Outcome::Success(answer, _) => answer.len(),
            Outcome::Failure(_) => 0,
        }
    }

    const fn is_success(&self) -> bool {
        matches!(self.outcome, Outcome::Success(..))
    }
}

impl Queue {
    /// Whether there was room. Of an answer for which there is none the status is kept.
    fn add(&mut self, mut untold: Untold) -> bool {
        let lane = if untold.is_success() {
            &mut self.successes
        } else {
            &mut self.failures
        };
        if lane.len() >= MOST {
            return false;
        }
        if let Outcome::Success(answer, _) = &mut untold.outcome
            && self.answers.saturating_add(answer.len()) > ANSWERS
        {
            *answer = answer::without_body(answer);
        }
        self.answers = self.answers.saturating_add(untold.answer());
        if let Outcome::Success(answer, _) = &untold.outcome {
            self.answered.insert(untold.id, answer.clone());
        }
        lane.push_back(untold);
        true
    }

    /// Drops those that it is too late for. How many, and how many of them were successes.
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

    /// Takes the next ones, successes first. Without any, the task is over.
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
    /// Has the store told later, beside everything else. What `alive` gives is kept until there is
    /// nothing left to tell.
    pub(super) fn tell_later<A: Any + Send>(
        self: &Arc<Self>,
        (id, token): (Identity, Token),
        outcome: Outcome,
        alive: Option<impl FnOnce() -> A>,
    ) {
        let patience = match outcome {
            Outcome::Success(..) => PATIENCE,
            // After the lease there is nothing to give up any more.
            Outcome::Failure(lease) => lease,
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
                self.never_told(1, "too many wait to be told");
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

    /// The answer of a callback that a backend took and the store was not told of yet. The store would let
    /// a copy of it pass.
    pub(super) fn untold_answer(&self, id: &Identity) -> Option<Bytes> {
        if !self.later.has_successes.load(Ordering::Acquire) {
            return None;
        }
        self.queue().answered.get(id).cloned()
    }

    fn note_successes(&self, queue: &Queue) {
        let has = !queue.answered.is_empty();
        self.later.has_successes.store(has, Ordering::Release);
    }

    /// How many successes the store is still to be told.
    #[must_use]
    pub fn untold_successes(&self) -> usize {
        let queue = self.queue();
        queue.successes.len().saturating_add(queue.on_their_way)
    }

    /// Tells the store until there is nothing left to tell. While it fails it is told one outcome at a
    /// time, in turn: it may refuse a single one.
    async fn tell(self: Arc<Self>) {
        let (first, longest) = TELL_AGAIN;
        let (mut pause, mut most, mut told) = (first, 1, 0_usize);
        sleep(pause).await;
        loop {
            let (next, alive) = self.next(most);
            if next.is_empty() {
                if told > 0 {
                    info!("once: the store was told {told} outcomes that it had missed");
                }
                // The process may end with this, so the log comes first.
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

    /// The next ones; or none, and what was kept alive for them.
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
            self.never_told(successes, "it was away for too long");
        }
        (next, alive)
    }

    /// Those that the store could not be told.
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
            // None of them panics.
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
            Outcome::Success(answer, keep) => self.commit(id, *token, answer.clone(), *keep).await,
            Outcome::Failure(lease) => self.release(id, *token, *lease).await,
        }
    }

    /// At the end, so that one that the store refuses does not keep it from the others.
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
        if let Some(count) = self.later.dropped.add(count) {
            error!(
                "once: the store was never told that {count} callbacks succeeded, as {why}: \
                 repeats of them would pass"
            );
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        let queue = self.later.queue.lock();
        queue.unwrap_or_else(PoisonError::into_inner)
    }
}
