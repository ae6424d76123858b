//! Relaying an upstream's answer to the client.

use std::pin::pin;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{StatusCode, Version, header};
use log::error;
use pingora::http::ResponseHeader;
use pingora::protocols::http::ServerSession;
use tokio::time::timeout;

use super::judging::Judging;
use super::own_answer;
use super::taker::Taker;
use crate::judge::{Fault, Outcome, REPEAT, REQUEST_ID, is_end_to_end};
use crate::proxy::limits::{Admitted, NOT_TAKEN};
use crate::proxy::once::Claimed;
use crate::proxy::upstreams::Answer;
use crate::success::SuccessRule;
use crate::verify::SchemeAnswer;

/// The answer that reached the client, and the outcome of the delivery.
pub(in crate::proxy) struct Relayed {
    pub(in crate::proxy) status: u16,
    /// Why it was aborted.
    pub(in crate::proxy) broken: Option<Fault>,
    pub(in crate::proxy) outcome: Outcome,
}

impl Relayed {
    /// Records the outcome of the delivery.
    pub(in crate::proxy) fn after(self, outcome: Outcome) -> Self {
        Self { outcome, ..self }
    }
}

/// How an answer is judged and forwarded.
#[derive(Clone, Copy)]
pub(in crate::proxy) struct Passing<'r> {
    pub(in crate::proxy) rule: &'r SuccessRule,
    /// Whether a success is answered with 200, whatever its status is.
    pub(in crate::proxy) success_as_200: bool,
    /// What the client gets in place of a success.
    pub(in crate::proxy) acknowledgement: Option<&'r SchemeAnswer>,
    pub(in crate::proxy) request_id: &'r str,
    pub(in crate::proxy) write_timeout: Duration,
    pub(in crate::proxy) to: Taker<'r>,
}

impl Passing<'_> {
    /// Whether what the client gets depends on the judgement of the answer.
    pub(in crate::proxy) fn changes(self, answer: &ResponseHeader) -> bool {
        answer.status.is_success()
            && (self.acknowledgement.is_some()
                || self.success_as_200 && answer.status != StatusCode::OK)
    }
}

/// Forwards the answer, header and body, as it arrives. If the client's status depends on the body,
/// the answer is held back, but for a dripping body no longer than `write_timeout`. With a claim,
/// its end is forwarded only after the outcome is stored, so that whoever has seen a success finds
/// it remembered.
pub(in crate::proxy) async fn relay(
    session: &mut ServerSession,
    answer: &mut Answer,
    claimed: Option<&Claimed>,
    passing: Passing<'_>,
    share: Option<Admitted>,
) -> Result<Relayed, Fault> {
    let header = &answer.header;
    let mut judging = Judging::new(passing.rule, header);
    let changes = passing.changes(header);
    let mut capture = claimed.map(|claimed| claimed.capture(header));
    let mut client = Outgoing::new(session, header, passing)?.with(share);
    let mut held_back = Vec::new();
    let mut patience = Patience::new(changes || claimed.is_some(), passing.write_timeout);
    // Of an answer that the scheme's takes the place of, nothing is forwarded.
    let is_replaced = |judging: &Judging<'_>| {
        passing.acknowledgement.is_some() && changes && judging.verdict() == Some(true)
    };
    let is_open =
        |judging: &Judging<'_>| changes && judging.verdict().is_none() || is_replaced(judging);
    if claimed.is_none() && !is_open(&judging) {
        client.status(passing, judging.verdict())?;
        client.header().await;
    }
    loop {
        // With a claim, the answer is read on even if the client is gone, unless the backend drips.
        if client.is_gone() {
            patience.begin_anew();
            if claimed.is_none() || patience.is_over() {
                return Ok(client.end().await);
            }
        }
        let part = match patience.read(answer).await {
            Ok(Some(part)) => part,
            Ok(None) => break,
            Err(fault) => return client.broken(fault),
        };
        let is_slow = patience.is_over();
        judging.add(&answer.header, &part);
        // An answer that is small enough to be stored is held back completely: if it is truncated,
        // it can still become a refusal.
        let is_small = (capture.as_mut()).is_some_and(|capture| capture.take(&part, is_slow));
        if client.is_unsent() && is_replaced(&judging) {
            held_back.clear();
            continue;
        }
        let is_open = is_open(&judging) && !is_slow;
        let (next, last) = match &capture {
            None => (Some(part), None),
            Some(_) => (None, Some(part)),
        };
        held_back.extend(next);
        if !is_small && !is_open {
            client.status(passing, judging.verdict())?;
            client.parts(&mut held_back).await;
        }
        held_back.extend(last);
    }
    client.let_go();
    let outcome = match judging.end(&answer.header) {
        true => Outcome::Taken,
        false => Outcome::Refused(answer.header.status.as_u16()),
    };
    if let (Some(claimed), Some(capture)) = (claimed, capture) {
        claimed.settle(outcome, || capture.encode()).await;
    }
    client.status(passing, Some(outcome == Outcome::Taken))?;
    client.parts(&mut held_back).await;
    Ok(client.end().await.after(outcome))
}

