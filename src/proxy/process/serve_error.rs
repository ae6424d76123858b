//! Why the proxy could not run.

use std::io;

use crate::config::ListenAddress;
use crate::ops::process::SettleError;
use crate::proxy::once::OpenError;

/// Why the proxy could not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Cannot listen on an address.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: ListenAddress,
        /// The system's error.
        source: io::Error,
    },
    /// The store of remembered callbacks cannot be opened.
    #[error(transparent)]
    Once(#[from] OpenError),
    /// The metrics cannot be created.
    #[error("cannot start: {0}")]
    Metrics(#[from] prometheus::Error),
    /// The pid file cannot be created, or the user cannot be set.
    #[error(transparent)]
    Settle(#[from] SettleError),
    /// The system refuses threads or signal handlers.
    #[error("cannot start: {0}")]
    System(#[from] io::Error),
}
