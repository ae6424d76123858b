//! Collects the facts about a request, until its end makes a record of them.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use http::{HeaderValue, Version};
use log::error;
use pingora::http::RequestHeader;
use pingora::protocols::http::ServerSession;
use uuid::Uuid;

use super::request_head;
use crate::config::{ClientAddress, Route};
use crate::judge::{Fault, Peer, Refusal, Site};
use crate::proxy::once::ClaimOutcome;
use crate::proxy::upstreams::Delivered;
use crate::record::{Caller, Code, Finished, ReceivedHead, Sizes, WantedDetails};
use crate::verify::{Ambiguous, At, Handshake, Rejection, Verified};

/// What the error log says about a failed request besides its id and the fault.
#[derive(Debug, Default)]
pub(in crate::proxy) enum Words {
    /// Nothing more is known.
    #[default]
    None,
    /// This text.
    Said(String),
    /// Nothing, not even the line: the log has had enough of this cause.
    LeftOut,
}

/// A request in progress. The steps write what they find out directly into the future record, which
/// this type dereferences to; besides that, it keeps only what the record cannot hold.
pub(in crate::proxy) struct Trace {
    started: Instant,
    pub(in crate::proxy) peer: Peer,
    /// The client's address, as far as trusted proxies report it.
    pub(in crate::proxy) client: ClientAddress,
    pub(in crate::proxy) route: Option<Arc<Route>>,
    pub(in crate::proxy) fault: Option<Fault>,
    /// Why it failed, if more is known than the fault.
    pub(in crate::proxy) failure: Words,
    /// The result of the claim, if the route recognises repeats.
    pub(in crate::proxy) once: Option<ClaimOutcome>,
    record: Finished,
}

impl Trace {
    pub(in crate::proxy) fn new(peer: Peer) -> Self {
        Self {
            started: Instant::now(),
            client: peer.client(),
            peer,
            route: None,
            fault: None,
            failure: Words::None,
            once: None,
            record: Finished {
                time: Some(SystemTime::now()),
                tls: peer.tls,
                // Sortable by time, which helps to find it in a log.
                request_id: Uuid::now_v7().simple().to_string(),
                ..Finished::default()
            },
        }
    }

    /// The client as the log shows it: with its port if it is the peer itself. For an unknown
    /// client, the peer is all there is to go by.
    pub(super) fn caller(&self) -> Caller {
        let is_unknown = self.client == ClientAddress::Unknown;
        let port = self.peer.address.map(|address| address.port());
        Caller {
            address: self.client,
            port: port.filter(|_| !is_unknown && self.client == self.peer.client()),
            peer: self.peer.address.filter(|_| is_unknown),
        }
    }

    /// The signature is valid. `fields` are those that the access log names.
    pub(in crate::proxy) fn verified(
        &mut self,
        verified: &Verified<'_>,
        fields: Vec<Option<String>>,
    ) {
        self.verdict = Some("verified");
        self.key = Some(verified.key().id().to_owned());
        self.ambiguous = verified.ambiguous().map(|ambiguous| match ambiguous {
            Ambiguous::Field(name) => At::Field(name.clone()).to_string(),
            _ => "content".to_owned(),
        });
        self.fields = fields;
    }

    /// It is a handshake, answered without a backend.
    pub(in crate::proxy) fn handshake(&mut self, handshake: &Handshake) {
        self.verdict = Some("handshake");
        self.key = handshake.key.clone();
    }

    /// Records the delivery to a server, which took this long until the answer's header arrived or
    /// failed to.
    pub(super) fn delivered(&mut self, delivered: &Delivered, took: Duration) {
        self.upstream = delivered.server.as_ref().map(Arc::clone);
        self.upstream_connect = delivered.connect;
        self.upstream_time = Some(took);
        let answer = delivered.answer.as_ref().ok();
        self.upstream_status = answer.map(|answer| answer.header.status.as_u16());
    }

    /// A route in report mode forwards it, and would have refused it.
    pub(super) fn would_reject(&mut self, refusal: &Refusal) {
        self.verdict = Some("would_reject");
        self.reason = Some(refusal.code());
        match refusal {
            Refusal::Callback(rejection, _) => self.found_at(rejection),
            Refusal::At(_, at) => self.at = Some(at.clone()),
            _ => {}
        }
    }

    fn found_at(&mut self, rejection: &Rejection) {
        self.at = rejection.at.as_ref().map(ToString::to_string);
        self.detail = rejection.detail.as_ref().map(ToString::to_string);
    }

