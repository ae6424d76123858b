//! The admin listener: health, readiness, metrics and status, for people and monitoring.
//!
//! It shares no code with the way of a callback: its `connection` reads one GET request, bounded in
//! size and time, and answers it with one of the `pages`.

mod connection;
mod history;
mod host;
mod idle;
mod listener;
mod pages;

pub(super) use history::History;
pub(super) use listener::{AdminListener, Bound};
