//! The bounded queue of outcomes that a store could not record yet.

use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::once::answer;
use crate::once::complaints::Complaints;
use crate::once::identity::Identity;
use crate::once::store::Token;

/// The most successes, and also the most failures, in the queue: what 200 callbacks a second add in
/// five minutes. Each takes about 150 bytes.
const MOST: usize = 60_000;
/// The most bytes that their answers may take. Beyond that, bodies are dropped.
const ANSWERS: usize = 32 << 20;

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
    pub(super) queue: Mutex<OutcomeQueue>,
    /// Whether it contains any success. Nearly always it does not, and no lookup takes the lock.
    pub(super) has_successes: AtomicBool,
    pub(super) dropped: Complaints,
}

#[derive(Debug, Default)]
pub(super) struct OutcomeQueue {
    pub(super) successes: VecDeque<Untold>,
    pub(super) failures: VecDeque<Untold>,
    /// The answers of all successes that the store has not recorded, including those being sent.
    pub(super) answered: HashMap<Identity, Bytes>,
    /// Successes that are being sent and are no longer in the queue.
    pub(super) on_their_way: usize,
    /// The bytes that the answers take, including those being sent.
    pub(super) answers: usize,
    /// Whether the task runs.
    pub(super) is_running: bool,
    /// Keeps the process from ending before the store has recorded everything.
    pub(super) alive: Option<Box<dyn Any + Send>>,
}

#[derive(Debug)]
pub(super) struct Untold {
    pub(super) id: Identity,
    pub(super) token: Token,
    pub(super) outcome: PendingOutcome,
    pub(super) until: Instant,
}

impl Untold {
    pub(super) fn answer(&self) -> usize {
        match &self.outcome {
            PendingOutcome::Success(answer, _) => answer.len(),
            PendingOutcome::Failure(_) => 0,
        }
    }

    pub(super) const fn is_success(&self) -> bool {
        matches!(self.outcome, PendingOutcome::Success(..))
    }
}

impl OutcomeQueue {
    /// Adds an outcome. Returns whether there was room. An answer that is too large keeps only its
    /// status.
    pub(super) fn add(&mut self, mut untold: Untold) -> bool {
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
    pub(super) fn expire(&mut self) -> (usize, usize) {
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
    pub(super) fn take(&mut self, most: usize) -> Vec<Untold> {
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
