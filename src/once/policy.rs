//! How a route recognises repeats, and what becomes of them.

use std::time::Duration;

use super::signers::Signers;
use crate::verify::scheme::IdentityPart;

/// The longest lease. A longer one would stand in a provider's way after a crash.
pub const MAX_LEASE: Duration = Duration::from_secs(5 * 60);

/// How a route recognises repeats, and what becomes of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What two copies of a callback have in common. At least one.
    pub identity: Vec<IdentityPart>,
    /// Whose callbacks they are, where the identity does not tell and several merchants' keys count.
    pub signers: Option<Signers>,
    /// Callbacks of different namespaces are never the same.
    pub namespace: String,
    /// How long a callback is remembered once a backend took it.
    pub keep: Duration,
    /// What becomes of a repeat.
    pub repeat: Repeat,
    /// What becomes of a copy while another one is in flight.
    pub in_flight: WhileInFlight,
    /// How long a claim outlives a proxy that died; at most [`MAX_LEASE`].
    pub lease: Duration,
    /// The largest answer that is remembered whole, in bytes.
    pub answer_limit: usize,
}

/// What becomes of a callback that a backend took already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// It is answered as the backend answered the first time.
    Acknowledge,
    /// The backend gets it, marked as a repeat.
    Forward,
    /// It is refused.
    Reject,
}

/// What becomes of a copy while another one is in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhileInFlight {
    /// It is told to come again.
    Refuse,
    /// It waits for the outcome, at most so long.
    Wait(Duration),
}
