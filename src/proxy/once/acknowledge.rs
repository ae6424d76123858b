//! Answering a repeat in place of the backend.

use bytes::Bytes;
use log::error;
use pingora::http::ResponseHeader;
use pingora::protocols::http::ServerSession;

use crate::judge::{Fault, Outcome};
use crate::once::StoredAnswer;
use crate::proxy::request::{Outgoing, Passing, Relayed};

/// Repeats the backend's first answer: the same status and, if it was small enough, the same body.
/// A header marks it as a repeat and names this request's id.
pub(in crate::proxy) async fn acknowledge(
    session: &mut ServerSession,
    remembered: &Bytes,
    request_id: &str,
    passing: Passing<'_>,
) -> Result<Relayed, Fault> {
    let answer = StoredAnswer::decode(remembered).unwrap_or_else(|| {
        // The callback is done, whatever another version of the program stored about it.
        error!("once: cannot read a stored answer; answering 200");
        StoredAnswer {
            status: 200,
            headers: Vec::new(),
            body: None,
        }
    });
    let (header, body) = parts(answer).map_err(|error| {
        error!("cannot repeat an answer: {error}");
        Fault::Internal
    })?;
    let mut client = Outgoing::new(session, &header, passing)?;
    // Only successes are stored.
    client.status(passing, Some(true))?;
    client.mark_repeat(request_id)?;
    client.header().await;
    if !body.is_empty() {
        client.body(body).await;
    }
    Ok(client.end().await.after(Outcome::Taken))
}

fn parts(answer: StoredAnswer) -> Result<(ResponseHeader, Bytes), Box<pingora::Error>> {
    let mut header = ResponseHeader::build(answer.status, Some(4))?;
    let body = answer.body.unwrap_or_default();
    // Without the body, its headers are meaningless.
    if !body.is_empty() {
        for (name, value) in answer.headers {
            header.append_header(name, value)?;
        }
    }
    if !matches!(answer.status, 204 | 205) {
        header.insert_header(http::header::CONTENT_LENGTH, body.len())?;
    }
    Ok((header, body))
}
