//! The record of a request that ended.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{HeaderName, HeaderValue, Method};

use super::client_address::Caller;
use crate::verify::Scheme;

/// What is known about a request when it ends: no body, signature or secret. The steps fill in what
/// they find out, so any fact may be missing.
#[derive(Clone, Debug, Default)]
pub struct Finished {
    /// The id that the backend and the client were given.
    pub request_id: String,
    /// When it began.
    pub time: Option<SystemTime>,
    /// From the end of its header to the last byte of its answer.
    pub duration: Duration,
    /// Who sent it.
    pub caller: Caller,
    /// Whether it arrived over TLS.
    pub tls: bool,
    /// Its header; of one that could not be read, what is legible.
    pub received: Option<ReceivedHead>,
    /// The sizes of the request and of its answer.
    pub sizes: Sizes,
    /// The name of the matching route.
    pub route: Option<Arc<str>>,
    /// The route's scheme.
    pub scheme: Option<Arc<Scheme>>,
    /// Time to read the body.
    pub read: Option<Duration>,
    /// Time to verify it.
    pub verify: Option<Duration>,
    /// `verified`, `rejected`, `would_reject`, `handshake`, or `None` if there was no verdict.
    pub verdict: Option<&'static str>,
    /// The key that made the signature.
    pub key: Option<String>,
    /// The body field that could have been signed as others.
    pub ambiguous: Option<String>,
    /// The requested body fields, of a verified body, in the requested order.
    pub fields: Vec<Option<String>>,
    /// Whether it is a repeat, on routes that recognise repeats.
    pub once: Option<Code>,
    /// What tells the callback from others, if the log shows it.
    pub identity: Option<String>,
    /// What was decrypted; `None` if the route decrypts nothing.
    pub decrypt: Option<Decrypted>,
    /// The server that answered, or the last one that was tried.
    pub upstream: Option<Arc<str>>,
    /// The status of that server's answer.
    pub upstream_status: Option<u16>,
    /// Time to connect to the upstream.
    pub upstream_connect: Option<Duration>,
    /// Time from connecting to the upstream to the last byte of its answer.
    pub upstream_time: Option<Duration>,
    /// The status of the answer; 499 if the client disconnected first.
    pub status: u16,
    /// What went wrong, apart from verification.
    pub fault: Option<Code>,
    /// Why it was refused or failed: the code of the rejection or the fault.
    pub reason: Option<&'static str>,
    /// The header, field or byte at fault.
    pub at: Option<String>,
    /// More about a refusal.
    pub detail: Option<String>,
}

/// A value of a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// Its index in the list.
    pub index: usize,
    /// Its name.
    pub name: &'static str,
}

/// The content of a request's header.
#[derive(Clone, Debug)]
pub struct ReceivedHead {
    /// The method.
    pub method: Method,
    /// The target as received, in whatever encoding.
    pub target: Vec<u8>,
    /// The protocol, such as `HTTP/1.1`.
    pub protocol: Option<&'static str>,
    /// The Host header, or its HTTP/2 counterpart.
    pub host: Option<HeaderValue>,
    /// The requested headers, each with its index in the request for them.
    pub headers: Vec<(usize, HeaderValue)>,
}

/// Bytes received and sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sizes {
    /// Bytes of the request body.
    pub body_in: usize,
    /// Bytes of the answer's body.
    pub body_out: usize,
    /// Bytes of the request header, if they were requested.
    pub header_in: usize,
    /// Bytes of the answer's header, if they were requested.
    pub header_out: usize,
}

/// Facts that cost something to keep, and are only kept on request.
#[derive(Clone, Copy, Debug, Default)]
pub struct WantedDetails<'w> {
    /// The headers for [`ReceivedHead::headers`].
    pub headers: &'w [HeaderName],
    /// Whether the sizes of headers are needed.
    pub header_sizes: bool,
}

/// The result of decrypting a callback's values.
#[derive(Clone, Copy, Debug)]
pub struct Decrypted {
    /// How many were decrypted.
    pub values: usize,
    /// How many could not be.
    pub failed: usize,
    /// How long it took, including the wait for its turn.
    pub time: Duration,
}

impl Finished {
    /// When it began.
    #[must_use]
    pub fn began(&self) -> SystemTime {
        self.time.unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// When it ended.
    #[must_use]
    pub fn ended(&self) -> SystemTime {
        let began = self.began();
        began.checked_add(self.duration).unwrap_or(began)
    }

    /// Whether it was a callback that was verified and accepted.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.verdict == Some("verified")
            && self.reason.is_none()
            && (200..300).contains(&self.status)
    }

    /// The method, if the header could be read.
    #[must_use]
    pub fn method(&self) -> Option<&str> {
        Some(self.received.as_ref()?.method.as_str())
    }

    /// The target as received.
    #[must_use]
    pub fn target(&self) -> Option<&[u8]> {
        Some(&self.received.as_ref()?.target)
    }

    /// The protocol, such as `HTTP/1.1`.
    #[must_use]
    pub fn protocol(&self) -> Option<&str> {
        self.received.as_ref()?.protocol
    }

    /// The host that the client named, unless it is empty.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        let host = self.received.as_ref()?.host.as_ref()?;
        host.to_str().ok().filter(|host| !host.is_empty())
    }
}
