//! How much at once, and how often.

use std::time::Duration;

/// How many connections there may be at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// In all.
    pub total: usize,
    /// From one client, if that is limited.
    pub per_client: Option<usize>,
}

/// How much may be decrypted at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecryptLimits {
    /// How many threads do it: what they do is taken from requests that need none of it.
    pub threads: usize,
    /// How many callbacks are decrypted, or wait for it.
    pub in_flight: usize,
}

/// How often a route may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RateLimit {
    /// The time from one call to the next, on average.
    pub interval: Duration,
    /// How many calls may come at once.
    pub burst: u32,
    /// Whose calls are counted together.
    pub key: RateKey,
}

/// Whose calls are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateKey {
    /// Those of one client: an IPv4 address, or a network of IPv6 of 64 bits.
    Client,
    /// All of the route.
    Route,
}
