//! Many callbacks, one after the other or at a rate.

use std::io;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinSet;
use tokio::time::{self, MissedTickBehavior};

use super::target_server::TargetServer;
use crate::cli::signer::SignerError;

/// The most callbacks that wait for their answers at once.
const MAX_IN_FLIGHT: usize = 256;

/// From so many callbacks on, a run is long.
const LONG_RUN: usize = 20;

/// So is one with more time between two.
const SLOW: Duration = Duration::from_secs(1);

/// What came of a callback.
pub(in crate::cli) struct Sent {
    /// The status, or why there was none.
    pub(super) outcome: Result<u16, String>,
    pub(super) took: Duration,
    pub(super) request_id: Option<String>,
    pub(super) body: Vec<u8>,
}

/// How callbacks are sent.
pub(in crate::cli) struct SendRun {
    pub(in crate::cli) server: TargetServer,
    pub(in crate::cli) count: usize,
    /// The time from one to the next; `None`: each waits for the answer to the one before.
    pub(in crate::cli) period: Option<Duration>,
    pub(in crate::cli) timeout: Duration,
}

impl SendRun {
    /// Sends as many callbacks as asked for, each made by `next`, or until Ctrl-C.
    pub(in crate::cli) fn run(
        &self,
        next: impl FnMut() -> Result<Vec<u8>, SignerError>,
    ) -> Result<Vec<Sent>, SignerError> {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build()?;
        runtime.block_on(self.send_all(next))
    }

    async fn send_all(
        &self,
        mut next: impl FnMut() -> Result<Vec<u8>, SignerError>,
    ) -> Result<Vec<Sent>, SignerError> {
        let progress = self.progress();
        let most = match self.period {
            Some(_) => MAX_IN_FLIGHT,
            None => 1,
        };
        let mut pace = self.period.map(|period| {
            let mut pace = time::interval(period);
            // Late callbacks are not made up for: that would be another rate.
            pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
            pace
        });
        let mut in_flight = JoinSet::new();
        let mut sent = Vec::new();
        let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
        let mut started = 0;
        while started < self.count || !in_flight.is_empty() {
            let may_start = started < self.count && in_flight.len() < most;
            tokio::select! {
                biased;
                _ = &mut interrupted => break,
                Some(done) = in_flight.join_next(), if !in_flight.is_empty() => {
                    sent.push(done.map_err(io::Error::other)?);
                    progress.inc(1);
                }
                () = tick(pace.as_mut()), if may_start => {
                    let request = next()?;
                    let (server, timeout) = (self.server.clone(), self.timeout);
                    in_flight.spawn(async move { exchange(server, request, timeout).await });
                    started = started.saturating_add(1);
                }
            }
        }
        progress.finish_and_clear();
        Ok(sent)
    }

    /// A bar on stderr, if that is a terminal and somebody has to wait.
    fn progress(&self) -> ProgressBar {
        let is_slow = self.period.is_some_and(|period| period > SLOW) && self.count > 1;
        if self.count < LONG_RUN && !is_slow {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new(self.count.try_into().unwrap_or(u64::MAX));
        // Without colours, so that nobody has to ask for that.
        let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} {per_sec} {eta}");
        style.map_or(bar.clone(), |style| bar.with_style(style))
    }
}

async fn tick(pace: Option<&mut time::Interval>) {
    if let Some(pace) = pace {
        pace.tick().await;
    }
}

async fn exchange(server: TargetServer, request: Vec<u8>, timeout: Duration) -> Sent {
    let began = Instant::now();
    let answer = time::timeout(timeout, server.exchange(&request)).await;
    let took = began.elapsed();
    match answer {
        Ok(Ok(answer)) => Sent {
            outcome: Ok(answer.status),
            took,
            request_id: answer.request_id,
            body: answer.body,
        },
        Ok(Err(error)) => Sent::failed(error.to_string(), took),
        Err(_) => Sent::failed(format!("no answer within {timeout:?}"), took),
    }
}

impl Sent {
    const fn failed(why: String, took: Duration) -> Self {
        Self {
            outcome: Err(why),
            took,
            request_id: None,
            body: Vec::new(),
        }
    }
}
