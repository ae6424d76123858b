//! The admin listener: health, readiness, metrics and status, for people and monitoring.
//!
//! It shares no code with the path of a callback: its `http` reads one GET request, bounded in size
//! and time, and answers it with one of the `pages`.

mod history;
mod host;
mod http;
mod idle;
mod listener;
mod pages;

pub(super) use history::History;
pub(super) use listener::{AdminListener, BoundAdmin};
