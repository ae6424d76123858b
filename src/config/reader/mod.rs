//! Typed access to the values of a document.
//!
//! Every reader returns `None` for a value that is missing or invalid, and reports an invalid one.
//! So one bad value neither hides another nor is reported twice.

mod draft;
mod moment;
mod scope;
pub(super) mod secret;
mod suggest;
mod table;
mod text;
mod unknown_key;
mod value;
mod written_string;

pub(super) use draft::Draft;
pub(super) use suggest::{looks_like_key, misspelt_by_one, quote, similar};
pub(super) use table::Table;
pub(super) use text::{Text, describe};
pub(super) use value::Value;
