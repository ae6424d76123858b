//! The bounded read of a whole body.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Version, header};
use pingora::ErrorType;
use pingora::protocols::http::ServerSession;
use tokio::time::timeout;

use super::refusal::Fault;
use crate::config::room_in_buffer;

/// The most memory taken on a client's word alone.
const TRUSTED_LENGTH: usize = 64 << 10;

/// The body bytes held by all requests, against their limit.
#[derive(Debug)]
pub(super) struct BodyBudget {
    held: AtomicUsize,
    limit: AtomicUsize,
}

/// A body, held against the budget until dropped.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) bytes: Bytes,
    share: Share,
}

#[derive(Debug)]
struct Share {
    budget: Arc<BodyBudget>,
    bytes: usize,
}

impl BodyBudget {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            held: AtomicUsize::new(0),
            limit: AtomicUsize::new(limit),
        }
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
    fn grow(&mut self, bytes: usize) -> Result<(), Fault> {
        let before = self.budget.held.fetch_add(bytes, Ordering::Relaxed);
        self.bytes = self.bytes.saturating_add(bytes);
        let limit = self.budget.limit.load(Ordering::Relaxed);
        if before.saturating_add(bytes) > room_in_buffer(limit, self.bytes) {
            return Err(Fault::Overloaded);
        }
        Ok(())
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

/// Reads the body, at most `limit` bytes of it, within `time` in total.
pub(super) async fn read(
    session: &mut ServerSession,
    limit: usize,
    time: Duration,
    budget: &Arc<BodyBudget>,
) -> Result<Body, Fault> {
    let declared = declared_length(session);
    if declared.is_some_and(|length| length > limit) {
        return Err(Fault::BodyTooLarge);
    }
    let whole = async {
        ask_to_continue(session).await?;
        read_all(session, declared, limit, budget).await
    };
    timeout(time, whole)
        .await
        .unwrap_or(Err(Fault::BodyTimeout))
}

/// The length that the header declares. pingora has refused anything but digits.
pub(super) fn declared_length(session: &ServerSession) -> Option<usize> {
    let length = session.req_header().headers.get(header::CONTENT_LENGTH)?;
    // A number too large for us is certainly over the limit.
    Some(length.to_str().ok()?.trim().parse().unwrap_or(usize::MAX))
}

/// Answers `Expect: 100-continue`; an over-long body was refused before.
async fn ask_to_continue(session: &mut ServerSession) -> Result<(), Fault> {
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
    session
        .write_continue_response()
        .await
        .map_err(|_| Fault::BodyIncomplete)?;
    session.set_keepalive(keepalive);
    Ok(())
}

async fn read_all(
    session: &mut ServerSession,
    declared: Option<usize>,
    limit: usize,
    budget: &Arc<BodyBudget>,
) -> Result<Body, Fault> {
    let mut share = Share {
        budget: Arc::clone(budget),
        bytes: 0,
    };
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(chunk) = session
        .read_request_body()
        .await
        .map_err(|error| fault(&error))?
    {
        if share.bytes.saturating_add(chunk.len()) > limit {
            return Err(Fault::BodyTooLarge);
        }
        share.grow(chunk.len())?;
        if first.is_empty() && rest.is_empty() {
            // Most callbacks come in one piece, which then is the buffer.
            first = chunk;
            continue;
        }
        if rest.is_empty() {
            rest.reserve(declared.unwrap_or(0).min(TRUSTED_LENGTH).max(first.len()));
            rest.extend_from_slice(&first);
        }
        rest.extend_from_slice(&chunk);
    }
    if declared.is_some_and(|length| length != share.bytes) {
        return Err(Fault::BodyIncomplete);
    }
    let bytes = if rest.is_empty() {
        first
    } else {
        rest.freeze()
    };
    Ok(Body { bytes, share })
}

fn fault(error: &pingora::Error) -> Fault {
    match error.etype() {
        ErrorType::ReadTimedout => Fault::BodyTimeout,
        _ => Fault::BodyIncomplete,
    }
}
