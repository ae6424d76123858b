//! The result of a claim, for logs and metrics.

use crate::record::Code;

crate::verify::closed_list! {
    /// The result of a claim.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum ClaimOutcome
    Fresh = "fresh", "Nobody has seen the callback: it goes to the backend.";
    Repeat = "repeat", "A backend took it before.";
    InFlight = "in_flight", "Another copy is in flight.";
    Unavailable = "unavailable", "The store is unavailable, and the callback is refused.";
    Unchecked = "unchecked", "The store is unavailable, and the callback goes to the backend anyway.";
}

impl From<ClaimOutcome> for Code {
    fn from(outcome: ClaimOutcome) -> Self {
        Self {
            index: outcome as usize,
            name: outcome.code(),
        }
    }
}
