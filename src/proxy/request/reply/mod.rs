//! What the client is answered: the backend's answer, or one of our own.

mod dry_answer;
mod judging;
pub(super) mod own_answer;
mod relay;
mod taker;

pub use dry_answer::{DryAnswer, DryAnswers};
pub(in crate::proxy) use relay::{Outgoing, Passing, Relayed, relay};
pub(super) use taker::Taker;
