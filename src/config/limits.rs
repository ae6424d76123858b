//! Limits on concurrency and rate.

use std::time::Duration;

/// The limits on concurrent connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// In total.
    pub total: usize,
    /// From one client; `None` for no limit.
    pub per_client: Option<usize>,
}

/// The limits on concurrent decryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecryptLimits {
    /// The number of decryption threads. They compete for CPU time with requests that need no
    /// decryption.
    pub threads: usize,
    /// How many callbacks may be waiting for decryption or being decrypted at once.
    pub in_flight: usize,
}

/// The rate limit of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RateLimit {
    /// The average time between two calls.
    pub interval: Duration,
    /// How many calls may come at once.
    pub burst: u32,
    /// Which calls are counted together.
    pub key: RateKey,
}

/// Which calls are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateKey {
    /// Those from one client: an IPv4 address, or a 64-bit IPv6 network.
    Client,
    /// All calls to the route.
    Route,
}
