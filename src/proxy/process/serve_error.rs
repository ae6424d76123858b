//! Why the proxy could not run.

use std::io;

use crate::config::ListenAddress;
use crate::ops::process::SettleError;
use crate::proxy::once::OpenError;

/// Why the proxy could not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: ListenAddress,
        /// What the system says.
        source: io::Error,
    },
    /// The store of callbacks cannot be opened.
    #[error(transparent)]
    Once(#[from] OpenError),
    /// The metrics cannot be made.
    #[error("cannot start: {0}")]
    Metrics(#[from] prometheus::Error),
    /// The pid file or the user cannot be had.
    #[error(transparent)]
    Settle(#[from] SettleError),
    /// The system refuses threads or signal handlers.
    #[error("cannot start: {0}")]
    System(#[from] io::Error),
}
