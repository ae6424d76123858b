//! The configuration: files, their one validation, and the runtime types that come out of it.

mod model;

pub use model::*;
