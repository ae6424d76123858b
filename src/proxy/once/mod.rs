//! Each callback once: what stands between the verdict and the backend.
//!
//! `guard` claims, `Pass` and `Claimed` keep the claim and tell its outcome, `Capture` takes an answer down to
//! be remembered, `acknowledge` answers a repeat. `stores` are what outlives a configuration.

mod acknowledge;
mod capture;
mod guard;
mod outcome;
mod stores;

pub(super) use acknowledge::acknowledge;
pub(super) use capture::Capture;
pub(super) use guard::{Claimed, Guarded, Pass, guard};
pub use outcome::ClaimOutcome;
pub use stores::OpenError;
pub(super) use stores::Stores;
