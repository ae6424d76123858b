//! A request's body: read completely, within limits of size, time and memory.

mod arrival;
mod budget;
mod gathered;
mod pace;
mod read;

pub(in crate::proxy) use budget::BodyBudget;
pub(super) use budget::BufferedBody;
pub(in crate::proxy) use pace::Pace;
pub(super) use read::read;
