//! Captured requests, for people and for programs.

mod capture_export;
mod capture_text;

use std::time::{Duration, SystemTime};

pub use capture_export::ExportFormat;
pub(super) use capture_export::{export, hides_something, list_json};
pub(super) use capture_text::{tell, tell_list};

use super::control_client::{ControlError, ControlTarget};
use crate::control::{CapturePurpose, ControlAnswer, ControlRequest, SentCapture};

/// A captured request of the running process. The audit log says what for.
///
/// # Errors
/// If there is none, or the process cannot be asked.
pub fn captured(
    target: &ControlTarget,
    id: &str,
    purpose: CapturePurpose,
) -> Result<SentCapture, ControlError> {
    let request = ControlRequest::CaptureRead {
        id: id.to_owned(),
        purpose,
    };
    match target.ask(&request)? {
        ControlAnswer::Capture(capture) => Ok(*capture),
        _ => Err(ControlError::OtherAnswer),
    }
}

/// A time in milliseconds since 1970.
pub(super) fn time(milliseconds: u64) -> SystemTime {
    let since = Duration::from_millis(milliseconds);
    SystemTime::UNIX_EPOCH
        .checked_add(since)
        .unwrap_or(SystemTime::UNIX_EPOCH)
}
