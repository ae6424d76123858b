//! A backend's answer on its way to the client, and its outcome to the store.

use std::time::Instant;

use bytes::Bytes;
use pingora::protocols::http::ServerSession;

use super::Claimed;
use super::capture::Capture;
use crate::proxy::judging::Judging;
use crate::proxy::refusal::Fault;
use crate::proxy::relay::{Outgoing, Passing, Relayed};
use crate::proxy::upstreams::Answer;

/// Sends the answer on as it comes, but for what it ends with: that follows once the outcome is
/// remembered, so that whoever has seen a success finds it remembered. The answer is read to its
/// end whether the client waits for it or not, but no longer than `write_timeout` for one who does not.
pub(in crate::proxy) async fn relay(
    session: &mut ServerSession,
    answer: &mut Answer,
    claimed: &Claimed,
    passing: Passing<'_>,
) -> Result<Relayed, Fault> {
    let Passing {
        rule,
        write_timeout,
        ..
    } = passing;
    let status = answer.header.status.as_u16();
    let mut judging = Judging::new(rule, &answer.header);
    let changes = passing.changes(&answer.header);
    let mut capture = Capture::new(status, &answer.header.headers, claimed.answer_limit);
    let mut client = Outgoing::new(session, &answer.header, passing)?;
    // What is small enough to be remembered is held back as a whole: an answer that breaks off
    // can then still become a refusal. So is what decides on the status that the client is told.
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
                judging.add(&answer.header, &part);
                is_small = is_small && capture.add(&part);
                let is_open = changes && judging.verdict().is_none() && !is_slow;
                if !is_small && !is_open {
                    client.status(passing, judging.verdict())?;
                    client.parts(&mut held_back).await;
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
    let is_success = judging.end(&answer.header);
    if is_success {
        claimed.succeeded(capture.encode()).await;
    } else {
        claimed.failed().await;
    }
    client.status(passing, Some(is_success))?;
    client.parts(&mut held_back).await;
    Ok(client.end().await.judged(&answer.header, is_success))
}