/// The total time that the backend was waited for. A client that reads an answer slowly does not
/// make its backend count as dripping.
struct Patience {
    /// Whether anybody asks.
    is_timed: bool,
    limit: Duration,
    waited: Duration,
    was_gone: bool,
}

impl Patience {
    fn new(is_timed: bool, limit: Duration) -> Self {
        Self {
            is_timed,
            limit,
            waited: Duration::ZERO,
            was_gone: false,
        }
    }

    /// Whether the backend drips. It may do so for ever: the client gets what there is.
    fn is_over(&self) -> bool {
        self.waited > self.limit
    }

    /// The client is gone: from now on, the backend is waited for once more for this time.
    fn begin_anew(&mut self) {
        if !self.was_gone {
            (self.was_gone, self.waited) = (true, Duration::ZERO);
        }
    }

    /// Reads the next part of an answer.
    async fn read(&mut self, answer: &mut Answer) -> Result<Option<Bytes>, Fault> {
        let asked = self.is_timed.then(Instant::now);
        let part = answer.read_body().await;
        let took = asked.map_or(Duration::ZERO, |asked| asked.elapsed());
        self.waited = self.waited.saturating_add(took);
        part
    }
}

/// An answer on its way to a client, who may disconnect. Then nothing more is sent.
pub(in crate::proxy) struct Outgoing<'s> {
    session: &'s mut ServerSession,
    /// Until it is sent.
    header: Option<ResponseHeader>,
    status: u16,
    /// The body that the client gets in place of the backend's.
    instead: Option<Bytes>,
    is_gone: bool,
    write_timeout: Duration,
    to: Taker<'s>,
    /// The request's share of its route's limit, until the backend's part is done or the client
    /// stalls.
    share: Option<Admitted>,
}

impl<'s> Outgoing<'s> {
    /// An answer with the header for a backend's answer. Nothing is sent yet.
    pub(in crate::proxy) fn new(
        session: &'s mut ServerSession,
        answer: &ResponseHeader,
        passing: Passing<'s>,
    ) -> Result<Self, Fault> {
        let header = header_for_client(answer, session).map_err(|error| {
            error!("cannot forward an answer: {error}");
            Fault::Internal
        })?;
        Ok(Self {
            session,
            status: header.status.as_u16(),
            header: Some(header),
            instead: None,
            is_gone: false,
            write_timeout: passing.write_timeout,
            to: passing.to,
            share: None,
        })
    }

    fn with(self, share: Option<Admitted>) -> Self {
        Self { share, ..self }
    }

    /// The backend has done its part.
    fn let_go(&mut self) {
        self.share = None;
    }

    /// Sets the status that the client gets for an answer with this verdict, unless the header was
    /// already sent. An answer that is not known to be a success keeps its own.
    pub(in crate::proxy) fn status(
        &mut self,
        passing: Passing<'_>,
        is_success: Option<bool>,
    ) -> Result<(), Fault> {
        let changes = |header: &ResponseHeader| is_success == Some(true) && passing.changes(header);
        match (&mut self.header, passing.acknowledgement) {
            (Some(header), Some(answer)) if changes(header) => {
                *header = own_answer::of_scheme(answer, passing.request_id).map_err(|error| {
                    error!("cannot acknowledge a callback: {error}");
                    Fault::Internal
                })?;
                self.status = answer.status;
                self.instead = Some(Bytes::copy_from_slice(&answer.body));
                Ok(())
            }
            (Some(header), None) if changes(header) => {
                self.status = StatusCode::OK.as_u16();
                make_200(header).map_err(|error| {
                    error!("cannot forward an answer: {error}");
                    Fault::Internal
                })
            }
            _ => Ok(()),
        }
    }

    /// Marks the answer as a repeat from the store.
    pub(in crate::proxy) fn mark_repeat(&mut self, request_id: &str) -> Result<(), Fault> {
        let Some(header) = &mut self.header else {
            return Ok(());
        };
        let marked = header
            .insert_header(REQUEST_ID, request_id)
            .and_then(|()| header.insert_header(REPEAT, "true"));
        marked.map_err(|error| {
            error!("cannot mark a repeat: {error}");
            Fault::Internal
        })
    }

    /// Whether the client is gone, as far as sending shows.
    pub(super) const fn is_gone(&self) -> bool {
        self.is_gone
    }

