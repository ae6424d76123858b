//! One request, from its header to the end of its answer.
//!
//! `exchange` lists the steps in order, `exchange_steps` does them, `reported_request` is the road of a route in
//! report mode, and `end` finishes the request.

mod absolute_form;
pub(super) mod aside;
mod body;
mod decryption;
mod decryption_turns;
mod end;
mod exchange;
mod exchange_steps;
pub(super) mod framing;
mod handshakes;
mod host_syntax;
mod probes;
mod rejected_request;
mod reply;
mod reported_request;
pub(super) mod request_head;
mod trace;
mod unreadable;

pub(super) use aside::Aside;
pub(super) use body::{BodyBudget, Pace};
pub(super) use decryption_turns::DecryptionTurns;
pub(super) use exchange::Exchange;
pub use reply::{DryAnswer, DryAnswers};
pub(super) use reply::{Outgoing, Passing, Relayed};
pub(super) use trace::Trace;
pub(super) use unreadable::Unreadable;
