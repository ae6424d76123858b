//! One request to a server and its answer, and the connection that they use.

mod backend_answer;
mod connect;
mod delivery_failure;
mod early_response;
mod ending;
mod expects_tls;
mod malformed;
mod request_line;
mod upstream_tls;
mod wire;

pub(in crate::proxy) use backend_answer::Answer;
pub(super) use connect::{ConnectError, connect, over};
pub(in crate::proxy) use delivery_failure::UpstreamFailure;
pub(super) use delivery_failure::{AttemptError, Failures};
pub(super) use wire::Wire;
