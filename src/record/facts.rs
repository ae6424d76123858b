//! The list of facts about a request.
//!
//! To add a fact, add its field to [`Finished`](super::Finished) and its entry to [`FACTS`].

use std::time::SystemTime;

use super::fact::{Clock, Fact, FactValue, Line};

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
        .means("the target as received: the path and the query, of one in absolute form, too. `[...]` \
             stands for [signatures and tokens](schemes.md#what-the-signature-covers). A byte that is not \
             UTF-8 is `\\xD6`"),
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
        .means("`verified`, `rejected`, `would_reject` in report mode, or `handshake` if it is one and was answered; missing if there was no verdict"),
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
    fact(|line| text(line.request.identity.as_deref()))
        .everywhere("identity").optional()
        .means("what tells the callback from others, for [`countersign once`](operations.md#the-control-socket): \
             with `control`, on routes that recognise repeats, unless a secret is a part of what was signed, \
             which a digest could give away"),
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
