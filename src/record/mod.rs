//! What the program knows about a request that ended.
//!
//! The proxy makes one [`Finished`] for each request. The access log (in every format), the metrics
//! and everything else that reports on a request are written from it. It owns all its data: no
//! session, socket or configuration.
//!
//! [`FACTS`] is the single list of facts about a request, with the names that each has in the
//! access log. The formats, the variables that a configuration may use and the tables of
//! `docs/configuration.md` all follow from it.

mod client_address;
mod fact;
mod facts;
mod finished;

pub use client_address::{Caller, ClientAddress};
pub use fact::{Clock, Fact, FactValue, InText, Line, WhenAbsent};
pub use facts::{FACTS, variable, variables};
pub use finished::{Code, Decrypted, Finished, ReceivedHead, Sizes, WantedDetails};
