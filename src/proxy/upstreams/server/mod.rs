//! One server with one address.

mod fitness;
mod passive;
mod pool;
mod probation;
mod server_address;
mod state;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use log::{info, warn};
use pingora::protocols::Stream;
use tokio::task::yield_now;
use tokio::time::sleep;

pub(super) use self::passive::PassiveLimits;
pub(super) use self::pool::Pool;
use self::pool::{Shown, is_silent};
use self::probation::{LIVES, SUSPECT};
pub(super) use self::server_address::Address;
pub(super) use self::state::{ServerCounters, ServerState};
use super::round_trip::{ConnectError, connect};
use crate::config::ServerTls;

/// One server with one address, as one configuration has it.
pub(in crate::proxy) struct Server {
    /// As configured.
    pub(in crate::proxy) name: Arc<str>,
    pub(in crate::proxy) address: Address,
    pub(in crate::proxy) weight: u32,
    /// Taken out by the configuration.
    pub(in crate::proxy) down: bool,
    /// Whether health checks count. A check of an older configuration may still be running, and
    /// without further checks its result would never be corrected.
    pub(super) is_checked: bool,
    pub(in crate::proxy) limits: PassiveLimits,
    pub(in crate::proxy) state: Arc<ServerState>,
    /// Over all addresses of its name.
    pub(in crate::proxy) count: Arc<ServerCounters>,
    pub(in crate::proxy) tls: Option<ServerTls>,
    /// The Host of requests to it that do not pass on the client's.
    pub(in crate::proxy) host: Box<str>,
    pub(super) pool: Pool,
    pub(super) connect_timeout: Duration,
}

/// A connection to a server.
pub(in crate::proxy) struct Connection {
    pub(in crate::proxy) stream: Stream,
    /// Whether it has carried another request before.
    pub(super) is_used: bool,
}

impl Server {
    /// Whether it may get callbacks at all.
    pub(super) fn is_fit(&self) -> bool {
        !self.down && !self.is_unhealthy()
    }

    /// Whether its health checks exclude it from callbacks.
    pub(super) fn is_unhealthy(&self) -> bool {
        self.is_checked && self.state.is_unfit()
    }

    /// Whether failures have taken it out for now.
    pub(super) fn is_out(&self, now: Instant) -> bool {
        self.state.has_failed.load(Ordering::Relaxed)
            && self.state.passive().is_out(self.limits, now)
    }

    /// Records that it gets the next callback.
    pub(super) fn pick(self: &Arc<Self>, now: Instant) -> InFlight {
        if self.state.has_failed.load(Ordering::Relaxed) {
            self.state.passive().picked(self.limits, now);
        }
        for count in [&*self.count, &self.state.count] {
            count.picked.fetch_add(1, Ordering::Relaxed);
        }
        self.state.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(self))
    }

    /// A connection from the pool, or a new one.
    pub(in crate::proxy) async fn connection(
        &self,
        upstream: &str,
    ) -> Result<Connection, ConnectError> {
        if self.state.probation.is_over() {
            let (stream, shown) = self.pool.take().await;
            self.note(shown, upstream);
            // A pooled one might be the next to be closed like those.
            if let Some(stream) = stream.filter(|_| !shown.closed) {
                return Ok(Connection {
                    stream,
                    is_used: true,
                });
            }
        }
        Ok(Connection {
            stream: self.new_connection().await?,
            is_used: false,
        })
    }

    /// Keeps a connection after a completely read answer. During probation only one is kept, to see
    /// how long it stays open: a server that dedicates a thread to each connection must not run out
    /// of them.
    pub(in crate::proxy) async fn keep(self: &Arc<Self>, stream: Stream, upstream: &Arc<str>) {
        if !self.pool.keeps_any() {
            return;
        }
        if self.state.probation.is_over() {
            self.pool.put(stream);
            return;
        }
        match self.pool.put_alone(stream) {
            Ok(()) => {
                let (server, upstream) = (Arc::clone(self), Arc::clone(upstream));
                tokio::spawn(async move {
                    sleep(LIVES).await;
                    server.sweep(&upstream);
                });
            }
            // What it already shows counts, too: the close of the one that is kept may arrive late.
            Err(mut stream) => {
                yield_now().await;
                if !is_silent(&mut stream) {
                    self.closed_silently(upstream);
                }
            }
        }
    }

    /// Closes idle connections that are no longer useful, and records what all of them show.
    pub(super) fn sweep(&self, upstream: &str) {
        self.note(self.pool.sweep(), upstream);
    }

    fn note(&self, shown: Shown, upstream: &str) {
        if shown.closed {
            self.closed_silently(upstream);
        } else if shown.lived
            && !self.state.probation.is_over()
            && self.state.probation.lived(Instant::now())
        {
            info!("upstream {upstream}: {self} keeps idle connections open again; they are reused");
        }
    }

    /// It closed a connection without announcing it: right after an answer, or with a callback on
    /// it.
    pub(super) fn closed_silently(&self, upstream: &str) {
        if self.state.probation.closed(Instant::now()) {
            warn!(
                "upstream {upstream}: {self} closes idle connections without \"Connection: \
                 close\"; none is reused for at least {SUSPECT:?}, and until it has kept one open"
            );
        }
    }

    pub(super) async fn new_connection(&self) -> Result<Stream, ConnectError> {
        connect(&self.address, self.tls.as_ref(), self.connect_timeout).await
    }

    /// Whether it is the same server with the same address, of the same configuration.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        (&self.name, &self.address, self.limits) == (&other.name, &other.address, other.limits)
    }

    /// It could not be reached or gave no valid answer.
    pub(in crate::proxy) fn failed(&self, upstream: &str, now: Instant) {
        for count in [&*self.count, &self.state.count] {
            count.fails.fetch_add(1, Ordering::Relaxed);
        }
        let mut passive = self.state.passive();
        let is_new = passive.failed(self.limits, now);
        self.state.has_failed.store(true, Ordering::Relaxed);
        drop(passive);
        if is_new {
            let PassiveLimits {
                max_fails,
                fail_timeout,
            } = self.limits;
            warn!(
                "upstream {upstream}: {self} is out for {fail_timeout:?} (max_fails = {max_fails})"
            );
        }
    }

    /// It answered.
    pub(in crate::proxy) fn succeeded(&self, upstream: &str) {
        if !self.state.has_failed.load(Ordering::Relaxed) {
            return;
        }
        let mut passive = self.state.passive();
        let is_back = passive.succeeded(self.limits);
        if passive.is_clean() {
            self.state.has_failed.store(false, Ordering::Relaxed);
        }
        drop(passive);
        if is_back {
            info!("upstream {upstream}: {self} is back");
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        let address = self.address.to_string();
        if *address != *self.name {
            write!(f, " ({address})")?;
        }
        Ok(())
    }
}

/// A request that a server has to answer, from its choice to the end of the answer.
pub(in crate::proxy) struct InFlight(Arc<Server>);

impl InFlight {
    pub(in crate::proxy) fn server(&self) -> &Arc<Server> {
        &self.0
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.state.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
