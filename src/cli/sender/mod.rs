//! Sending callbacks: `send`.

mod http_answer;
mod send_run;
mod send_summary;
mod target_server;

pub(super) use send_run::SendRun;
pub(super) use send_summary::Summary;
pub(super) use target_server::TargetServer;
