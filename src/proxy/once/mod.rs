//! Replay protection between the verdict and the backend.
//!
//! `guard` claims; `Pass` and `Claimed` hold the claim and record its outcome; `Capture` records an
//! answer for the store; `acknowledge` answers a repeat. `stores` holds what outlives a
//! configuration.

mod acknowledge;
mod claim_outcome;
mod guard;
mod recent_callbacks;
mod recorded_answer;
mod stores;

pub(super) use acknowledge::acknowledge;
pub use claim_outcome::ClaimOutcome;
pub(super) use guard::{Claimed, Guarded, Pass, guard, identity};
pub(super) use recent_callbacks::RecentCallbacks;
use recorded_answer::Capture;
pub(super) use stores::Stores;
pub use stores::{OpenError, check_store};
