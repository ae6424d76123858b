//! PURE: what a command and the running process say to each other over the control socket.
//!
//! The process begins with a [`Greeting`]; then the command sends one [`ControlRequest`], and gets one
//! [`ControlAnswer`]. Each is a [`frame`]: its length, and as many bytes of JSON.

mod control_answer;
mod control_fault;
mod control_request;
pub mod frame;
mod greeting;
mod sent_capture;

pub use control_answer::{ControlAnswer, ControlRefusal, KnownCallback, KnownState};
pub use control_fault::ControlFault;
pub use control_request::{ControlRequest, UnreadableRequest};
pub use greeting::{GREETING_PROTOCOL, Greeting};
pub use sent_capture::{CaptureList, CapturePurpose, CaptureSummary, SentCapture, UnreadCapture};
