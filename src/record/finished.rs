//! The record of a request that ended, and the list of facts about it.
//!
//! To add a fact, add its field to [`Finished`] and its entry to [`FACTS`], both in this file.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{HeaderName, HeaderValue, Method};

use super::client_address::Caller;
use super::fact::{Clock, Fact, FactValue, Line};
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
    /// `verified`, `rejected`, or `None` if there was no verdict.
    pub verdict: Option<&'static str>,
    /// The key that made the signature.
    pub key: Option<String>,
    /// The body field that could have been signed as others.
    pub ambiguous: Option<String>,
    /// The requested body fields, of a verified body, in the requested order.
    pub fields: Vec<Option<String>>,
    /// Whether it is a repeat, on routes that recognise repeats.
    pub once: Option<Code>,
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

/// All facts about a request, in the order of text and JSON lines. Each entry says how the fact is
/// read, under which names it is shown, and what it means.
#[rustfmt::skip]
pub static FACTS: &[Fact] = &[
    fact(|line| Some(FactValue::Utc(line.request.began())))
        .json("time").head("first")
        .means("when the request's header was complete, in UTC with milliseconds: `2026-11-24T23:32:31.123Z`"),
    fact(|line| Some(FactValue::Plain(&line.request.caller)))
        .json("client").head("after the time")
        .means("[the client's address](#the-clients-address) and its port, if that is known; \
             `unix:` on a Unix socket, `unknown` if a trusted proxy reports it unreadably"),
    fact(|line| Some(FactValue::Plain(&line.request.caller.address)))
        .variable("remote_addr")
        .means("[the client's address](#the-clients-address): `unix:` on a Unix socket, `unknown` \
             if a trusted proxy reports it unreadably"),
    fact(|line| number(line.request.caller.port?))
        .variable("remote_port")
        .means("its port, if that is known"),
    fact(|line| Some(FactValue::Plain(line.request.caller.peer.as_ref()?)))
        .named("peer").optional()
        .means("the peer that delivered the request, if the client is unknown"),
    fact(|_| None)
        .variable("remote_user")
        .means("always missing; only there for the combined format"),
    fact(|line| Some(FactValue::Local(line.request.ended(), Clock::Common)))
        .variable("time_local")
        .means("when the request ended: `24/Nov/2026:23:32:31 +0000`"),
    fact(|line| Some(FactValue::Local(line.request.ended(), Clock::Iso8601)))
        .variable("time_iso8601")
        .means("the same, as `2026-11-24T23:32:31+00:00`"),
    fact(|line| line.request.ended().duration_since(SystemTime::UNIX_EPOCH).ok().map(FactValue::Seconds))
        .variable("msec")
        .means("the same in seconds since 1970, with milliseconds"),
    fact(|line| {
        let request = line.request;
        let protocol = request.protocol().unwrap_or("-");
        Some(FactValue::Words([request.method()?.as_bytes(), request.target()?, protocol.as_bytes()]))
    })
        .variable("request")
        .means("method, target and protocol"),
    fact(|line| text(line.request.method()))
        .json("method").head("in quotes").variable("request_method").absent_as("-")
        .means("the method"),
    fact(|line| line.request.target().map(FactValue::Bytes))
        .json("target").head("in quotes").variable("request_uri").absent_as("-")
        .means("the target as received: the path and the query, of one in absolute form, too. A byte \
             that is not UTF-8 is `\\xD6`"),
    fact(|line| line.request.target()?.split(|byte| *byte == b'?').next().map(FactValue::Bytes))
        .variable("uri")
        .means("the target up to the query, as received"),
    fact(|line| {
        let target = line.request.target()?;
        let mark = target.iter().position(|byte| *byte == b'?')?;
        target.get(mark..)?.strip_prefix(b"?").map(FactValue::Bytes)
    })
        .variable("args")
        .means("the query"),
    fact(|line| text(line.request.protocol()))
        .json("protocol").head("in quotes").variable("server_protocol").absent_as("-")
        .means("`HTTP/1.0`, `HTTP/1.1` or `HTTP/2.0`"),
    fact(|line| text(Some(if line.request.tls { "https" } else { "http" })))
        .variable("request_scheme")
        .means("`http` or `https`"),
    fact(|line| number(line.request.status))
        .json("status").head("after the quotes").variable("status")
        .means("the status of the answer; 499 if the client disconnected first"),
    fact(|line| line.request.host().map(FactValue::Host))
        .everywhere("host").absent_as("")
        .means("the Host header, or its HTTP/2 counterpart; the variable has it in lower case and \
             without the port"),
    fact(|line| text(line.request.route.as_deref()))
        .everywhere("route")
        .means("the route that matched the request"),
    fact(|line| text(Some(&line.request.scheme.as_ref()?.name)))
        .everywhere("scheme")
        .means("the route's scheme (nginx's `$scheme` is `$request_scheme` here)"),
    fact(|line| text(line.request.key.as_deref()))
        .everywhere("key")
        .means("the key that made the signature"),
    fact(|line| text(line.request.verdict))
        .everywhere("verdict")
        .means("`verified` or `rejected`; missing if there was no verdict"),
    fact(|line| text(line.request.reason))
        .everywhere("reason")
        .means("why it was refused or failed ([reasons.md](reasons.md))"),
    fact(|line| text(line.request.at.as_deref()))
        .named("at").variable("reason_at")
        .means("the header, field or byte at fault"),
    fact(|line| text(line.request.detail.as_deref()))
        .named("detail").variable("reason_detail").optional()
        .means("more about a refusal, if there is more. `key_id:` and the unknown key id \
             (`key_unknown`), truncated after 64 characters; `skew:` and the difference between \
             the timestamp and this machine's clock (`timestamp_stale`, `timestamp_future`): \
             `skew:-412s` was signed 412 seconds ago"),
    fact(|line| text(Some(line.request.once?.name)))
        .everywhere("once")
        .means("whether it is a repeat, on routes that recognise repeats: `fresh`, `repeat`, \
             `in_flight`, `unavailable` (refused because the store is unavailable), `unchecked` \
             (passed although the store is unavailable)"),
    fact(|line| text(line.request.ambiguous.as_deref()))
        .everywhere("ambiguous").optional()
        .means("the body field that could have been signed as others \
             ([security.md](security.md#ambiguous-signed-content)), as `field:NAME`; or \
             `content` if the scheme sets `ambiguous_join`"),
    fact(|line| text(line.request.upstream.as_deref()))
        .named("upstream").variable("upstream_addr")
        .means("the server that answered, or the last one that was tried"),
    fact(|line| number(line.request.upstream_status?))
        .variable("upstream_status")
        .means("the status of the upstream's answer"),
    fact(|line| Some(FactValue::Seconds(line.request.duration)))
        .json("duration").text("time").variable("request_time")
        .means("seconds from the end of the request's header to the last byte of the answer"),
    fact(|line| line.request.read.map(FactValue::Brief))
        .named("read").variable("read_time")
        .means("seconds to read the body"),
    fact(|line| line.request.verify.map(FactValue::Brief))
        .named("verify").variable("verify_time")
        .means("seconds to verify the callback"),
    fact(|line| Some(FactValue::Number(line.request.decrypt?.values)))
        .everywhere("decrypted").optional()
        .means("how many values of the body were decrypted, on routes that decrypt"),
    fact(|line| Some(FactValue::Number(line.request.decrypt?.failed)))
        .everywhere("decrypt_failed").optional()
        .means("how many could not be"),
    fact(|line| Some(FactValue::Brief(line.request.decrypt?.time)))
        .named("decrypt").variable("decrypt_time").optional()
        .means("seconds to decrypt, including the wait for a turn"),
    fact(|line| line.request.upstream_connect.map(FactValue::Seconds))
        .variable("upstream_connect_time")
        .means("seconds to connect to the upstream"),
    fact(|line| line.request.upstream_time.map(FactValue::Seconds))
        .named("upstream_time").variable("upstream_response_time")
        .means("seconds from connecting to the upstream to the last byte of its answer"),
    fact(|line| Some(FactValue::Number(line.request.sizes.body_in)))
        .json("bytes_in").text("in").variable("body_bytes_received")
        .means("bytes of the request's body"),
    fact(|line| {
        let sizes = line.request.sizes;
        Some(FactValue::Number(sizes.body_in.saturating_add(sizes.header_in)))
    })
        .variable("request_length").of_header_sizes()
        .means("the same with the header, as HTTP/1 would encode it, without chunk framing"),
    fact(|line| Some(FactValue::Number(line.request.sizes.body_out)))
        .json("bytes_out").text("out").variable("body_bytes_sent")
        .means("bytes of the answer's body"),
    fact(|line| {
        let sizes = line.request.sizes;
        Some(FactValue::Number(sizes.body_out.saturating_add(sizes.header_out)))
    })
        .variable("bytes_sent").of_header_sizes()
        .means("the same with the header, as HTTP/1 would encode it, without chunk framing"),
    fact(|line| text(Some(&line.request.request_id)))
        .named("id").variable("request_id")
        .means("the id that the backend and the client were given"),
    fact(|line| line.sample_rate.map(FactValue::Share))
        .everywhere("sample_rate").optional()
        .means("the share of lines of this kind that is written, if `sample_success` is below 1"),
];

/// The facts that templates can use, by their variables.
pub fn variables() -> impl Iterator<Item = &'static Fact> {
    FACTS.iter().filter(|fact| fact.variable.is_some())
}

/// The fact with this variable.
#[must_use]
pub fn variable(name: &str) -> Option<&'static Fact> {
    FACTS.iter().find(|fact| fact.variable == Some(name))
}

/// Creates a fact from how it is read.
const fn fact(read: for<'r> fn(&Line<'r>) -> Option<FactValue<'r>>) -> Fact {
    Fact::new(read)
}

fn text(value: Option<&str>) -> Option<FactValue<'_>> {
    value.map(FactValue::Text)
}

#[allow(clippy::unnecessary_wraps, reason = "as a fact is read")]
fn number(value: u16) -> Option<FactValue<'static>> {
    Some(FactValue::Number(value.into()))
}
