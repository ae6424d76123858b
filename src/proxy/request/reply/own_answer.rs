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

/// How long a client may keep sending after a refusal. Closing at once would make the system reset
/// the connection, and the client would not see the refusal.
const LINGER: Duration = Duration::from_secs(2);

/// Who reads an answer.
#[derive(Clone, Copy)]
pub(in crate::proxy) struct Receiver<'c> {
    pub(in crate::proxy) taker: Taker<'c>,
    pub(in crate::proxy) write_timeout: Duration,
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
    let extra = extra
        .as_ref()
        .map(|(name, value)| (name.clone(), value.as_str()));
    send(
        session,
        refusal.status(),
        extra,
        format!("{body}\n"),
        request_id,
        to,
    )
    .await
}

/// Sends a JSON answer. Returns the length of its body.
pub(in crate::proxy) async fn send(
    session: &mut ServerSession,
    status: u16,
    extra: Option<(header::HeaderName, &str)>,
    body: String,
    request_id: &str,
    to: Receiver<'_>,
) -> Result<usize, Box<pingora::Error>> {
    let length = body.len();
    let mut answer = ResponseHeader::build(status, Some(8))?;
    answer.insert_header("Content-Type", "application/json")?;
    answer.insert_header("Content-Length", length)?;
    answer.insert_header("Cache-Control", "no-store")?;
    answer.insert_header(REQUEST_ID, request_id)?;
    if let Some((name, value)) = extra {
        answer.insert_header(name, value)?;
    }
    let written = pin!(async {
        session.write_response_header(Box::new(answer)).await?;
        session.write_response_body(Bytes::from(body), true).await
    });
    let written = timeout(to.write_timeout, to.taker.until_taken(written)).await;
    written
        .ok()
        .flatten()
        .unwrap_or_else(|| Err(pingora::Error::new(pingora::ErrorType::WriteTimedout)))?;
    Ok(length)
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
