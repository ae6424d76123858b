//! The answer to the client: the backend's, or the proxy's own.

mod dry_answer;
mod judging;
pub(super) mod own_answer;
mod relay;
mod taker;

pub use dry_answer::{DryAnswer, DryAnswers};
pub(in crate::proxy) use relay::{Outgoing, Passing, Relayed, relay};
pub(super) use taker::Taker;
