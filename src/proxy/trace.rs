//! What becomes known of a request on its way, for its log line.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use http::Version;
use pingora::protocols::http::ServerSession;
use uuid::Uuid;

use super::client::{self, Peer};
use super::refusal::{Fault, Refusal};
use crate::config::Route;
use crate::ops::access_log::{AccessLog, Entry};

/// What becomes known of a request on its way.
pub(super) struct Trace {
    time: SystemTime,
    started: Instant,
    pub(super) peer: Peer,
    pub(super) request_id: String,
    pub(super) route: Option<Arc<Route>>,
    pub(super) key: Option<String>,
    pub(super) verdict: Option<&'static str>,
    pub(super) reason: Option<&'static str>,
    pub(super) fault: Option<Fault>,
    pub(super) at: Option<String>,
    pub(super) status: u16,
    pub(super) upstream: Option<String>,
    pub(super) read: Option<Duration>,
    pub(super) verify: Option<Duration>,
    pub(super) upstream_time: Option<Duration>,
}

impl Trace {
    pub(super) fn new(peer: Peer) -> Self {
        Self {
            time: SystemTime::now(),
            started: Instant::now(),
            peer,
            // Sortable by time, which helps to find it in a log.
            request_id: Uuid::now_v7().simple().to_string(),
            route: None,
            key: None,
            verdict: None,
            reason: None,
            fault: None,
            at: None,
            status: 0,
            upstream: None,
            read: None,
            verify: None,
            upstream_time: None,
        }
    }

    /// How long the request takes so far.
    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    pub(super) fn refused(&mut self, refusal: &Refusal) {
        self.reason = Some(refusal.code());
        self.fault = refusal.fault();
        self.status = refusal.status();
        if let Refusal::Callback(rejection) = refusal {
            self.verdict = Some("rejected");
            self.at = rejection.at.as_ref().map(ToString::to_string);
        }
    }

    /// Writes the log line. The request may not have been readable at all.
    pub(super) fn write(&self, log: &AccessLog, session: &ServerSession, readable: bool) {
        let request = readable.then(|| session.req_header());
        let target = request.map(|request| String::from_utf8_lossy(request.raw_path()));
        let route = self.route.as_deref();
        log.write(&Entry {
            time: self.time,
            client: &self.peer.to_string(),
            method: request.map_or("-", |request| request.method.as_str()),
            target: target.as_deref().unwrap_or("-"),
            protocol: protocol(request.map(|request| request.version)),
            host: request.and_then(client::host).unwrap_or_default(),
            route: route.map(|route| route.name.as_str()),
            scheme: route.map(|route| route.policy.scheme.name.as_str()),
            key: self.key.as_deref(),
            verdict: self.verdict,
            reason: self.reason,
            at: self.at.clone(),
            status: self.status,
            upstream: self.upstream.as_deref(),
            duration: self.started.elapsed(),
            read: self.read,
            verify: self.verify,
            upstream_time: self.upstream_time,
            bytes_in: session.body_bytes_read(),
            bytes_out: session.body_bytes_sent(),
            request_id: &self.request_id,
        });
    }
}

fn protocol(version: Option<Version>) -> &'static str {
    match version {
        Some(Version::HTTP_2) => "HTTP/2.0",
        Some(Version::HTTP_11) => "HTTP/1.1",
        Some(Version::HTTP_10) => "HTTP/1.0",
        _ => "-",
    }
}
