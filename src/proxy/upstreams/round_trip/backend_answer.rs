//! One request and its answer, on an established connection.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use log::error;
use pingora::http::ResponseHeader;
use pingora::protocols::Stream;
use pingora::protocols::http::v1::client::HttpSession as Http1;
use pingora::{Error, ErrorType};
use tokio::time::timeout;

use super::connect::ConnectError;
use super::delivery_failure::{AttemptError, is_for_want_of_certificate};
use super::ending::{self, Ending, Unclear};
use super::expects_tls;
use super::wire::Wire;
use crate::config::SentHost;
use crate::judge::Fault;
use crate::proxy::upstreams::group::Group;
use crate::proxy::upstreams::server::Connection;
use crate::proxy::upstreams::server::InFlight;

/// How long an answer may take after the upstream stopped reading the request.
const EARLY_ANSWER: Duration = Duration::from_secs(1);

/// An upstream's answer: its header is read, its body is not.
pub(in crate::proxy) struct Answer {
    pub(in crate::proxy) header: ResponseHeader,
    session: Http1,
    /// How much of the body is still to come, if pingora does not count it.
    left: Option<u64>,
    /// Whether the next request on the connection would certainly get its own answer.
    reusable: bool,
    read_timeout: Duration,
    upstream: Arc<str>,
    picked: InFlight,
    broke_off: Option<String>,
    /// Whether something of the body has been read.
    is_begun: bool,
}

impl Answer {
    /// The next part of the body; `None` at its end.
    pub(in crate::proxy) async fn read_body(&mut self) -> Result<Option<Bytes>, Fault> {
        if self.left == Some(0) {
            return Ok(None);
        }
        let part = match self.session.read_body_bytes().await {
            Ok(part) => part,
            Err(error) => {
                return Err(self.breaks_off(&AttemptError::in_body(&error, self.read_timeout)));
            }
        };
        if let Some(part) = &part
            && !std::mem::replace(&mut self.is_begun, true)
        {
            self.tell_of_tls(part);
        }
        let Some(left) = self.left else {
            return Ok(part);
        };
        let Some(mut part) = part else {
            return Err(self.breaks_off(&AttemptError::Short));
        };
        part.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        let length = u64::try_from(part.len()).unwrap_or(left);
        self.left = Some(left.saturating_sub(length));
        Ok(Some(part))
    }

    /// Logs that the server refused a request for coming in clear text. The answer goes on like any
    /// other, and would be taken for a judgement of the callback.
    fn tell_of_tls(&self, body: &[u8]) {
        let server = self.picked.server();
        if server.tls.is_some() || !expects_tls::is_said_by(self.header.status, body) {
            return;
        }
        if server.state.unreachable.passes(Instant::now()).is_some() {
            error!(
                "upstream {}: {server}: {}",
                self.upstream,
                expects_tls::WORDS
            );
        }
    }

    fn breaks_off(&mut self, cause: &AttemptError) -> Fault {
        let server = self.picked.server();
        server.failed(&self.upstream, Instant::now());
        self.broke_off = Some(format!("upstream {}: {server}: {cause}", self.upstream));
        cause.fault()
    }

    /// Why its body was truncated, if it was, for the error log.
    pub(in crate::proxy) fn why_broken(&mut self) -> Option<String> {
        self.broke_off.take()
    }

    /// Returns the connection of a completely read answer to the pool, if it may be reused.
    pub(in crate::proxy) async fn release(self: Box<Self>) {
        let (server, upstream) = (Arc::clone(self.picked.server()), Arc::clone(&self.upstream));
        if let Some(stream) = self.into_reusable().await {
            server.keep(stream, &upstream).await;
        }
    }

    /// Its connection, if that may carry another request.
    pub(in crate::proxy) async fn into_reusable(mut self: Box<Self>) -> Option<Stream> {
        self.session.respect_keepalive();
        if self.reusable && !says_close(&self.header.headers) {
            self.session.reuse().await
        } else {
            None
        }
    }
}

/// Whether any line says so; pingora reads only the first one.
fn says_close(headers: &HeaderMap<HeaderValue>) -> bool {
    let mut options = headers
        .get_all(CONNECTION)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    options.any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"))
}

