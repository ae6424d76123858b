//! A strict JSON reader that keeps every byte's place.
//!
//! Signatures over parsed JSON need what general readers throw away: numbers as written, members
//! in body order, and the refusal of everything two parsers could read differently (repeated
//! names, lone surrogates, byte-order marks, trailing bytes). What it accepts is a subset of
//! RFC 8259; nothing is copied out of the source until a caller asks for a decoded string.

mod parse;
mod text;
mod value;

pub(super) use parse::parse_within;
pub use parse::{JsonError, JsonErrorKind, MAX_DEPTH, parse};
pub use value::{Document, Kind, Members, Value};
