//! Why nothing can be explained.

use std::io;

use crate::cli::control_client::ControlError;
use crate::config::Report;
use crate::control::UnreadCapture;
use crate::verify::KeyError;
use crate::written_request::UnreadRequest;

/// Why nothing can be explained.
#[derive(Debug, thiserror::Error)]
pub(super) enum ExplainError {
    #[error("cannot read {0}: {1}")]
    File(String, io::Error),
    #[error("{0}: {1}")]
    Request(String, UnreadRequest),
    #[error("{0}: {1}")]
    Key(String, KeyError),
    #[error("{0}")]
    Control(#[from] ControlError),
    #[error("{0}")]
    Capture(#[from] UnreadCapture),
    #[error("{0}")]
    Scheme(String),
    /// Printed as it is.
    #[error("")]
    Report(Report),
    #[error("{0}")]
    Reveal(&'static str),
}
