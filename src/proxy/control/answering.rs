//! The commands, each with what it does.

use std::sync::Arc;

use super::asker::Asker;
use super::capture_acts;
use super::control_call::ControlCall;
use super::once_acts;
use crate::control::{ControlAnswer, ControlRefusal, ControlRequest};
use crate::proxy::process::Proxy;

/// Does what is asked for.
pub(super) async fn answer(
    proxy: &Arc<Proxy>,
    request: ControlRequest,
    asker: Asker,
) -> Result<ControlAnswer, ControlRefusal> {
    let call = ControlCall::new(proxy.current(), asker);
    match request {
        ControlRequest::CaptureList { route, limit } => {
            capture_acts::list(&call, route.as_deref(), limit)
        }
        ControlRequest::CaptureRead { id, purpose } => {
            capture_acts::read(&call, &id, purpose).await
        }
        ControlRequest::OnceShow { callback } => once_acts::show(&call, &callback).await,
        ControlRequest::OnceForget { identity } => once_acts::forget(&call, &identity).await,
    }
}
