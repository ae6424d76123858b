//! Each callback once: what stands between the verdict and the backend.
//!
//! `guard` claims, `Pass` and `Claimed` keep the claim and tell its outcome, `Capture` takes an answer down to
//! be remembered, `acknowledge` answers a repeat. `stores` are what outlives a configuration.

mod acknowledge;
mod capture;
mod claim_outcome;
mod guard;
mod stores;

pub(super) use acknowledge::acknowledge;
use capture::Capture;
pub use claim_outcome::ClaimOutcome;
pub(super) use guard::{Claimed, Guarded, Pass, guard};
pub use stores::OpenError;
pub(super) use stores::Stores;
