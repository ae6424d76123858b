//! The bounded read of a complete body.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::{Version, header};
use pingora::ErrorType;
use pingora::protocols::http::ServerSession;
use tokio::time::timeout;

use super::arrival::Arrival;
use super::budget::{BodyBudget, BufferedBody, Share};
use super::gathered::Gathered;
use crate::config::{ClientAddress, ClientTimeouts};
use crate::judge::Fault;
use crate::proxy::limits::Slot;
use crate::proxy::request::reply::Taker;

/// Reads the body, at most `limit` bytes of it, at the rate that `timeouts` requires.
pub(in crate::proxy) async fn read(
    session: &mut ServerSession,
    limit: usize,
    timeouts: &ClientTimeouts,
    budget: &Arc<BodyBudget>,
    slot: &Arc<Slot>,
    client: ClientAddress,
) -> Result<BufferedBody, Fault> {
    let declared = declared_length(session);
    if declared.is_some_and(|length| length > limit) {
        return Err(Fault::BodyTooLarge);
    }
    let to = Taker {
        slot,
        waiting: budget.stalled(),
    };
    ask_to_continue(session, timeouts.body, to).await?;
    let arrival = Arrival::new(timeouts, budget.stalled(), slot, client, session.is_http2());
    read_all(session, declared, limit, budget, arrival).await
}

/// The length that the header declares. pingora accepts only digits.
pub(super) fn declared_length(session: &ServerSession) -> Option<usize> {
    let length = session.req_header().headers.get(header::CONTENT_LENGTH)?;
    // A number too large for us is certainly over the limit.
    Some(length.to_str().ok()?.trim().parse().unwrap_or(usize::MAX))
}

/// Answers `Expect: 100-continue`; a body that is too long was refused earlier.
async fn ask_to_continue(
    session: &mut ServerSession,
    time: Duration,
    to: Taker<'_>,
) -> Result<(), Fault> {
    let Some(expect) = session.req_header().headers.get(header::EXPECT) else {
        return Ok(());
    };
    if session.req_header().version == Version::HTTP_10 {
        // HTTP/1.0 has no interim answers (RFC 9110, section 10.1.1).
        return Ok(());
    }
    if !expect.as_bytes().eq_ignore_ascii_case(b"100-continue") {
        return Err(Fault::ExpectationFailed);
    }
    // Any header written before the body has ended disables keep-alive.
    let keepalive = session.get_keepalive();
    timeout(
        time,
        to.until_taken(pin!(session.write_continue_response())),
    )
    .await
    .ok()
    .flatten()
    .ok_or(Fault::BodyTimeout)?
    .map_err(|_| Fault::BodyIncomplete)?;
    session.set_keepalive(keepalive);
    Ok(())
}

async fn read_all(
    session: &mut ServerSession,
    declared: Option<usize>,
    limit: usize,
    budget: &Arc<BodyBudget>,
    mut arrival: Arrival<'_>,
) -> Result<BufferedBody, Fault> {
    let mut share = Share::new(budget);
    let mut gathered = Gathered::new(declared.unwrap_or(limit));
    loop {
        let piece = arrival
            .of(pin!(session.read_request_body()), &mut share)
            .await?;
        let Some(piece) = piece.map_err(|error| fault(&error))? else {
            break;
        };
        if gathered.length().saturating_add(piece.len()) > limit {
            return Err(Fault::BodyTooLarge);
        }
        arrival.received(piece.len());
        gathered.add(piece, session.is_body_done(), &mut share)?;
    }
    if declared.is_some_and(|length| length != gathered.length()) {
        return Err(Fault::BodyIncomplete);
    }
    let bytes = gathered.finish();
    Ok(BufferedBody { bytes, share })
}

fn fault(error: &pingora::Error) -> Fault {
    match error.etype() {
        ErrorType::ReadTimedout => Fault::BodyTimeout,
        _ => Fault::BodyIncomplete,
    }
}
