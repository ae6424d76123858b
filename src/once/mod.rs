//! Replay protection: repeats and duplicates are recognised before they reach a backend.
//!
//! A callback has an [`Identity`]. It is *claimed* after its signature was verified and before a
//! backend is contacted; *committed* with the backend's answer when the backend accepted it; and
//! *released* when it did not, so that the provider's own retry gets through. A [`Store`] keeps
//! claims and answers; [`Claims`] runs the protocol over it. The settings of stores know nothing of
//! the libraries that the stores are built on, so the configuration does not depend on those.
//!
//! This module knows neither HTTP sessions nor the proxy framework. It uses tokio's clock, so that
//! tests can pause it.

mod answer;
mod claims;
mod complaints;
mod disk;
mod identity;
mod memory;
mod once_policy;
mod redis;
mod redis_server;
mod redis_settings;
mod settings;
mod signers;
mod store;

pub use answer::{MAX_HEADERS, StoredAnswer};
pub use claims::{Beginning, Claims, HeldClaim, Ledger, Observer, Operation};
pub use disk::{DiskError, DiskStore};
pub use identity::{Identity, Unusable};
pub use memory::{MemoryLimits, MemoryStore};
pub use once_policy::{MAX_LEASE, OncePolicy, Repeat, WhileInFlight};
pub use redis::RedisStore;
pub use redis_server::{RedisServer, RedisUrlError};
pub use redis_settings::{
    DifferentServers, Mode, Password, RedisSettings, TlsFiles, check_together,
};
pub use settings::{OnStoreFailure, OnceSettings, StoreSettings};
pub use signers::Signers;
pub use store::{Claim, Renewal, Store, StoreError, StoreUsage, StoredState, Token};
