//! Where decryption runs: off the threads that serve requests, on few of its own at a time.
//!
//! A private operation takes as long as serving a dozen requests, and a callback may need many. So
//! callbacks take turns: each turn is a few operations on a thread that blocks nobody, of which there
//! are as many at a time as the configuration says. Who waits is served in the order of asking, so
//! that a callback with hundreds of blocks delays another by a turn and not by all of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use log::{error, warn};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::aside;
use super::body::Body;
use super::generation::Generation;
use super::limits::Gauge;
use super::trace::Trace;
use crate::config::{Config, DecryptLimits};
use crate::decrypt::{Clear, Failure, Refused, Task};
use crate::judge::{Fault, Refusal, Verdict};
use crate::record::Decrypted;

/// The most private operations of a turn: a few milliseconds.
const OPERATIONS_A_TURN: usize = 4;

/// Where decryption runs, as one configuration limits it.
pub(super) struct Decryption {
    turns: Arc<Semaphore>,
    limits: DecryptLimits,
    in_flight: Gauge,
    time: Duration,
}

/// What came of a callback.
pub(super) type Outcome = Result<Clear, Refused>;

impl Decryption {
    /// The place for a configuration; callbacks in flight count on from `previous`.
    pub(super) fn new(config: &Config, previous: Option<&Self>) -> Self {
        let limits = config.decrypt;
        let same = previous.filter(|previous| previous.limits.threads == limits.threads);
        Self {
            turns: same.map_or_else(
                || Arc::new(Semaphore::new(limits.threads)),
                |previous| Arc::clone(&previous.turns),
            ),
            limits,
            in_flight: Gauge::new(
                Some(limits.in_flight),
                previous.map(|previous| &previous.in_flight),
            ),
            time: config.timeouts.decrypt,
        }
    }

    /// Works a task off.
    ///
    /// # Errors
    /// [`Fault::DecryptionBusy`] if there are too many, or it takes too long.
    pub(super) async fn run(&self, task: Task) -> Result<Outcome, Fault> {
        if task.is_done() && !aside::is_large(task.body_length()) {
            return Ok(task.finish());
        }
        let _counted = self.in_flight.count().map_err(|()| Fault::DecryptionBusy)?;
        timeout(self.time, self.take_turns(task))
            .await
            .unwrap_or(Err(Fault::DecryptionBusy))
    }

    async fn take_turns(&self, task: Task) -> Result<Outcome, Fault> {
        let mut task = Box::new(task);
        loop {
            let turns = Arc::clone(&self.turns);
            let turn = turns.acquire_owned().await.map_err(|_| Fault::Internal)?;
            let worked = spawn_blocking(move || {
                let worked = work(task);
                // Held to the end of the work, also where nobody waits for it any more.
                drop(turn);
                worked
            });
            match worked.await {
                Ok(Worked::Done(outcome)) => return Ok(outcome),
                Ok(Worked::Part(rest)) => task = rest,
                Err(error) => {
                    // Of a panic no more than that there was one: its text could hold anything.
                    error!("decryption ended early: panicked={}", error.is_panic());
                    return Err(Fault::Internal);
                }
            }
        }
    }
}

enum Worked {
    Part(Box<Task>),
    Done(Outcome),
}

fn work(mut task: Box<Task>) -> Worked {
    for _ in 0..OPERATIONS_A_TURN {
        if task.is_done() {
            break;
        }
        task.step();
    }
    if task.is_done() {
        Worked::Done(task.finish())
    } else {
        Worked::Part(task)
    }
}

/// Decrypts what the route's rule names in a callback that was verified; `None` without a rule.
pub(super) async fn clear(
    generation: &Generation,
    verdict: &Verdict<'_>,
    body: &mut Body,
    trace: &mut Trace,
) -> Result<Option<Clear>, Refusal> {
    let route = verdict.received().route();
    let started = Instant::now();
    let Some(task) = aside::work(body.bytes.len(), || verdict.decryption()) else {
        return Ok(None);
    };
    let memory = task.memory();
    body.hold_also(memory)?;
    let outcome = generation.decryption.run(task).await?;
    let edited = outcome.as_ref().ok().and_then(Clear::body);
    let kept = edited.map_or(0, |edited| edited.len());
    body.release(memory.saturating_sub(kept));
    let (values, failed) = match &outcome {
        Ok(clear) => (clear.decrypted().count(), clear.failed().count()),
        Err(refused) => (refused.decrypted, refused.failed),
    };
    let decrypted = Decrypted {
        values,
        failed,
        time: started.elapsed(),
    };
    trace.decrypt = Some(decrypted);
    generation.series.decrypted(route, decrypted);
    match outcome {
        Ok(clear) => {
            note(&clear, &route.name, &trace.request_id);
            Ok(Some(clear))
        }
        Err(refused) => {
            note_refused(&refused, &route.name, &trace.request_id);
            Err(match refused.at {
                Some(at) => Refusal::At(Fault::DecryptFailed, at),
                None => Fault::DecryptFailed.into(),
            })
        }
    }
}

/// Tells the error log of values that were left as they are. Nothing of them is told.
fn note(clear: &Clear, route: &str, request_id: &str) {
    if let Some(failure) = clear.first_failure() {
        let failed = clear.failed();
        let first = failed.known().first().map(String::as_str);
        tell(failed.count(), first, failure, route, request_id);
    }
}

/// The same of a callback that is refused for it.
fn note_refused(refused: &Refused, route: &str, request_id: &str) {
    let at = refused.at.as_deref();
    tell(refused.failed, at, refused.failure, route, request_id);
}

fn tell(count: usize, first: Option<&str>, failure: Failure, route: &str, request_id: &str) {
    let at = first.unwrap_or("an unknown place").escape_debug();
    warn!(
        "request {request_id}: route {route}: {count} not decrypted, the first at {at}: {failure}"
    );
}
