//! What is captured, and how much of it.

use std::sync::Arc;
use std::time::Duration;

/// The smallest share of a route, in bytes.
pub const SMALLEST_SHARE: usize = 64 << 10;

/// The part of a route's share that a single request may take: others must stay.
const PART: usize = 8;

/// What is captured, and how much of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptureSettings {
    /// The memory for all routes, in bytes.
    pub size: usize,
    /// How many requests of one client each route keeps.
    pub per_client: usize,
    /// How many bytes of a body are kept.
    pub body: usize,
    /// How long a request is kept.
    pub expire: Duration,
    /// The routes. At least one.
    pub routes: Vec<Arc<str>>,
}

/// How much of one request is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryLimits {
    /// The bytes of its body.
    pub body: usize,
    /// The bytes of its target and its headers. One with more is not kept.
    pub head: usize,
}

impl CaptureSettings {
    /// Each route's share, in bytes.
    #[must_use]
    pub fn share(&self) -> usize {
        self.size.checked_div(self.routes.len()).unwrap_or(0)
    }

    /// How much of one request is kept.
    #[must_use]
    pub fn entry(&self) -> EntryLimits {
        let most = self.share() / PART;
        EntryLimits {
            body: self.body.min(most),
            head: most,
        }
    }
}
