//! An upstream's answer on its way to the client.

use std::time::Duration;

use bytes::Bytes;
use http::{StatusCode, Version, header};
use log::error;
use pingora::http::ResponseHeader;
use pingora::protocols::http::ServerSession;
use tokio::time::timeout;

use super::headers::is_end_to_end;
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
    let header = header_for_client(&answer.header, session, success_as_200).map_err(|error| {
        error!("cannot pass an answer on: {error}");
        Fault::Internal
    })?;
    let status = header.status.as_u16();
    let sent = timeout(
        write_timeout,
        session.write_response_header(Box::new(header)),
    )
    .await;
    let broken = match sent {
        Ok(Ok(())) => body(session, answer, answer_has_no_body(status), write_timeout)
            .await
            .err(),
        _ => Some(Fault::ClientClosed),
    };
    Ok(Relayed { status, broken })
}

async fn body(
    session: &mut ServerSession,
    answer: &mut Answer,
    none: bool,
    write_timeout: Duration,
) -> Result<(), Fault> {
    loop {
        let Some(chunk) = answer.read_body().await? else {
            break;
        };
        if !none {
            let sent = session.write_response_body(chunk, false).await;
            sent.map_err(|_| Fault::ClientClosed)?;
        }
    }
    // pingora's own time limit is for the parts of a body only, not for its end.
    let end = session.write_response_body(Bytes::new(), true);
    match timeout(write_timeout, end).await {
        Ok(Ok(())) => Ok(()),
        _ => Err(Fault::ClientClosed),
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
