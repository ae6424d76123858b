//! The verification library: pure functions from a callback to a verdict.
//!
//! No I/O, no clock (`now` is an argument), no async, no logging. A [`Policy`] names the
//! [`Scheme`], the keys and the freshness limit; [`verify`] runs them over a [`Callback`] and gives
//! a [`Verified`], which nothing else can make, or a [`Rejection`] with one of a closed list of
//! [`Reason`]s.

pub mod body;
#[cfg(feature = "aws-lc-rs")]
pub mod decrypt;
pub mod json;
pub mod keys;
pub mod scheme;

mod algorithm;
mod ambiguity;
mod callback;
mod content;
mod demands;
mod freshness;
mod header_text;
mod hex;
mod label;
mod memory;
mod presented;
mod reason;
mod scan;
mod spelling;
mod twins;
mod verified;

pub use algorithm::{Algorithm, KeyKind};
pub use callback::Callback;
pub use content::signed_text;
pub use demands::{Demands, JsonType, OnAmbiguity, OnUnsigned, Required};
pub use header_text::header_text;
pub use hex::decode_hex;
pub use keys::{Key, KeyError, KeySet};
pub use memory::{Memory, OutOfMemory, Plenty};
pub use reason::{At, Detail, Failure, Reason, Rejection};
pub use scheme::Scheme;
pub use spelling::{folded, is_same_header};
pub use verified::{Ambiguous, Policy, Verified, verify, verify_within};
