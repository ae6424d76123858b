//! A scheme drawn from the grammar of the scheme language, and a request that it accepts: whatever is made of
//! the request, nothing that the signature covers has another value; whoever watches sees the same; and the
//! memory for it is bounded.

#[allow(dead_code, reason = "the crate's own tests use the rest")]
#[path = "../../crates/verify/tests/random_cases/mod.rs"]
mod random_cases;

/// Every byte of the input is a decision: of the scheme, then of the request, then of its changes.
pub fn check(input: &[u8]) {
    random_cases::check(input);
}
