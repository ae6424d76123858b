//! What is known about a server, whichever configuration names it.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::fitness::Fitness;
use super::passive::Passive;
use super::probation::Probation;
use crate::config::HealthCheck;
use crate::proxy::upstreams::rarely::Rarely;

/// How often something happened, since the proxy started.
#[derive(Default)]
pub(in crate::proxy) struct ServerCounters {
    pub(super) picked: AtomicU64,
    pub(super) fails: AtomicU64,
}

impl ServerCounters {
    pub(in crate::proxy) fn picked(&self) -> u64 {
        self.picked.load(Ordering::Relaxed)
    }

    pub(in crate::proxy) fn fails(&self) -> u64 {
        self.fails.load(Ordering::Relaxed)
    }
}

/// What is known about a server; it survives reloads that keep the server.
#[derive(Default)]
pub(in crate::proxy) struct ServerState {
    pub(super) in_flight: AtomicUsize,
    pub(in crate::proxy) count: ServerCounters,
    /// Whether `passive` has any content, so that it is locked only then.
    pub(super) has_failed: AtomicBool,
    passive: Mutex<Passive>,
    /// Whether health checks found it unfit, according to `fitness`.
    unfit: AtomicBool,
    fitness: Mutex<Fitness>,
    /// Whether its connections may be reused.
    pub(in crate::proxy) probation: Probation,
    /// Limits the error log's lines about failed connections.
    pub(in crate::proxy) unreachable: Rarely,
}

impl ServerState {
    pub(super) fn passive(&self) -> MutexGuard<'_, Passive> {
        self.passive.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::proxy) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Records a health check. On a change, returns whether the server is fit now.
    pub(in crate::proxy) fn checked(&self, passed: bool, check: &HealthCheck) -> Option<bool> {
        let mut fitness = self.fitness.lock().unwrap_or_else(PoisonError::into_inner);
        let change = fitness.note(passed, check);
        if let Some(fit) = change {
            self.unfit.store(!fit, Ordering::Relaxed);
        }
        change
    }

    /// It is no longer checked.
    pub(in crate::proxy) fn forget_checks(&self) {
        *self.fitness.lock().unwrap_or_else(PoisonError::into_inner) = Fitness::default();
        self.unfit.store(false, Ordering::Relaxed);
    }

    pub(super) fn is_unfit(&self) -> bool {
        self.unfit.load(Ordering::Relaxed)
    }
}
