//! Running the program: logs, signals, upgrades, and the end of requests in flight.

pub mod access_log;
pub mod audit_log;
pub mod core_dumps;
pub mod descriptors;
pub mod drain;
pub mod error_log;
pub(crate) mod escape;
mod file_lock;
mod floods;
pub mod line_sink;
pub mod log_output;
pub mod log_sinks;
pub mod outcome_file;
pub mod pid_file;
pub mod privileges;
pub mod process;
pub mod service;
pub mod signals;
pub mod socket_file;
pub mod upgrade;
pub mod watch;
