//! One server under one address.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use log::{info, warn};
use pingora::protocols::Stream;
use tokio::task::yield_now;
use tokio::time::sleep;

use super::connect::{ConnectError, connect};
use super::health::Health;
use super::passive::{Limits, Passive};
use super::pool::{Pool, Shown, is_silent};
use super::probation::{LIVES, Probation, SUSPECT};
use super::rarely::Rarely;
use crate::config::{HealthCheck, ServerTls};

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Address {
    Inet(SocketAddr),
    Unix(PathBuf),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inet(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// One server under one address, as a configuration has it.
pub(super) struct Server {
    /// As configured.
    pub(super) name: Arc<str>,
    pub(super) address: Address,
    pub(super) weight: u32,
    /// Taken out by hand.
    pub(super) down: bool,
    /// Whether health checks have a say. A check of an older configuration may still be under way,
    /// and what it finds would never be mended where no others follow.
    pub(super) is_checked: bool,
    pub(super) limits: Limits,
    pub(super) state: Arc<State>,
    /// Over all addresses of its name.
    pub(super) count: Arc<Count>,
    pub(super) tls: Option<ServerTls>,
    /// What a health check asks for.
    pub(super) host: Box<str>,
    pub(super) pool: Pool,
    pub(super) connect_timeout: Duration,
}

/// How often something happened, since the proxy began.
#[derive(Default)]
pub(super) struct Count {
    picked: AtomicU64,
    fails: AtomicU64,
}

impl Count {
    pub(super) fn picked(&self) -> u64 {
        self.picked.load(Ordering::Relaxed)
    }

    pub(super) fn fails(&self) -> u64 {
        self.fails.load(Ordering::Relaxed)
    }
}

/// What is known of a server; it outlives reloads that keep the server.
#[derive(Default)]
pub(super) struct State {
    in_flight: AtomicUsize,
    pub(super) count: Count,
    /// Whether `passive` has anything to say, so that it is locked only then.
    has_failed: AtomicBool,
    passive: Mutex<Passive>,
    /// Whether health checks found it unfit, as `health` says.
    unfit: AtomicBool,
    health: Mutex<Health>,
    /// Whether its connections may be used twice.
    pub(super) probation: Probation,
    /// What the error log says of failed connections.
    pub(super) unreachable: Rarely,
}

/// A connection to a server.
pub(super) struct Connection {
    pub(super) stream: Stream,
    /// Whether another request was on it before.
    pub(super) is_used: bool,
}

impl State {
    fn passive(&self) -> MutexGuard<'_, Passive> {
        self.passive.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Notes a health check; tells of a change whether the server is fit now.
    pub(super) fn checked(&self, passed: bool, check: &HealthCheck) -> Option<bool> {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        let change = health.note(passed, check);
        if let Some(fit) = change {
            self.unfit.store(!fit, Ordering::Relaxed);
        }
        change
    }

    /// Nobody checks it any more.
    pub(super) fn forget_checks(&self) {
        *self.health.lock().unwrap_or_else(PoisonError::into_inner) = Health::default();
        self.unfit.store(false, Ordering::Relaxed);
    }

    fn is_unfit(&self) -> bool {
        self.unfit.load(Ordering::Relaxed)
    }
}

impl Server {
    /// Whether it may get callbacks at all.
    pub(super) fn is_fit(&self) -> bool {
        !self.down && !self.is_unhealthy()
    }

    /// Whether its health checks say that it must not get callbacks.
    pub(super) fn is_unhealthy(&self) -> bool {
        self.is_checked && self.state.is_unfit()
    }

    /// Whether failures took it out for now.
    pub(super) fn is_out(&self, now: Instant) -> bool {
        self.state.has_failed.load(Ordering::Relaxed)
            && self.state.passive().is_out(self.limits, now)
    }

    /// Counts it as the one that gets the next callback.
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
    pub(super) async fn connection(&self, upstream: &str) -> Result<Connection, ConnectError> {
        if self.state.probation.is_over() {
            let (stream, shown) = self.pool.take().await;
            self.note(shown, upstream);
            // One that it took might be the next to be closed like those.
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

    /// Keeps a connection whose answer was read to its end. On probation one alone is kept, to see how
    /// long it lives: a server that keeps a thread for each connection must not run out of them.
    pub(super) async fn keep(self: &Arc<Self>, stream: Stream, upstream: &Arc<str>) {
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
            // What it shows already counts, too: the close of the one that is kept may be late.
            Err(mut stream) => {
                yield_now().await;
                if !is_silent(&mut stream) {
                    self.closed_silently(upstream);
                }
            }
        }
    }

    /// Closes idle connections that are of no more use, and notes what all of them show.
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
            info!("upstream {upstream}: {self} keeps idle connections again; they are reused");
        }
    }

    /// It closed a connection without having said so: right behind an answer, or with a callback on it.
    pub(super) fn closed_silently(&self, upstream: &str) {
        if self.state.probation.closed(Instant::now()) {
            warn!(
                "upstream {upstream}: {self} closes idle connections without \"Connection: close\"; \
                 none is reused until it has kept one again, for {SUSPECT:?} at least"
            );
        }
    }

    pub(super) async fn new_connection(&self) -> Result<Stream, ConnectError> {
        connect(&self.address, self.tls.as_ref(), self.connect_timeout).await
    }

    /// Whether it is the same server under the same address, of the same configuration.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        (&self.name, &self.address, self.limits) == (&other.name, &other.address, other.limits)
    }

    /// It could not be reached or gave no proper answer.
    pub(super) fn failed(&self, upstream: &str, now: Instant) {
        for count in [&*self.count, &self.state.count] {
            count.fails.fetch_add(1, Ordering::Relaxed);
        }
        let mut passive = self.state.passive();
        let is_new = passive.failed(self.limits, now);
        self.state.has_failed.store(true, Ordering::Relaxed);
        drop(passive);
        if is_new {
            let Limits {
                max_fails,
                fail_timeout,
            } = self.limits;
            warn!(
                "upstream {upstream}: {self} is out for {fail_timeout:?} (max_fails = {max_fails})"
            );
        }
    }

    /// It answered.
    pub(super) fn succeeded(&self, upstream: &str) {
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

/// A request that a server has to answer, from its pick to the end of the answer.
pub(super) struct InFlight(Arc<Server>);

impl InFlight {
    pub(super) fn server(&self) -> &Arc<Server> {
        &self.0
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.state.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
