//! A backend's answer on its way to the client, and its outcome to the store.

use std::time::{Duration, Instant};

use bytes::Bytes;
use pingora::protocols::http::ServerSession;

use super::Claimed;
use super::capture::Capture;
use crate::proxy::refusal::Fault;
use crate::proxy::relay::{Outgoing, Relayed};
use crate::proxy::upstreams::Answer;

/// Sends the answer on as it comes, but for what it ends with: that follows once the outcome is
/// remembered, so that whoever has seen a success finds it remembered. The answer is read to its
/// end whether the client waits for it or not, but no longer than `write_timeout` for one who does not.
pub(in crate::proxy) async fn relay(
    session: &mut ServerSession,
    answer: &mut Answer,
    claimed: &Claimed,
    success_as_200: bool,
    write_timeout: Duration,
) -> Result<Relayed, Fault> {
    let status = answer.header.status.as_u16();
    let mut capture = Capture::new(status, &answer.header.headers, claimed.answer_limit);
    let mut client = Outgoing::new(session, &answer.header, success_as_200, write_timeout)?;
    // What is small enough to be remembered is held back as a whole: an answer that breaks off
    // can then still become a refusal.
    let mut held_back: Vec<Bytes> = Vec::new();
    let mut is_small = true;
    let started = Instant::now();
    loop {
        match answer.read_body().await {
            Ok(Some(part)) => {
                // A backend that drips may take for ever: the client is told what there is, and the
                // claim is not held for one who has gone.
                let is_slow = started.elapsed() > write_timeout;
                if is_slow && client.is_gone() {
                    claimed.failed().await;
                    return Ok(client.end().await);
                }
                if is_slow {
                    capture.leave_body_out();
                }
                is_small = is_small && capture.add(&part);
                if !is_small {
                    client.header().await;
                    for part in held_back.drain(..) {
                        client.body(part).await;
                    }
                }
                held_back.push(part);
            }
            Ok(None) => break,
            Err(fault) => {
                claimed.failed().await;
                return client.broken(fault);
            }
        }
    }
    if capture.is_success() {
        claimed.succeeded(capture.encode()).await;
    } else {
        claimed.failed().await;
    }
    client.header().await;
    for part in held_back {
        client.body(part).await;
    }
    Ok(client.end().await)
}
