//! What a line can tell.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use http::HeaderMap;

use crate::config::ClientAddress;

/// Who called, as far as trusted proxies tell.
#[derive(Clone, Copy, Debug, Default)]
pub struct Caller {
    /// The address.
    pub address: ClientAddress,
    /// The port, where it is known.
    pub port: Option<u16>,
    /// Who brought the request, if its client is unknown.
    pub peer: Option<SocketAddr>,
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.address, self.port) {
            (ClientAddress::Ip(ip), Some(port)) => SocketAddr::new(ip, port).fmt(f),
            (address, _) => address.fmt(f),
        }
    }
}

/// What is known of a request when it ends. No body, no signature and no secret: `headers` are
/// there for those that a format names, and a configuration cannot name a signature's.
#[derive(Clone, Debug, Default)]
pub struct Entry<'a> {
    /// When it began.
    pub time: Option<SystemTime>,
    /// Who called.
    pub client: Caller,
    /// Whether it came over TLS.
    pub tls: bool,
    /// The method; none if the request could not be read, like all that is of its header.
    pub method: Option<&'a str>,
    /// The target as received.
    pub target: Option<&'a str>,
    /// `HTTP/1.1` and the like.
    pub protocol: Option<&'static str>,
    /// The Host header.
    pub host: Option<&'a str>,
    /// All headers.
    pub headers: Option<&'a HeaderMap>,
    /// The route that took it.
    pub route: Option<&'a str>,
    /// The route's scheme.
    pub scheme: Option<&'a str>,
    /// The key that made the signature.
    pub key: Option<&'a str>,
    /// `verified`, `rejected`, or none if there was no verdict.
    pub verdict: Option<&'static str>,
    /// Why it was refused or failed.
    pub reason: Option<&'static str>,
    /// The place that was at fault.
    pub at: Option<&'a str>,
    /// What else there is to say of a refusal.
    pub detail: Option<&'a str>,
    /// The body field that could have been signed as others.
    pub ambiguous: Option<&'a str>,
    /// Whether it is a repeat, where the route has that found out.
    pub once: Option<&'static str>,
    /// The status of the answer; 499 if the client went away first.
    pub status: u16,
    /// The server that answered, or the last one tried.
    pub upstream: Option<&'a str>,
    /// The status of its answer.
    pub upstream_status: Option<u16>,
    /// From the request's first byte to the answer's last.
    pub duration: Duration,
    /// Reading the body.
    pub read: Option<Duration>,
    /// Verifying.
    pub verify: Option<Duration>,
    /// How many values were decrypted; none where the route decrypts nothing.
    pub decrypted: Option<usize>,
    /// How many were not.
    pub decrypt_failed: Option<usize>,
    /// Decrypting, with the wait for a turn.
    pub decrypt: Option<Duration>,
    /// Connecting to the upstream.
    pub upstream_connect: Option<Duration>,
    /// Waiting for the upstream, from connecting to its last byte.
    pub upstream_time: Option<Duration>,
    /// Body bytes received.
    pub bytes_in: usize,
    /// Body bytes sent.
    pub bytes_out: usize,
    /// Bytes of the request's header.
    pub header_in: usize,
    /// Bytes of the answer's header.
    pub header_out: usize,
    /// The id that the backend and the client were given.
    pub request_id: &'a str,
    /// The body fields that the format names, of a verified body.
    pub fields: &'a [Option<String>],
}

impl Entry<'_> {
    pub(super) fn time(&self) -> SystemTime {
        self.time.unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

#[cfg(test)]
pub(super) mod samples {
    use super::*;

    /// What a client sends that wants to be taken for another line, or for another's.
    pub(crate) const HOSTILE: &str = "/\" 200 \r\nforged\u{1b}[31m\u{85}\\";

    /// A callback that was refused.
    pub(crate) fn refused<'a>(target: &'a str, host: &'a str) -> Entry<'a> {
        Entry {
            time: Some(SystemTime::UNIX_EPOCH),
            client: Caller {
                address: ClientAddress::Ip("192.0.2.1".parse().unwrap()),
                port: Some(4711),
                peer: None,
            },
            method: Some("POST"),
            target: Some(target),
            protocol: Some("HTTP/1.1"),
            host: Some(host),
            route: Some("shop"),
            scheme: Some("sgate"),
            verdict: Some("rejected"),
            reason: Some("signature_mismatch"),
            at: Some("field:a b"),
            status: 400,
            duration: Duration::from_micros(1234),
            read: Some(Duration::from_micros(7)),
            bytes_in: 512,
            bytes_out: 60,
            request_id: "0af",
            ..Entry::default()
        }
    }
}
