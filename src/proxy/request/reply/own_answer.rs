//! The proxy's own answers.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http::header;
use pingora::http::ResponseHeader;
use pingora::protocols::Stream;
use pingora::protocols::http::ServerSession;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::taker::Taker;
use crate::judge::{REQUEST_ID, Refusal};
use crate::verify::SchemeAnswer;

/// How long a client may keep sending after a refusal. Closing at once would make the system reset
/// the connection, and the client would not see the refusal.
const LINGER: Duration = Duration::from_secs(2);

/// Who reads an answer.
#[derive(Clone, Copy)]
pub(in crate::proxy) struct Receiver<'c> {
    pub(in crate::proxy) taker: Taker<'c>,
    pub(in crate::proxy) write_timeout: Duration,
}

/// What the proxy answers.
pub(in crate::proxy) struct OwnAnswer<'a> {
    pub(in crate::proxy) status: u16,
    pub(in crate::proxy) content_type: &'static str,
    pub(in crate::proxy) extra: Option<(header::HeaderName, &'a str)>,
    pub(in crate::proxy) body: Bytes,
}

/// An answer of a scheme, with the header of one of the proxy's own.
pub(in crate::proxy) fn of_scheme(
    answer: &SchemeAnswer,
    request_id: &str,
) -> Result<ResponseHeader, Box<pingora::Error>> {
    let mut header = ResponseHeader::build(answer.status, Some(8))?;
    if let Some(content_type) = answer.content_type {
        header.insert_header("Content-Type", content_type)?;
        header.insert_header("Content-Length", answer.body.len())?;
    }
    header.insert_header("X-Content-Type-Options", "nosniff")?;
    header.insert_header("Cache-Control", "no-store")?;
    header.insert_header(REQUEST_ID, request_id)?;
    for (name, value) in &answer.headers {
        header.append_header(name.clone(), value.clone())?;
    }
    Ok(header)
}

impl OwnAnswer<'static> {
    pub(in crate::proxy) fn json(status: u16, body: String) -> Self {
        Self {
            status,
            content_type: "application/json",
            extra: None,
            body: body.into(),
        }
    }

    pub(in crate::proxy) const fn text(status: u16, body: Bytes) -> Self {
        Self {
            status,
            content_type: "text/plain; charset=utf-8",
            extra: None,
            body,
        }
    }
}

/// Answers with a refusal. `reason` says whether the client sees the reason.
pub(in crate::proxy) async fn refuse(
    session: &mut ServerSession,
    refusal: &Refusal,
    request_id: &str,
    reason: bool,
    to: Receiver<'_>,
) -> Result<usize, Box<pingora::Error>> {
    let mut body = json!({ "error": refusal.public_code(), "request_id": request_id });
    if reason && let Some(object) = body.as_object_mut() {
        object.insert("reason".to_owned(), json!(refusal.code()));
    }
    let extra = match refusal {
        Refusal::Method(allowed) => Some((header::ALLOW, allowed.clone())),
        // In whole seconds, rounded up.
        Refusal::TooOften(wait) | Refusal::Later(_, wait) => {
            let seconds = wait
                .as_secs()
                .saturating_add((wait.subsec_nanos() > 0).into());
            Some((header::RETRY_AFTER, seconds.to_string()))
        }
        _ => None,
    };
    let answer = OwnAnswer {
        extra: extra
            .as_ref()
            .map(|(name, value)| (name.clone(), value.as_str())),
        ..OwnAnswer::json(refusal.status(), format!("{body}\n"))
    };
    send(session, answer, request_id, to).await
}

/// Sends an answer. Returns the length of its body.
pub(in crate::proxy) async fn send(
    session: &mut ServerSession,
    answer: OwnAnswer<'_>,
    request_id: &str,
    to: Receiver<'_>,
) -> Result<usize, Box<pingora::Error>> {
    let OwnAnswer {
        status,
        content_type,
        extra,
        body,
    } = answer;
    let length = body.len();
    let mut header = ResponseHeader::build(status, Some(8))?;
    header.insert_header("Content-Type", content_type)?;
    header.insert_header("Content-Length", length)?;
    header.insert_header("Cache-Control", "no-store")?;
    header.insert_header(REQUEST_ID, request_id)?;
    if let Some((name, value)) = extra {
        header.insert_header(name, value)?;
    }
    write(session, header, body, to).await?;
    Ok(length)
}

/// Sends a whole answer.
pub(in crate::proxy) async fn write(
    session: &mut ServerSession,
    header: ResponseHeader,
    body: Bytes,
    to: Receiver<'_>,
) -> Result<(), Box<pingora::Error>> {
    let written = pin!(async {
        session.write_response_header(Box::new(header)).await?;
        session.write_response_body(body, true).await
    });
    let written = timeout(to.write_timeout, to.taker.until_taken(written)).await;
    written
        .ok()
        .flatten()
        .unwrap_or_else(|| Err(pingora::Error::new(pingora::ErrorType::WriteTimedout)))?;
    Ok(())
}

/// For a short while, reads and discards what an HTTP/1 client still sends.
pub(in crate::proxy) async fn linger(session: &mut ServerSession) {
    let rest = async { while let Ok(Some(_)) = session.read_request_body().await {} };
    // Whatever is unsent after that is lost.
    let _ = timeout(LINGER, rest).await;
}

/// Ends the answer. For a short while, reads and discards what the client still sends and nobody
/// can parse as requests.
pub(in crate::proxy) async fn close_and_linger(mut stream: Stream) {
    let rest = async {
        stream.shutdown().await?;
        let mut part = vec![0; 4096];
        while stream.read(&mut part).await? > 0 {}
        Ok::<_, std::io::Error>(())
    };
    let _ = timeout(LINGER, rest).await;
}