    /// It was refused, or could not be answered properly.
    pub(in crate::proxy) fn refused(&mut self, refusal: &Refusal) {
        self.reason = Some(refusal.code());
        self.fault = refusal.fault();
        self.status = refusal.status();
        match refusal {
            Refusal::Callback(rejection, _) => {
                self.verdict = Some("rejected");
                self.found_at(rejection);
            }
            Refusal::At(_, at) => self.at = Some(at.clone()),
            Refusal::Internal(words) => self.failure = Words::Said(words.clone()),
            _ => {}
        }
    }

    /// Writes the error log's one line about a failed request.
    pub(super) fn tell_failure(&self, code: &str) {
        match &self.failure {
            Words::None => error!("request {}: {code}", self.request_id),
            Words::Said(words) => error!("request {}: {code}: {words}", self.request_id),
            Words::LeftOut => {}
        }
    }

    /// Makes the record of the request, now that its answer has ended. Of a request that was not
    /// `readable`, the session has no header.
    pub(in crate::proxy) fn finish(
        self,
        session: &ServerSession,
        readable: bool,
        wanted: WantedDetails<'_>,
        site: &Site,
    ) -> Finished {
        let request = readable.then(|| session.req_header());
        let shown = |target: &[u8]| {
            site.shown_target(self.route.as_deref(), target)
                .into_owned()
        };
        Finished {
            duration: self.started.elapsed(),
            caller: self.caller(),
            received: match request {
                Some(request) => Some(received(request, &shown, wanted, site)),
                None => self.record.received.map(|head| ReceivedHead {
                    target: shown(&head.target),
                    ..head
                }),
            },
            sizes: sizes(session, request, wanted),
            route: self.route.as_ref().map(|route| Arc::clone(&route.name)),
            scheme: (self.route.as_ref()).map(|route| Arc::clone(&route.policy.scheme)),
            once: self.once.map(Code::from),
            fault: self.fault.map(Code::from),
            ..self.record
        }
    }
}

impl Deref for Trace {
    type Target = Finished;

    fn deref(&self) -> &Finished {
        &self.record
    }
}

impl DerefMut for Trace {
    fn deref_mut(&mut self) -> &mut Finished {
        &mut self.record
    }
}

fn received(
    request: &RequestHeader,
    shown: &dyn Fn(&[u8]) -> Vec<u8>,
    wanted: WantedDetails<'_>,
    site: &Site,
) -> ReceivedHead {
    let values = |(place, name)| {
        let values = request.headers.get_all(name).iter();
        values.map(move |value: &HeaderValue| (place, site.shown_header(value)))
    };
    ReceivedHead {
        method: request.method.clone(),
        target: shown(request_head::target(request)),
        protocol: protocol(request.version),
        host: request_head::host_value(request),
        headers: wanted.headers.iter().enumerate().flat_map(values).collect(),
    }
}

fn sizes(
    session: &ServerSession,
    request: Option<&RequestHeader>,
    wanted: WantedDetails<'_>,
) -> Sizes {
    let mut sizes = Sizes {
        body_in: session.body_bytes_read(),
        body_out: session.body_bytes_sent(),
        ..Sizes::default()
    };
    if wanted.header_sizes {
        let answer = session.response_written();
        sizes.header_in = request.map_or(0, header_size::of_request);
        sizes.header_out = answer.map_or(0, header_size::of_answer);
    }
    sizes
}

fn protocol(version: Version) -> Option<&'static str> {
    match version {
        Version::HTTP_2 => Some("HTTP/2.0"),
        Version::HTTP_11 => Some("HTTP/1.1"),
        Version::HTTP_10 => Some("HTTP/1.0"),
        _ => None,
    }
}

/// The length of headers, encoded as HTTP/1.
mod header_size {
    use http::HeaderMap;
    use pingora::http::{RequestHeader, ResponseHeader};

    use super::request_head;

    const PROTOCOL: usize = "HTTP/1.1".len();
    const LINE_END: usize = "\r\n".len();

    pub(super) fn of_request(request: &RequestHeader) -> usize {
        let method = request.method.as_str().len();
        lines(
            &[method, request_head::target(request).len(), PROTOCOL],
            &request.headers,
        )
    }

    pub(super) fn of_answer(answer: &ResponseHeader) -> usize {
        let reason = answer.get_reason_phrase().unwrap_or_default().len();
        lines(&[PROTOCOL, "200".len(), reason], &answer.headers)
    }

    fn lines(first: &[usize], headers: &HeaderMap) -> usize {
        // A space or the line end follows each of the first parts.
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
