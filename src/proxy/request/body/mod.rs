//! A request's body: read whole, within limits of size, time and memory.

mod arrival;
mod budget;
mod gathered;
mod pace;
mod read;

pub(super) use budget::Body;
pub(in crate::proxy) use budget::BodyBudget;
pub(in crate::proxy) use pace::Pace;
pub(super) use read::read;
