//! One request and its answer, on a connection that is there.

use std::time::{Duration, Instant};

use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderName, StatusCode};
use log::error;
use pingora::http::ResponseHeader;
use pingora::protocols::Stream;
use pingora::protocols::http::client::HttpSession;
use pingora::protocols::http::v1::client::HttpSession as Http1;
use pingora::{Error, ErrorType};
use tokio::time::timeout;

use super::{Group, InFlight};
use crate::proxy::refusal::Fault;
use crate::proxy::upstream_request::UpstreamRequest;

/// How long an answer may take to show after the upstream stopped reading the request.
const EARLY_ANSWER: Duration = Duration::from_secs(1);

/// An upstream's answer: its header is read, its body is not.
pub(in crate::proxy) struct Answer {
    pub(in crate::proxy) header: ResponseHeader,
    session: HttpSession,
    reusable: bool,
    upstream: std::sync::Arc<str>,
    picked: InFlight,
}

impl Answer {
    /// The next part of the body; `None` at its end.
    pub(in crate::proxy) async fn read_body(&mut self) -> Result<Option<bytes::Bytes>, Fault> {
        self.session.read_response_body().await.map_err(|error| {
            let server = self.picked.server();
            error!(
                "upstream {}: {server}: the answer broke off: {error}",
                self.upstream
            );
            server.failed(&self.upstream, Instant::now());
            fault(&error)
        })
    }

    /// Keeps the connection of an answer that was read to its end, if it may be used again.
    pub(in crate::proxy) async fn release(self) {
        let HttpSession::H1(mut http1) = self.session else {
            return;
        };
        http1.respect_keepalive();
        if self.reusable
            && let Some(stream) = http1.reuse().await
        {
            self.picked.server().pool.put(stream);
        }
    }
}

impl Group {
    pub(super) async fn exchange(
        &self,
        stream: Stream,
        picked: InFlight,
        request: UpstreamRequest,
    ) -> Result<Answer, Fault> {
        let mut session = HttpSession::H1(Http1::new(stream));
        let read_timeout = self.upstream.read_timeout;
        session.set_read_timeout(Some(read_timeout));
        session.set_write_timeout(Some(self.upstream.write_timeout));
        let mut reusable = true;
        let header = match write(&mut session, request).await {
            // In total: a server may send interim answers, or a byte at a time, for ever.
            Ok(()) => timeout(read_timeout, read_header(&mut session))
                .await
                .unwrap_or_else(|_| Err(Error::new(ErrorType::ReadTimedout))),
            // It may have answered without reading all of the body.
            Err(error) => {
                // The next request would be taken for what is missing of this one.
                reusable = false;
                match timeout(EARLY_ANSWER, read_header(&mut session)).await {
                    Ok(Ok(header)) => Ok(header),
                    _ => Err(error),
                }
            }
        };
        let header = header.map_err(|error| {
            let server = picked.server();
            match fault(&error) {
                // pingora would quote all of the header, and secrets with it.
                Fault::UpstreamInvalid => {
                    error!("upstream {}: {server}: its answer is malformed", self.name);
                }
                _ => error!("upstream {}: {server}: {error}", self.name),
            }
            fault(&error)
        })?;
        if header.status == StatusCode::SWITCHING_PROTOCOLS {
            error!(
                "upstream {}: {}: it switches protocols without being asked",
                self.name,
                picked.server()
            );
            return Err(Fault::UpstreamInvalid);
        }
        if !has_one_end(&header) {
            error!(
                "upstream {}: {}: its answer has several lengths",
                self.name,
                picked.server()
            );
            return Err(Fault::UpstreamInvalid);
        }
        Ok(Answer {
            header,
            session,
            reusable,
            upstream: std::sync::Arc::clone(&self.name),
            picked,
        })
    }
}

/// Whether one line alone says where the answer ends: two servers could see different ends, and what
/// is behind the first one would be the next callback's answer. (Of a length and Transfer-Encoding,
/// pingora takes the latter and drops the length, as RFC 9112, section 6.3, has it.)
fn has_one_end(answer: &ResponseHeader) -> bool {
    let lines = |name: HeaderName| answer.headers.get_all(name).iter().count();
    // pingora takes `4, 4` for 4.
    let mut lengths = answer.headers.get_all(CONTENT_LENGTH).iter();
    !lengths.any(|length| length.as_bytes().contains(&b','))
        && lines(CONTENT_LENGTH).saturating_add(lines(TRANSFER_ENCODING)) <= 1
}

async fn write(session: &mut HttpSession, request: UpstreamRequest) -> Result<(), Box<Error>> {
    session.write_request_header(request.header).await?;
    session.write_request_body(request.body, true).await
}

/// Reads the final answer's header; interim ones (1xx) were not asked for and end here.
async fn read_header(session: &mut HttpSession) -> Result<ResponseHeader, Box<Error>> {
    loop {
        session.read_response_header().await?;
        let header = session.response_header();
        let is_interim = |status: StatusCode| {
            status.is_informational() && status != StatusCode::SWITCHING_PROTOCOLS
        };
        if let Some(header) = header.filter(|header| !is_interim(header.status)) {
            return Ok(header.clone());
        }
    }
}

/// What an error on an established connection means.
fn fault(error: &Error) -> Fault {
    match error.etype() {
        ErrorType::ReadTimedout | ErrorType::WriteTimedout => Fault::UpstreamTimeout,
        ErrorType::InvalidHTTPHeader => Fault::UpstreamInvalid,
        _ => Fault::UpstreamClosed,
    }
}
