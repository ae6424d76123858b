//! What becomes known of a request on its way, for its log line.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use http::Version;
use log::error;
use pingora::protocols::http::ServerSession;
use uuid::Uuid;

use super::client::{self, Peer};
use super::once::Outcome;
use super::refusal::{Fault, Refusal};
use crate::config::{ClientAddress, Route};
use crate::ops::access_log::{AccessLog, Caller, Entry};

/// How many values of a callback were decrypted, how many were not, and how long it took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decrypted {
    pub(super) values: usize,
    pub(super) failed: usize,
    pub(super) time: Duration,
}

/// What the error log says of a failed request beside its id and the fault.
#[derive(Debug, Default)]
pub(super) enum Words {
    /// Nothing is known.
    #[default]
    None,
    /// This.
    Said(String),
    /// Nothing at all, the line included: the log has had enough of the cause.
    LeftOut,
}

/// What becomes known of a request on its way.
pub(super) struct Trace {
    time: SystemTime,
    started: Instant,
    pub(super) peer: Peer,
    /// The client's address, as far as trusted proxies tell.
    pub(super) client: ClientAddress,
    pub(super) request_id: String,
    pub(super) route: Option<Arc<Route>>,
    pub(super) key: Option<String>,
    pub(super) verdict: Option<&'static str>,
    pub(super) reason: Option<&'static str>,
    pub(super) fault: Option<Fault>,
    /// Why it failed, where more is known than the fault.
    pub(super) failure: Words,
    pub(super) at: Option<String>,
    pub(super) detail: Option<String>,
    /// The field of a verified body that could have been signed as others.
    pub(super) ambiguous: Option<String>,
    /// What the claim came to, where the route has repeats recognised.
    pub(super) once: Option<Outcome>,
    pub(super) status: u16,
    pub(super) upstream: Option<String>,
    pub(super) upstream_status: Option<u16>,
    pub(super) read: Option<Duration>,
    pub(super) verify: Option<Duration>,
    pub(super) decrypt: Option<Decrypted>,
    pub(super) upstream_connect: Option<Duration>,
    pub(super) upstream_time: Option<Duration>,
    /// Body fields that the access log's format names.
    pub(super) fields: Vec<Option<String>>,
}

impl Trace {
    pub(super) fn new(peer: Peer) -> Self {
        Self {
            time: SystemTime::now(),
            started: Instant::now(),
            client: peer.client(),
            peer,
            // Sortable by time, which helps to find it in a log.
            request_id: Uuid::now_v7().simple().to_string(),
            route: None,
            key: None,
            verdict: None,
            reason: None,
            fault: None,
            failure: Words::None,
            at: None,
            detail: None,
            ambiguous: None,
            once: None,
            status: 0,
            upstream: None,
            upstream_status: None,
            read: None,
            verify: None,
            decrypt: None,
            upstream_connect: None,
            upstream_time: None,
            fields: Vec::new(),
        }
    }

    /// How long the request takes so far.
    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// The client as the log shows it: with its port where it is the peer itself. Who brought an unknown
    /// one is all that there is to go by.
    fn caller(&self) -> Caller {
        let is_unknown = self.client == ClientAddress::Unknown;
        let port = self.peer.address.map(|address| address.port());
        Caller {
            address: self.client,
            port: port.filter(|_| !is_unknown && self.client == self.peer.client()),
            peer: self.peer.address.filter(|_| is_unknown),
        }
    }

    pub(super) fn refused(&mut self, refusal: &Refusal) {
        self.reason = Some(refusal.code());
        self.fault = refusal.fault();
        self.status = refusal.status();
        if let Refusal::Callback(rejection) = refusal {
            self.verdict = Some("rejected");
            self.at = rejection.at.as_ref().map(ToString::to_string);
            self.detail = rejection.detail.as_ref().map(ToString::to_string);
        }
    }

    /// Writes the error log's one line about a request that failed.
    pub(super) fn tell_failure(&self, code: &str) {
        match &self.failure {
            Words::None => error!("request {}: {code}", self.request_id),
            Words::Said(words) => error!("request {}: {code}: {words}", self.request_id),
            Words::LeftOut => {}
        }
    }

    /// Writes the log line. The request may not have been readable at all.
    pub(super) fn write(&self, log: &AccessLog, session: &ServerSession, readable: bool) {
        let request = readable.then(|| session.req_header());
        let target = request.map(|request| String::from_utf8_lossy(request.raw_path()));
        let route = self.route.as_deref();
        let (header_in, header_out) = if log.wants_header_lengths() {
            let answer = session.response_written();
            (
                request.map_or(0, lengths::of_request),
                answer.map_or(0, lengths::of_answer),
            )
        } else {
            (0, 0)
        };
        log.write(&Entry {
            time: Some(self.time),
            client: self.caller(),
            tls: self.peer.tls,
            method: request.map(|request| request.method.as_str()),
            target: target.as_deref(),
            protocol: request.and_then(|request| protocol(request.version)),
            host: request.and_then(client::host),
            headers: request.map(|request| &request.headers),
            route: route.map(|route| route.name.as_str()),
            scheme: route.map(|route| route.policy.scheme.name.as_str()),
            key: self.key.as_deref(),
            verdict: self.verdict,
            reason: self.reason,
            at: self.at.as_deref(),
            detail: self.detail.as_deref(),
            ambiguous: self.ambiguous.as_deref(),
            once: self.once.map(Outcome::name),
            status: self.status,
            upstream: self.upstream.as_deref(),
            upstream_status: self.upstream_status,
            duration: self.started.elapsed(),
            read: self.read,
            verify: self.verify,
            decrypted: self.decrypt.map(|decrypt| decrypt.values),
            decrypt_failed: self.decrypt.map(|decrypt| decrypt.failed),
            decrypt: self.decrypt.map(|decrypt| decrypt.time),
            upstream_connect: self.upstream_connect,
            upstream_time: self.upstream_time,
            bytes_in: session.body_bytes_read(),
            bytes_out: session.body_bytes_sent(),
            header_in,
            header_out,
            request_id: &self.request_id,
            fields: &self.fields,
        });
    }
}

fn protocol(version: Version) -> Option<&'static str> {
    match version {
        Version::HTTP_2 => Some("HTTP/2.0"),
        Version::HTTP_11 => Some("HTTP/1.1"),
        Version::HTTP_10 => Some("HTTP/1.0"),
        _ => None,
    }
}

/// How long headers are, written as HTTP/1.
mod lengths {
    use http::HeaderMap;
    use pingora::http::{RequestHeader, ResponseHeader};

    const PROTOCOL: usize = "HTTP/1.1".len();
    const LINE_END: usize = "\r\n".len();

    pub(super) fn of_request(request: &RequestHeader) -> usize {
        let method = request.method.as_str().len();
        lines(
            &[method, request.raw_path().len(), PROTOCOL],
            &request.headers,
        )
    }

    pub(super) fn of_answer(answer: &ResponseHeader) -> usize {
        let reason = answer.get_reason_phrase().unwrap_or_default().len();
        lines(&[PROTOCOL, "200".len(), reason], &answer.headers)
    }

    fn lines(first: &[usize], headers: &HeaderMap) -> usize {
        // Behind each of the first is a space, or the line's end.
        let first = first.iter().fold(1, |sum: usize, part| {
            sum.saturating_add(*part).saturating_add(1)
        });
        headers
            .iter()
            .fold(first.saturating_add(LINE_END), |sum, (name, value)| {
                sum.saturating_add(name.as_str().len())
                    .saturating_add(": ".len())
                    .saturating_add(value.len())
                    .saturating_add(LINE_END)
            })
    }
}
