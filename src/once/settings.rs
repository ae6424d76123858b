//! The store of callbacks for all routes.

use std::path::PathBuf;

use super::memory::MemoryLimits;
use super::redis_settings::RedisSettings;

/// The store of callbacks for all routes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnceSettings {
    /// The store.
    pub store: StoreSettings,
    /// What to do while it is unavailable.
    pub on_failure: OnStoreFailure,
    /// How many copies may wait for the outcome of another at once.
    pub waiters: usize,
}

impl Default for OnceSettings {
    fn default() -> Self {
        Self {
            store: StoreSettings::Memory(MemoryLimits::default()),
            on_failure: OnStoreFailure::Closed,
            waiters: 1000,
        }
    }
}

/// The kind of store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreSettings {
    /// In this process.
    Memory(MemoryLimits),
    /// In this file.
    Disk(PathBuf),
    /// In Redis.
    Redis(Box<RedisSettings>),
}

/// What to do while the store is unavailable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnStoreFailure {
    /// Refuse callbacks; providers send them again.
    Closed,
    /// Forward callbacks to the backend, marked: any of them may be a repeat.
    Open,
}
