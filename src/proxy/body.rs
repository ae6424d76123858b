//! The bounded read of a whole body.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Version, header};
use pingora::ErrorType;
use pingora::protocols::http::ServerSession;
use tokio::time::timeout;

use super::arrival::Arrival;
use super::gathered::Gathered;
use super::limits::{Leaving, Seat, StalledBodies};
use super::taker::Taker;
use crate::config::{ClientAddress, ClientTimeouts, room_in_buffer};
use crate::judge::Fault;

/// The memory that the bodies of all requests hold, against its limit.
#[derive(Debug)]
pub(super) struct BodyBudget {
    held: AtomicUsize,
    limit: AtomicUsize,
    /// Those that make room where there is none.
    stalled: Arc<StalledBodies>,
}

/// A body, held against the budget until dropped.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) bytes: Bytes,
    share: Share,
}

/// What one of them holds; given back when dropped.
#[derive(Debug)]
pub(super) struct Share {
    budget: Arc<BodyBudget>,
    bytes: usize,
    /// Told to make room. It is dropped behind what is held.
    leaving: Option<Leaving>,
}

impl BodyBudget {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            held: AtomicUsize::new(0),
            limit: AtomicUsize::new(limit),
            stalled: Arc::default(),
        }
    }

    /// The bodies that make room.
    pub(super) fn stalled(&self) -> &Arc<StalledBodies> {
        &self.stalled
    }

    /// How many bytes are held.
    pub(super) fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// How many there may be.
    pub(super) fn limit(&self) -> usize {
        self.limit.load(Ordering::Relaxed)
    }

    /// Sets another limit. Bodies that are held already stay.
    pub(super) fn set_limit(&self, limit: usize) {
        self.limit.store(limit, Ordering::Relaxed);
    }
}

impl Share {
    /// Counts so many more bytes. Where there is no room for them, stalled bodies make some.
    ///
    /// # Errors
    /// If there still is none.
    pub(super) fn grow(&mut self, bytes: usize) -> Result<(), Fault> {
        let before = self.budget.held.fetch_add(bytes, Ordering::Relaxed);
        self.bytes = self.bytes.saturating_add(bytes);
        let held = before.saturating_add(bytes);
        let limit = self.budget.limit.load(Ordering::Relaxed);
        let room = room_in_buffer(limit, self.bytes);
        let stalled = &self.budget.stalled;
        while held > room && held.saturating_sub(stalled.leaving_bytes()) > room {
            if !stalled.make_room() {
                return Err(Fault::Overloaded);
            }
        }
        Ok(())
    }

    /// How many bytes are counted.
    pub(super) fn held(&self) -> usize {
        self.bytes
    }

    /// Keeps the word that it makes room until it has.
    pub(super) fn leave(&mut self, leaving: Leaving) {
        self.leaving = Some(leaving);
    }

    fn shrink(&mut self, bytes: usize) {
        let bytes = bytes.min(self.bytes);
        self.budget.held.fetch_sub(bytes, Ordering::Relaxed);
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Body {
    /// Counts bytes that are held beside the body until it is dropped.
    pub(super) fn hold_also(&mut self, bytes: usize) -> Result<(), Fault> {
        self.share.grow(bytes)
    }

    /// Counts so many of them no more.
    pub(super) fn release(&mut self, bytes: usize) {
        self.share.shrink(bytes);
    }
}

/// Reads the body, at most `limit` bytes of it, as fast as `timeouts` want it.
pub(super) async fn read(
    session: &mut ServerSession,
    limit: usize,
    timeouts: &ClientTimeouts,
    budget: &Arc<BodyBudget>,
    seat: &Arc<Seat>,
    client: ClientAddress,
) -> Result<Body, Fault> {
    let declared = declared_length(session);
    if declared.is_some_and(|length| length > limit) {
        return Err(Fault::BodyTooLarge);
    }
    let to = Taker {
        seat,
        waiting: budget.stalled(),
    };
    ask_to_continue(session, timeouts.body, to).await?;
    let arrival = Arrival::new(timeouts, budget.stalled(), seat, client, session.is_http2());
    read_all(session, declared, limit, budget, arrival).await
}

/// The length that the header declares. pingora has refused anything but digits.
pub(super) fn declared_length(session: &ServerSession) -> Option<usize> {
    let length = session.req_header().headers.get(header::CONTENT_LENGTH)?;
    // A number too large for us is certainly over the limit.
    Some(length.to_str().ok()?.trim().parse().unwrap_or(usize::MAX))
}

/// Answers `Expect: 100-continue`; an over-long body was refused before.
async fn ask_to_continue(
    session: &mut ServerSession,
    time: Duration,
    to: Taker<'_>,
) -> Result<(), Fault> {
    let Some(expect) = session.req_header().headers.get(header::EXPECT) else {
        return Ok(());
    };
    if session.req_header().version == Version::HTTP_10 {
        // It knows no interim answers (RFC 9110, section 10.1.1).
        return Ok(());
    }
    if !expect.as_bytes().eq_ignore_ascii_case(b"100-continue") {
        return Err(Fault::ExpectationFailed);
    }
    // Any header written before the body has ended switches keep-alive off.
    let keepalive = session.get_keepalive();
    timeout(time, to.until_taken(session.write_continue_response()))
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
) -> Result<Body, Fault> {
    let mut share = Share {
        budget: Arc::clone(budget),
        bytes: 0,
        leaving: None,
    };
    let mut gathered = Gathered::new(declared.unwrap_or(limit));
    loop {
        let piece = arrival.of(session.read_request_body(), &mut share).await?;
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
    Ok(Body { bytes, share })
}

fn fault(error: &pingora::Error) -> Fault {
    match error.etype() {
        ErrorType::ReadTimedout => Fault::BodyTimeout,
        _ => Fault::BodyIncomplete,
    }
}
