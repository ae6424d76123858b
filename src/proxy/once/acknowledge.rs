//! Answering a repeat in the backend's place.

use bytes::Bytes;
use log::error;
use pingora::http::ResponseHeader;
use pingora::protocols::http::ServerSession;

use crate::judge::{Fault, Outcome};
use crate::once::StoredAnswer;
use crate::proxy::request::{Outgoing, Passing, Relayed};

/// Answers as the backend did the first time: the same status and, if it was small enough, body. The
/// header says that it is a repeat, and which request this one is.
pub(in crate::proxy) async fn acknowledge(
    session: &mut ServerSession,
    remembered: &Bytes,
    request_id: &str,
    passing: Passing<'_>,
) -> Result<Relayed, Fault> {
    let answer = StoredAnswer::decode(remembered).unwrap_or_else(|| {
        // It is done, whatever another version of the program wrote about it.
        error!("once: cannot read a remembered answer; answering 200");
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
    // Only a success was remembered.
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
    // Without the body, nothing is said of what it was.
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
