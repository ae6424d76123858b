//! Who called, and what a trusted proxy in front says of it.

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, HeaderValue, header};
use pingora::http::RequestHeader;

use super::proxy_header::ProxySource;
use super::real_address;
use super::refusal::Fault;
use crate::config::{ClientAddress, Networks, Route, SignedTarget};

/// Who called.
pub(super) struct Client<'a> {
    peer: Peer,
    trusted: bool,
    request: &'a RequestHeader,
    request_id: &'a str,
}

/// The other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer {
    /// None on a Unix socket.
    pub(super) address: Option<SocketAddr>,
    /// Whether it came over TLS.
    pub(super) tls: bool,
    /// Set if a load balancer is the other end, and hands on a connection without an address.
    pub(super) unnamed: Option<ProxySource>,
}

impl Peer {
    /// A peer that spoke no PROXY protocol.
    pub(super) const fn new(address: Option<SocketAddr>) -> Self {
        Self {
            address,
            tls: false,
            unnamed: None,
        }
    }

    /// The address alone; an IPv4 address is one, however the socket shows it.
    pub(super) fn ip(&self) -> Option<IpAddr> {
        self.address.map(|address| address.ip().to_canonical())
    }

    /// Whose the connection is, as far as that is known without any header of a request.
    pub(super) fn client(&self) -> ClientAddress {
        match (self.unnamed, self.ip()) {
            (Some(ProxySource::Unnamed), _) => ClientAddress::Unknown,
            (_, Some(address)) => ClientAddress::Ip(address),
            (_, None) => ClientAddress::Unix,
        }
    }

    /// Whether what its requests say of their way here is believed. Behind a balancer that names no client
    /// it is not: the balancer is trusted, but whoever wrote the request need not be.
    pub(super) fn is_believed(&self, trusted_proxies: &Networks) -> bool {
        self.unnamed.is_none() && trusted_proxies.contains(self.ip())
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            Some(address) => address.fmt(f),
            None => f.write_str("unix:"),
        }
    }
}

impl<'a> Client<'a> {
    pub(super) fn new(
        peer: Peer,
        trusted_proxies: &Networks,
        request: &'a RequestHeader,
        request_id: &'a str,
    ) -> Self {
        Self {
            peer,
            trusted: peer.is_believed(trusted_proxies),
            request,
            request_id,
        }
    }

    pub(super) fn request_id(&self) -> &str {
        self.request_id
    }

    /// Whether the peer is a proxy whose word counts.
    pub(super) fn is_trusted(&self) -> bool {
        self.trusted
    }

    /// The Host header, or HTTP/2's `:authority`.
    pub(super) fn host(&self) -> Option<&'a str> {
        host(self.request)
    }

    /// The target that the provider called and signed.
    pub(super) fn signed_target(&self, route: &Route) -> Result<Cow<'a, [u8]>, Fault> {
        let received = self.request.raw_path();
        match &route.signed_target {
            SignedTarget::AsReceived => Ok(received.into()),
            SignedTarget::Prefixed(prefix) => Ok([prefix.as_bytes(), received].concat().into()),
            SignedTarget::FromHeader(_) if !self.trusted => Err(Fault::OriginalTargetUntrusted),
            SignedTarget::FromHeader(name) => original_target(&self.request.headers, name),
        }
    }

    /// The addresses a trusted proxy reports, then the peer's own. What no backend should have to read
    /// is `unknown`, as proxies call a client that they do not name.
    pub(super) fn forwarded_for(&self) -> String {
        let mut all = String::new();
        let believed = self.trusted.then_some(&self.request.headers);
        for entry in believed
            .into_iter()
            .flat_map(|headers| headers.get_all("x-forwarded-for"))
            .flat_map(|line| real_address::entries(line.as_bytes()))
        {
            let plain = entry.iter().all(|byte| matches!(byte, b' '..=b'~'));
            let entry = std::str::from_utf8(entry).ok().filter(|_| plain);
            all.push_str(entry.unwrap_or("unknown"));
            all.push_str(", ");
        }
        // Writing to memory cannot fail.
        let _ = write!(all, "{}", self.peer.client());
        all
    }

    /// `http` or `https`, as the provider called.
    pub(super) fn forwarded_proto(&self) -> String {
        let own = if self.peer.tls { "https" } else { "http" };
        self.reported("x-forwarded-proto")
            .unwrap_or_else(|| own.to_owned())
    }

    /// The host the provider called.
    pub(super) fn forwarded_host(&self) -> Option<String> {
        self.reported("x-forwarded-host")
            .or_else(|| self.host().map(str::to_owned))
    }

    /// A header of a trusted proxy; its lines joined, as they mean a list.
    fn reported(&self, name: &str) -> Option<String> {
        if !self.trusted {
            return None;
        }
        let values: Vec<&str> = self
            .request
            .headers
            .get_all(name)
            .iter()
            .filter_map(|v| v.to_str().ok())
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    }
}

/// The Host header, or HTTP/2's `:authority`.
pub(super) fn host(request: &RequestHeader) -> Option<&str> {
    match request.headers.get(header::HOST) {
        Some(host) => host.to_str().ok(),
        None => request.uri.authority().map(|authority| authority.as_str()),
    }
}

/// The same as a value that needs no copy, where a header has it.
pub(super) fn host_value(request: &RequestHeader) -> Option<HeaderValue> {
    match request.headers.get(header::HOST) {
        Some(host) => Some(host.clone()),
        None => HeaderValue::from_str(request.uri.authority()?.as_str()).ok(),
    }
}

fn original_target<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Cow<'a, [u8]>, Fault> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) if !value.is_empty() => Ok(value.as_bytes().into()),
        (_, Some(_)) => Err(Fault::OriginalTargetRepeated),
        _ => Err(Fault::OriginalTargetMissing),
    }
}
