//! How a route recognises and handles repeats.

use std::time::Duration;

use super::signers::Signers;
use crate::verify::scheme::IdentityPart;

/// The longest lease. A longer one would block a provider's retries after a crash.
pub const MAX_LEASE: Duration = Duration::from_secs(5 * 60);

/// How a route recognises and handles repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OncePolicy {
    /// What copies of a callback have in common. At least one part.
    pub identity: Vec<IdentityPart>,
    /// Which merchant a callback belongs to, if the identity does not tell and the route has keys
    /// of several merchants.
    pub signers: Option<Signers>,
    /// Separates callbacks: those of different namespaces are never equal.
    pub namespace: String,
    /// How long an accepted callback is remembered.
    pub keep: Duration,
    /// How a repeat is handled.
    pub repeat: Repeat,
    /// How a copy is handled while another one is in flight.
    pub in_flight: WhileInFlight,
    /// How long a claim outlives a proxy that died; at most [`MAX_LEASE`].
    pub lease: Duration,
    /// The largest answer that is stored with its body, in bytes.
    pub answer_limit: usize,
}

/// How a callback is handled that a backend has already accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// It gets the backend's first answer again.
    Acknowledge,
    /// It goes to the backend, marked as a repeat.
    Forward,
    /// It is refused.
    Reject,
}

/// How a copy is handled while another one is in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhileInFlight {
    /// It is refused, to be sent again later.
    Refuse,
    /// It waits for the outcome, at most this long.
    Wait(Duration),
}
