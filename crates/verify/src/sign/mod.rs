//! Signed callbacks, to test a receiver with: the inverse of the verification.
//!
//! [`sign`] takes a request and gives it what the scheme reads: the time, a nonce, what names the key, and a
//! signature over the content that the verification itself builds. Whatever comes out verifies: the last step
//! is [`verify`](crate::verify()).

pub use crate::draft_request::DraftRequest;
pub use crate::language::{
    ContentSigner, PlaceError, SigningError, SigningInput, Tampering, sign, tamper,
};
