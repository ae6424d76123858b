//! Which configuration is in force since when, and how the last reload went.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// Which configuration is in force since when, and how the last reload went.
#[derive(Debug)]
pub(in crate::proxy) struct History {
    /// When the process began.
    pub(super) started: SystemTime,
    state: Mutex<ConfigState>,
}

#[derive(Clone, Debug)]
pub(super) struct ConfigState {
    pub(super) file: PathBuf,
    /// The keys that the command line has set over it, for good.
    pub(super) overridden: Vec<String>,
    /// When what is in force was put in force.
    pub(super) since: SystemTime,
    /// Counted from 1.
    pub(super) generation: u64,
    pub(super) last_reload: Option<LastReload>,
}

#[derive(Clone, Debug)]
pub(super) struct LastReload {
    pub(super) at: SystemTime,
    /// What was wrong first.
    pub(super) error: Option<String>,
}

impl History {
    pub(in crate::proxy) fn new(file: PathBuf, overridden: Vec<String>) -> Self {
        let now = SystemTime::now();
        Self {
            started: now,
            state: Mutex::new(ConfigState {
                file,
                overridden,
                since: now,
                generation: 1,
                last_reload: None,
            }),
        }
    }

    /// Notes a reload.
    pub(in crate::proxy) fn reloaded(&self, result: Result<(), String>) {
        let mut state = self.lock();
        let at = SystemTime::now();
        if result.is_ok() {
            state.since = at;
            state.generation = state.generation.saturating_add(1);
        }
        let error = result.err();
        state.last_reload = Some(LastReload { at, error });
    }

    /// In seconds since 1970.
    pub(in crate::proxy) fn started(&self) -> f64 {
        let since = self.started.duration_since(SystemTime::UNIX_EPOCH);
        since.unwrap_or_default().as_secs_f64()
    }

    pub(super) fn state(&self) -> ConfigState {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, ConfigState> {
        // Each change is whole after any of its steps.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