impl Group {
    /// The header of the answer to a request that was sent.
    async fn answer_to(&self, session: &mut Http1) -> Result<ResponseHeader, AttemptError> {
        let limit = self.upstream.read_timeout;
        // In total: a server may send interim answers, or a byte at a time, for ever.
        let header = timeout(limit, read_header(session)).await;
        header
            .unwrap_or_else(|_| Err(Error::new(ErrorType::ReadTimedout)))
            .map_err(|error| AttemptError::in_header(&error, session, limit))
    }

    /// The same for a request that could not be sent: the server may have answered without reading
    /// all of its body.
    async fn early_answer(
        &self,
        session: &mut Http1,
        error: &Error,
    ) -> Result<ResponseHeader, AttemptError> {
        match timeout(EARLY_ANSWER, read_header(session)).await {
            Ok(Ok(header)) => Ok(header),
            // Why it took no more of the request.
            Ok(Err(refusal)) if is_for_want_of_certificate(&refusal) => {
                Err(ConnectError::ClientCertificate.into())
            }
            _ => Err(AttemptError::in_sending(error, self.upstream.write_timeout)),
        }
    }

    pub(in crate::proxy) async fn exchange(
        &self,
        connection: Connection,
        picked: InFlight,
        mut request: Wire,
    ) -> Result<Box<Answer>, AttemptError> {
        if self.upstream.host == SentHost::Server {
            let set = request.set_host(&picked.server().host);
            set.map_err(|error| AttemptError::in_sending(&error, Duration::ZERO))?;
        }
        let line = request.line.take();
        // A body where there must be none would be read as the next answer.
        let mut reusable = request.header.method != Method::HEAD;
        let stream = match line {
            // The connection then stays wrapped, so it is not used again.
            Some(line) => {
                reusable = false;
                line.on(connection.stream)
            }
            None => connection.stream,
        };
        let mut session = Http1::new(stream);
        let read_timeout = self.upstream.read_timeout;
        session.read_timeout = Some(read_timeout);
        session.write_timeout = Some(self.upstream.write_timeout);
        let header = match write(&mut session, request).await {
            Ok(()) => self.answer_to(&mut session).await,
            Err(error) => {
                // The next request would be read as the missing rest of this one.
                reusable = false;
                self.early_answer(&mut session, &error).await
            }
        };
        let header = header.inspect_err(|cause| {
            // The close arrived after the request was started.
            if connection.is_used && cause.fault() == Fault::UpstreamClosed {
                picked.server().closed_silently(&self.name);
            }
        });
        let mut header = header?;
        if header.status == StatusCode::SWITCHING_PROTOCOLS {
            return Err(AttemptError::Switches);
        }
        let has_body = !session.is_body_done();
        let raw = || session.get_headers_raw_bytes();
        let left = match ending::find(&header, raw, has_body)? {
            Ending::AsRead { certain } => {
                reusable &= certain;
                None
            }
            Ending::After(length) => {
                reusable = false;
                // pingora dropped it.
                let restored = header.insert_header(CONTENT_LENGTH, length);
                restored.map_err(|_| Unclear::Lengths)?;
                Some(length)
            }
        };
        Ok(Box::new(Answer {
            header,
            session,
            left,
            reusable,
            read_timeout,
            upstream: Arc::clone(&self.name),
            picked,
            broke_off: None,
            is_begun: false,
        }))
    }
}

async fn write(session: &mut Http1, request: Wire) -> Result<(), Box<Error>> {
    session.write_request_header(request.header).await?;
    session.write_body(&request.body).await?;
    Ok(())
}

/// Reads the final answer's header; interim ones (1xx) are unrequested and dropped.
async fn read_header(session: &mut Http1) -> Result<ResponseHeader, Box<Error>> {
    loop {
        session.read_response().await?;
        let header = session.resp_header();
        let is_interim = |status: StatusCode| {
            status.is_informational() && status != StatusCode::SWITCHING_PROTOCOLS
        };
        if let Some(header) = header.filter(|header| !is_interim(header.status)) {
            return Ok(header.clone());
        }
    }
}
