//! An upstream's answer on its way to the client.

use std::time::Duration;

use bytes::Bytes;
use http::{StatusCode, Version, header};
use log::error;
use pingora::http::ResponseHeader;
use pingora::protocols::http::ServerSession;
use tokio::time::timeout;

use super::end_to_end::is_end_to_end;
use super::refusal::Fault;
use super::upstreams::Answer;

/// The answer that reached the client, and what broke it off, if anything did.
pub(super) struct Relayed {
    pub(super) status: u16,
    pub(super) broken: Option<Fault>,
}

/// Sends the answer on, header and body, as it comes.
pub(super) async fn relay(
    session: &mut ServerSession,
    answer: &mut Answer,
    success_as_200: bool,
    write_timeout: Duration,
) -> Result<Relayed, Fault> {
    let mut outgoing = Outgoing::new(session, &answer.header, success_as_200, write_timeout)?;
    outgoing.header().await;
    while !outgoing.is_gone() {
        match answer.read_body().await {
            Ok(Some(chunk)) => outgoing.body(chunk).await,
            Ok(None) => break,
            Err(fault) => return outgoing.broken(fault),
        }
    }
    Ok(outgoing.end().await)
}

/// An answer on its way to a client, who may go away. Then nothing more is sent.
pub(super) struct Outgoing<'s> {
    session: &'s mut ServerSession,
    /// Until it is sent.
    header: Option<ResponseHeader>,
    status: u16,
    is_gone: bool,
    write_timeout: Duration,
}

impl<'s> Outgoing<'s> {
    /// An answer with the header that belongs to a backend's. Nothing is sent yet.
    pub(super) fn new(
        session: &'s mut ServerSession,
        answer: &ResponseHeader,
        success_as_200: bool,
        write_timeout: Duration,
    ) -> Result<Self, Fault> {
        let header = header_for_client(answer, session, success_as_200).map_err(|error| {
            error!("cannot pass an answer on: {error}");
            Fault::Internal
        })?;
        Ok(Self {
            session,
            status: header.status.as_u16(),
            header: Some(header),
            is_gone: false,
            write_timeout,
        })
    }

    /// Whether the client has gone, as far as sending to him tells.
    pub(super) const fn is_gone(&self) -> bool {
        self.is_gone
    }

    /// Sends the header, if it is not sent yet.
    pub(super) async fn header(&mut self) {
        if let Some(header) = self.header.take() {
            let sent = self.session.write_response_header(Box::new(header));
            let sent = timeout(self.write_timeout, sent).await;
            self.is_gone = !matches!(sent, Ok(Ok(())));
        }
    }

    /// Sends a part of the body.
    pub(super) async fn body(&mut self, part: Bytes) {
        if !self.is_gone && !answer_has_no_body(self.status) {
            self.is_gone = self.session.write_response_body(part, false).await.is_err();
        }
    }

    /// Ends the answer.
    pub(super) async fn end(self) -> Relayed {
        let mut is_gone = self.is_gone;
        if !is_gone {
            // pingora's own time limit is for the parts of a body only, not for its end.
            let end = self.session.write_response_body(Bytes::new(), true);
            is_gone = !matches!(timeout(self.write_timeout, end).await, Ok(Ok(())));
        }
        Relayed {
            status: self.status,
            broken: is_gone.then_some(Fault::ClientClosed),
        }
    }

    /// Gives the answer up. The client is told why if it was told nothing yet.
    pub(super) fn broken(self, fault: Fault) -> Result<Relayed, Fault> {
        if self.header.is_some() {
            return Err(fault);
        }
        Ok(Relayed {
            status: self.status,
            broken: Some(fault),
        })
    }
}

/// Statuses that never have a body (RFC 9110, section 6.4.1).
fn answer_has_no_body(status: u16) -> bool {
    matches!(status, 204 | 304)
}

fn header_for_client(
    answer: &ResponseHeader,
    session: &ServerSession,
    success_as_200: bool,
) -> Result<ResponseHeader, Box<pingora::Error>> {
    let mapped = success_as_200 && answer.status.is_success();
    let status = if mapped {
        StatusCode::OK
    } else {
        answer.status
    };
    let mut header = ResponseHeader::build(status, Some(answer.headers.len().saturating_add(4)))?;
    if status == answer.status {
        header.set_reason_phrase(answer.get_reason_phrase())?;
    }
    for (name, value) in answer.case_header_iter() {
        let lower = http::HeaderName::from_bytes(name.as_slice());
        if lower.is_ok_and(|lower| is_end_to_end(&lower, &answer.headers)) {
            header.append_header(name.clone(), value.clone())?;
        }
    }
    if status != answer.status && answer_has_no_body(answer.status.as_u16()) {
        header.insert_header(header::CONTENT_LENGTH, 0)?;
    }
    let has_length = header.headers.contains_key(header::CONTENT_LENGTH);
    let can_chunk = session.req_header().version == Version::HTTP_11;
    if !has_length && can_chunk && !answer_has_no_body(status.as_u16()) {
        header.insert_header(header::TRANSFER_ENCODING, "chunked")?;
    }
    Ok(header)
}
