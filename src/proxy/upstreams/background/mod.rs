//! Tasks that run in addition to requests while a generation is active.

mod health_checks;
mod resolve;
mod shared_later;
mod tasks;

pub(super) use tasks::Tasks;
