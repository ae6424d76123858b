//! Each callback once: what stands between the verdict and the backend.
//!
//! `guard` claims, `relay` passes the backend's answer on and has its outcome remembered before the
//! client can know it, `acknowledge` answers a repeat. `stores` are what outlives a configuration.

mod acknowledge;
mod capture;
mod guard;
mod outcome;
mod relay;
mod stores;

pub(super) use acknowledge::acknowledge;
pub(super) use guard::{Claimed, Guarded, guard};
pub use outcome::Outcome;
pub(super) use relay::relay;
pub use stores::OpenError;
pub(super) use stores::Stores;
