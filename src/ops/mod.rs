//! Running the program: logs, signals, and the end of requests in flight.

pub mod access_log;
pub mod drain;
pub mod error_log;
pub mod line_sink;
pub mod signals;
