//! Where callbacks are remembered, for all routes.

use std::path::PathBuf;

use super::memory::Limits;
use super::redis::RedisSettings;

/// Where callbacks are remembered, for all routes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The store.
    pub store: StoreSettings,
    /// What happens while it cannot be reached.
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

/// One of the stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreSettings {
    /// In this process.
    Memory(Limits),
    /// In this file.
    Disk(PathBuf),
    /// In Redis.
    Redis(Box<RedisSettings>),
}

/// What happens while the store cannot be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// Callbacks are refused; providers send them again.
    Closed,
    /// Callbacks go to the backend, marked: any of them may be a repeat.
    Open,
}
