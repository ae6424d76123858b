//! One request to a server and its answer, and the connection that they take.

mod answer;
mod connect;
mod early_response;
mod ending;
mod failure;
mod malformed;
mod tls;
mod wire;

pub(in crate::proxy) use answer::Answer;
pub(super) use connect::{ConnectError, connect, over};
pub(in crate::proxy) use failure::UpstreamFailure;
pub(super) use failure::{AttemptError, Failures};
pub(super) use wire::Wire;
