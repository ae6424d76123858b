//! A strict JSON parser that keeps every byte's position.
//!
//! Signatures over parsed JSON need what general parsers discard: numbers as written, members in
//! body order, and the refusal of everything that two parsers could read differently (repeated
//! names, lone surrogates, byte-order marks, trailing bytes). It accepts a subset of RFC 8259, and
//! copies nothing out of the source until a caller asks for a decoded string.

mod error;
mod json_value;
mod parse;
pub(crate) mod pointer;
mod string_escapes;

pub use error::{JsonError, JsonErrorKind};
pub use json_value::{JsonDocument, JsonKind, JsonValue, Members};
pub(super) use parse::parse_within;
pub use parse::{MAX_DEPTH, parse, values_at_most};
