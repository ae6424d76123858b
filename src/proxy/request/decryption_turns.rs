//! Where decryption runs: off the threads that serve requests, with few tasks at a time.
//!
//! A private-key operation takes as long as serving a dozen requests, and a callback may need many.
//! So callbacks take turns: each turn is a few operations on a blocking thread, and the
//! configuration limits how many run at once. Turns are given in order of arrival, so that a
//! callback with hundreds of blocks delays another one by a turn, not by all of them.

use std::sync::Arc;
use std::time::Duration;

use log::error;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::aside;
use crate::config::{Config, DecryptLimits};
use crate::decrypt::{Clear, Refused, Task};
use crate::judge::Fault;
use crate::proxy::limits::Gauge;

/// The most private-key operations in a turn: a few milliseconds.
const OPERATIONS_A_TURN: usize = 4;

/// Where decryption runs, with the limits of one configuration.
pub(in crate::proxy) struct DecryptionTurns {
    turns: Arc<Semaphore>,
    limits: DecryptLimits,
    in_flight: Gauge,
    time: Duration,
}

/// The result for a callback.
pub(super) type DecryptionResult = Result<Clear, Refused>;

impl DecryptionTurns {
    /// The place for a configuration; callbacks in flight continue to count from `previous`.
    pub(in crate::proxy) fn new(config: &Config, previous: Option<&Self>) -> Self {
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

    /// Runs a task to its end.
    ///
    /// # Errors
    /// [`Fault::DecryptionBusy`] if there are too many, or it takes too long.
    pub(in crate::proxy) async fn run(&self, task: Task) -> Result<DecryptionResult, Fault> {
        if task.is_done() && !aside::is_large(task.body_length()) {
            return Ok(task.finish());
        }
        let _counted = self.in_flight.count().map_err(|()| Fault::DecryptionBusy)?;
        timeout(self.time, self.take_turns(task))
            .await
            .unwrap_or(Err(Fault::DecryptionBusy))
    }

    async fn take_turns(&self, task: Task) -> Result<DecryptionResult, Fault> {
        let mut task = Box::new(task);
        loop {
            let turns = Arc::clone(&self.turns);
            let turn = turns.acquire_owned().await.map_err(|_| Fault::Internal)?;
            let worked = spawn_blocking(move || {
                let worked = work(task);
                // Held until the work ends, even if nobody waits for it any more.
                drop(turn);
                worked
            });
            match worked.await {
                Ok(Worked::Done(outcome)) => return Ok(outcome),
                Ok(Worked::Part(rest)) => task = rest,
                Err(error) => {
                    // Of a panic, only the fact is logged: its text could contain anything.
                    error!("decryption ended early: panicked={}", error.is_panic());
                    return Err(Fault::Internal);
                }
            }
        }
    }
}

enum Worked {
    Part(Box<Task>),
    Done(DecryptionResult),
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
