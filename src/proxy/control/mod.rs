//! The control socket: commands ask the running process, and are answered if root or its own user sent
//! them. What they read of bodies, and what they change, is a line of the audit log first.
//!
//! It shares no code with the path of a callback.

mod answering;
mod asker;
mod capture_acts;
mod captures;
mod control_call;
mod control_connection;
mod control_listener;
mod controlled;
mod once_acts;

pub(super) use captures::Captures;
pub(super) use control_listener::{BoundControl, ControlListener};
pub(super) use controlled::Controlled;
