//! Why a server gave a callback no complete answer, in words for the error log.

use std::time::Duration;

use log::error;
use pingora::protocols::http::v1::client::HttpSession as Http1;
use pingora::{Error, ErrorType};

use super::connect::ConnectError;
use super::ending::Unclear;
use super::malformed;
use super::upstream_tls;
use crate::judge::{Fault, Outcome};
use crate::proxy::upstreams::server::Server;

/// What went wrong with one server.
#[derive(Debug, thiserror::Error)]
pub(in crate::proxy) enum AttemptError {
    /// The server has nothing of the callback.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("it accepted no more of the request within {0:?} (write_timeout)")]
    NotTaken(Duration),
    #[error("the connection failed while the request was sent: {0}")]
    NotSent(String),
    #[error("no answer within {0:?} (read_timeout)")]
    NoAnswer(Duration),
    #[error("it closed the connection {0}")]
    Closed(String),
    #[error("the connection failed before its answer: {0}")]
    Broken(String),
    #[error("its answer is malformed: {0}")]
    Malformed(String),
    #[error("its answer has {0}")]
    Unclear(#[from] Unclear),
    #[error("it switched protocols without being asked")]
    Switches,
    #[error("the answer is truncated: nothing more of it arrived within {0:?} (read_timeout)")]
    Stalled(Duration),
    #[error("the answer is truncated: one of its chunks is malformed")]
    BadChunk,
    #[error("the answer is truncated: the connection was closed before its end")]
    Short,
    #[error("the answer is truncated: {0}")]
    BrokeOff(String),
}

impl AttemptError {
    /// The meaning of an error while a request was sent.
    pub(super) fn in_sending(error: &Error, limit: Duration) -> Self {
        match error.etype() {
            _ if is_for_want_of_certificate(error) => ConnectError::ClientCertificate.into(),
            ErrorType::WriteTimedout => Self::NotTaken(limit),
            _ => Self::NotSent(root(error)),
        }
    }

    /// The same while its header was awaited.
    pub(super) fn in_header(error: &Error, session: &Http1, limit: Duration) -> Self {
        match error.etype() {
            _ if is_for_want_of_certificate(error) => ConnectError::ClientCertificate.into(),
            ErrorType::ReadTimedout => Self::NoAnswer(limit),
            ErrorType::InvalidHTTPHeader => Self::Malformed(malformed::place(error, session)),
            ErrorType::ConnectionClosed => Self::Closed(match bytes_read(error) {
                Some(0) => "without an answer".to_owned(),
                Some(bytes) => format!("after {bytes} bytes of its answer's header"),
                None => "before its answer's header was complete".to_owned(),
            }),
            _ => Self::Broken(root(error)),
        }
    }

    /// The same while its body was read.
    pub(super) fn in_body(error: &Error, limit: Duration) -> Self {
        match error.etype() {
            ErrorType::ReadTimedout => Self::Stalled(limit),
            ErrorType::ConnectionClosed => Self::Short,
            // pingora's own names for errors; what it adds to them quotes the body.
            ErrorType::Custom("InvalidChunk" | "InvalidTrailerEnd") => Self::BadChunk,
            ErrorType::Custom("PrematureBodyEnd") => Self::Short,
            _ => Self::BrokeOff(root(error)),
        }
    }

    /// Whether the server certainly has nothing of the callback.
    pub(in crate::proxy) const fn is_before_callback(&self) -> bool {
        matches!(self, Self::Connect(_))
    }

    /// What it means for the callback.
    pub(in crate::proxy) const fn fault(&self) -> Fault {
        match self {
            Self::Connect(error) => error.fault(),
            Self::NotTaken(_) | Self::NoAnswer(_) | Self::Stalled(_) => Fault::UpstreamTimeout,
            Self::Malformed(_) | Self::Unclear(_) | Self::Switches | Self::BadChunk => {
                Fault::UpstreamInvalid
            }
            Self::NotSent(_)
            | Self::Closed(_)
            | Self::Broken(_)
            | Self::Short
            | Self::BrokeOff(_) => Fault::UpstreamClosed,
        }
    }
}

/// Whether a server that speaks TLS 1.3 refused the client for want of a certificate.
pub(super) fn is_for_want_of_certificate(error: &Error) -> bool {
    let cause = error.cause.as_deref();
    cause.is_some_and(|cause| upstream_tls::demanded_certificate(cause))
}

/// The system's error.
fn root(error: &Error) -> String {
    match &error.cause {
        Some(cause) => cause.to_string(),
        None => error.etype().as_str().to_owned(),
    }
}

/// How much of an answer's header had arrived, as pingora says at the end of its message.
fn bytes_read(error: &Error) -> Option<usize> {
    let (_, bytes) = error.context.as_ref()?.as_str().rsplit_once(' ')?;
    bytes.parse().ok()
}

/// Why a callback has no answer from its upstream.
#[derive(Debug)]
pub(in crate::proxy) struct UpstreamFailure {
    pub(in crate::proxy) fault: Fault,
    /// For the error log: the upstream, its servers, and what went wrong with each; `None` if the
    /// log has had enough of it.
    pub(in crate::proxy) words: Option<String>,
    /// Whether the backend may have the callback anyway.
    pub(in crate::proxy) outcome: Outcome,
}

/// What went wrong with the servers that one callback was tried on.
#[derive(Debug, Default)]
pub(in crate::proxy) struct Failures {
    /// Those that the log has not had enough of.
    words: Option<String>,
}

impl Failures {
    /// Adds a server. An unreachable one is logged once a second.
    pub(in crate::proxy) fn add(
        &mut self,
        server: &Server,
        cause: &AttemptError,
        now: std::time::Instant,
    ) {
        if !matches!(cause, AttemptError::Connect(_)) {
            self.say(&format!("{server}: {cause}"));
            return;
        }
        match server.state.unreachable.passes(now) {
            None => {}
            Some(0) => self.say(&format!("{server}: {cause}")),
            Some(more) => self.say(&format!(
                "{server}: {cause} ({more} more since the last line)"
            )),
        }
    }

    pub(in crate::proxy) fn say(&mut self, text: &str) {
        let words = self.words.get_or_insert_default();
        if !words.is_empty() {
            words.push_str("; ");
        }
        words.push_str(text);
    }

    /// Another server answered.
    pub(in crate::proxy) fn overcome(self, upstream: &str, request_id: &str) {
        if let Some(words) = self.words {
            error!("request {request_id}: upstream {upstream}: {words}; another server answered");
        }
    }

    /// No server answered.
    pub(in crate::proxy) fn end(
        &mut self,
        upstream: &str,
        fault: Fault,
        outcome: Outcome,
    ) -> UpstreamFailure {
        let words = self.words.take();
        UpstreamFailure {
            fault,
            words: words.map(|words| format!("upstream {upstream}: {words}")),
            outcome,
        }
    }
}
