//! What is fuzzed: one function a target, which panics if its property does not hold. The product's
//! tests call the same functions with the committed corpora (`tests/it/fuzzed.rs`).

pub mod answers;
mod chunked;
pub mod chunks;
pub mod client_address;
pub mod config;
pub mod content;
pub mod decrypt;
pub mod evaluator;
pub mod expression;
pub mod form;
pub mod framing;
pub mod headers;
pub mod json;
pub mod jws;
pub mod message;
pub mod proxy_header;
mod request;
mod reshaped;
pub mod routes;
mod setup;
pub mod tamper;
pub mod xml;
