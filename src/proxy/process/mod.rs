//! The process and its listeners.
//!
//! `lifecycle` starts, reloads, hands over and stops the process. `listeners` accept connections. A
//! `generation` is the runtime state of one configuration; a reload replaces it. `proxy` holds what
//! outlives every generation.

mod bind;
mod generation;
mod lifecycle;
mod listeners;
mod proxy;
mod report_reminders;
mod serve_error;
mod socket;
mod sockets;
mod takeover;

pub(super) use bind::{BoundSocket, SocketGuard, bind};
pub(super) use generation::Generation;
pub use generation::Setup;
pub use lifecycle::{Reload, serve};
pub(super) use proxy::Proxy;
pub use serve_error::ServeError;
pub(super) use socket::Socket;
