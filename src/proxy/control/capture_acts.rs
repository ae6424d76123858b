//! `countersign capture`, and `countersign explain --id`: rejected requests.

use std::sync::Arc;

use super::captures::Captures;
use super::control_call::ControlCall;
use crate::capture::{CapturedRequest, FoundCapture};
use crate::control::{
    CaptureList, CapturePurpose, CaptureSummary, ControlAnswer, ControlFault, ControlRefusal,
    SentCapture,
};

/// The most that are listed at once.
const MOST: usize = 10_000;

/// The least of an id that is looked for, in digits.
const SHORTEST: usize = 4;

/// What is captured: no bodies and, of targets, what the access log shows. So it is not audited.
pub(super) fn list(
    call: &ControlCall,
    route: Option<&str>,
    limit: usize,
) -> Result<ControlAnswer, ControlRefusal> {
    let captures = captures(call)?;
    if let Some(route) = route
        && captures.limits(route).is_none()
    {
        let why = format!("the active configuration captures no requests of a route \"{route}\"");
        return Err(ControlRefusal::new(ControlFault::NotConfigured, why));
    }
    let all = captures.list(route);
    let shown = all.iter().take(limit.min(MOST));
    Ok(ControlAnswer::Captures(CaptureList {
        total: all.len(),
        captures: shown.map(|request| summary(request)).collect(),
    }))
}

/// One request, with its body. The audit log has a line of it before it is sent.
pub(super) async fn read(
    call: &ControlCall,
    id: &str,
    purpose: CapturePurpose,
) -> Result<ControlAnswer, ControlRefusal> {
    let found = find(call, id);
    let (object, result) = match &found {
        Ok(request) => (request.id.as_str(), "sent"),
        Err(_) => (id, "not found"),
    };
    call.audit(purpose.command(), object, result).await?;
    found.map(|request| ControlAnswer::Capture(Box::new(sent(&request))))
}

fn find(call: &ControlCall, id: &str) -> Result<Arc<CapturedRequest>, ControlRefusal> {
    let captures = captures(call)?;
    let id = id.to_ascii_lowercase();
    if id.len() < SHORTEST || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let why = "not the id of a request, as the access log has it: 32 hexadecimal digits, or the first \
                   ones of them";
        return Err(ControlRefusal::new(ControlFault::Malformed, why));
    }
    match captures.find(&id) {
        FoundCapture::One(request) => Ok(request),
        FoundCapture::Several(count) => Err(ControlRefusal::new(
            ControlFault::NotUnique,
            format!("{count} captured requests have an id that begins so; give more of it"),
        )),
        FoundCapture::Nothing => Err(ControlRefusal::new(
            ControlFault::NotFound,
            "no captured request has this id: it was not rejected on a route that captures, or made room \
             for others, or is too old, or came before this process or its `capture` began",
        )),
    }
}

fn captures(call: &ControlCall) -> Result<&Arc<Captures>, ControlRefusal> {
    call.generation.captures.as_ref().ok_or_else(|| {
        let why = "the active configuration captures no requests: add `[capture]`, and reload; those that \
                   are rejected from then on can be read";
        ControlRefusal::new(ControlFault::NotConfigured, why)
    })
}

fn summary(request: &CapturedRequest) -> CaptureSummary {
    CaptureSummary {
        id: request.id.clone(),
        time: request.time,
        client: request.caller.to_string(),
        route: request.route.to_string(),
        reason: request.reason.to_owned(),
        at: request.at.clone(),
        method: request.method.to_string(),
        target: crate::ops::escape::legible(&request.shown_target).into_owned(),
        body: request.body_length,
        kept: request.body.len(),
    }
}

fn sent(request: &CapturedRequest) -> SentCapture {
    SentCapture::new(
        summary(request),
        &request.written(),
        request.head.lines(),
        (request.peer, request.tls),
    )
}