    /// Whether the client has got nothing yet.
    const fn is_unsent(&self) -> bool {
        self.header.is_some()
    }

    /// Sends the header, if it is not sent yet.
    pub(in crate::proxy) async fn header(&mut self) {
        if let Some(header) = self.header.take() {
            let sent = pin!(self.session.write_response_header(Box::new(header)));
            let sent = timeout(self.write_timeout, self.to.until_taken(sent)).await;
            self.is_gone = !matches!(sent, Ok(Some(Ok(()))));
        }
    }

    /// Sends a part of the body.
    pub(in crate::proxy) async fn body(&mut self, part: Bytes) {
        if self.is_gone || self.instead.is_some() || answer_has_no_body(self.status) {
            return;
        }
        let sent = pin!(self.session.write_response_body(part, false));
        let mut sent = pin!(self.to.until_taken(sent));
        let soon = match self.share {
            // A client that does not read its answer must not block the route for others.
            Some(_) => timeout(NOT_TAKEN, sent.as_mut()).await.ok(),
            None => None,
        };
        let sent = match soon {
            Some(sent) => sent,
            None => {
                self.share = None;
                sent.await
            }
        };
        self.is_gone = !matches!(sent, Some(Ok(_)));
    }

    /// Sends the header, if it is not sent yet, and these parts of the body.
    pub(in crate::proxy) async fn parts(&mut self, parts: &mut Vec<Bytes>) {
        self.header().await;
        for part in parts.drain(..) {
            self.body(part).await;
        }
    }

    /// Ends the answer.
    pub(in crate::proxy) async fn end(self) -> Relayed {
        let mut is_gone = self.is_gone;
        if !is_gone {
            // pingora's own time limit applies to parts of a body only, not to its end.
            let last = self.instead.unwrap_or_default();
            let end = pin!(self.session.write_response_body(last, true));
            let end = timeout(self.write_timeout, self.to.until_taken(end)).await;
            is_gone = !matches!(end, Ok(Some(Ok(()))));
        }
        Relayed {
            status: self.status,
            broken: is_gone.then_some(Fault::ClientClosed),
            outcome: Outcome::Unknown,
        }
    }

    /// Aborts the answer. The client gets the reason if it has got nothing yet.
    pub(in crate::proxy) fn broken(self, fault: Fault) -> Result<Relayed, Fault> {
        if self.header.is_some() {
            return Err(fault);
        }
        Ok(Relayed {
            status: self.status,
            broken: Some(fault),
            outcome: Outcome::Unknown,
        })
    }
}

/// Whether a client could mistake a header for the mark of a repeat.
fn is_repeat_mark(name: &[u8]) -> bool {
    let same = |(byte, ours): (&u8, u8)| {
        byte.eq_ignore_ascii_case(&ours) || ours == b'-' && !byte.is_ascii_alphanumeric()
    };
    name.len() == REPEAT.len() && name.iter().zip(REPEAT.bytes()).all(same)
}

/// Statuses that never have a body (RFC 9110, section 6.4.1).
fn answer_has_no_body(status: u16) -> bool {
    matches!(status, 204 | 304)
}

fn make_200(header: &mut ResponseHeader) -> Result<(), Box<pingora::Error>> {
    let had_no_body = answer_has_no_body(header.status.as_u16());
    header.set_status(StatusCode::OK)?;
    header.set_reason_phrase(None)?;
    if had_no_body {
        header.insert_header(header::CONTENT_LENGTH, 0)?;
    }
    Ok(())
}

fn header_for_client(
    answer: &ResponseHeader,
    session: &ServerSession,
) -> Result<ResponseHeader, Box<pingora::Error>> {
    let capacity = answer.headers.len().saturating_add(4);
    let mut header = ResponseHeader::build(answer.status, Some(capacity))?;
    header.set_reason_phrase(answer.get_reason_phrase())?;
    for (name, value) in answer.case_header_iter() {
        if is_repeat_mark(name.as_slice()) {
            continue;
        }
        let Ok(lower) = http::HeaderName::from_bytes(name.as_slice()) else {
            continue;
        };
        // RFC 9110, section 8.6.
        let is_void = answer.status == StatusCode::NO_CONTENT && lower == header::CONTENT_LENGTH;
        if !is_void && is_end_to_end(&lower, &answer.headers) {
            header.append_header(name.clone(), value.clone())?;
        }
    }
    let has_length = header.headers.contains_key(header::CONTENT_LENGTH);
    let can_chunk = session.req_header().version == Version::HTTP_11;
    if !has_length && can_chunk && !answer_has_no_body(answer.status.as_u16()) {
        header.insert_header(header::TRANSFER_ENCODING, "chunked")?;
    }
    Ok(header)
}
