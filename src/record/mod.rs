//! What the program knows of a request once it has ended.
//!
//! The proxy makes one [`Finished`] for each request. The access log (in every format) and the metrics are
//! written from it, and so is everything else that shows what happened to a request. It owns all it
//! holds: no session, no socket, no configuration.
//!
//! [`FACTS`] is the one list of what can be told of a request, with the names that each fact has in the
//! access log. The formats, the variables that a configuration may name and the tables of
//! `docs/configuration.md` all follow from it.

mod client;
mod fact;
mod finished;

pub use client::{Caller, ClientAddress};
pub use fact::{Absent, Clock, Fact, InText, Line, Value};
pub use finished::{
    Code, Decrypted, FACTS, Finished, Received, Sizes, Wanted, variable, variables,
};
