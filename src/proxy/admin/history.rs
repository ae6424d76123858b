//! The active configuration and the result of the last reload.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// The active configuration and the result of the last reload.
#[derive(Debug)]
pub(in crate::proxy) struct History {
    /// When the process started.
    pub(super) started: SystemTime,
    state: Mutex<ConfigState>,
}

#[derive(Clone, Debug)]
pub(super) struct ConfigState {
    pub(super) file: PathBuf,
    /// The keys that the command line overrides.
    pub(super) overridden: Vec<String>,
    /// When the active configuration was installed.
    pub(super) since: SystemTime,
    /// The number of the configuration, counted from 1.
    pub(super) generation: u64,
    pub(super) last_reload: Option<LastReload>,
}

#[derive(Clone, Debug)]
pub(super) struct LastReload {
    pub(super) at: SystemTime,
    /// The first error.
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

    /// Records a reload.
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
        // Every change is complete after each of its steps.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
