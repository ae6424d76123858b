//! PURE: rejected requests, kept in memory for whoever wants to know why.
//!
//! Anybody can send requests that are rejected. So each route has a share of the memory that no other takes
//! ([`CaptureRing`]), and within it those make room who take most of it (`FairTally`): a stranger
//! cannot push out what a provider sent. Time is an argument.

mod capture_eviction;
mod capture_ring;
mod capture_settings;
mod captured_request;
mod client_place;
mod fair_tally;
mod route_share;

pub use capture_eviction::CaptureEviction;
pub use capture_ring::{CaptureRing, CaptureUsage, FoundCapture};
pub use capture_settings::{CaptureSettings, EntryLimits, SMALLEST_SHARE};
pub use captured_request::{CapturedHead, CapturedRequest};
