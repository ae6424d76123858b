//! The store of callbacks for all routes.

use std::path::PathBuf;

use super::memory::Limits;
use super::redis::RedisSettings;

/// The store of callbacks for all routes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The store.
    pub store: StoreSettings,
    /// What to do while it is unavailable.
    pub on_failure: OnFailure,
    /// How many copies may wait for the outcome of another at once.
    pub waiters: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            store: StoreSettings::Memory(Limits::default()),
            on_failure: OnFailure::Closed,
            waiters: 1000,
        }
    }
}

/// The kind of store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreSettings {
    /// In this process.
    Memory(Limits),
    /// In this file.
    Disk(PathBuf),
    /// In Redis.
    Redis(Box<RedisSettings>),
}

/// What to do while the store is unavailable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// Refuse callbacks; providers send them again.
    Closed,
    /// Forward callbacks to the backend, marked: any of them may be a repeat.
    Open,
}
