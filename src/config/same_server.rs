//! Which routes a server cannot tell apart by the Host that it gets.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use super::model::{
    Endpoint, HostPattern, Route, SentHost, Upstream, UpstreamServer, UpstreamTarget,
};

/// What stands for a server, wherever it is listed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ServerIdentity {
    /// An address that other machines have, too.
    Address(IpAddr, u16),
    /// This port of the machine itself, whichever of its own addresses leads there.
    Local(u16),
    /// Host and port, in lower case: its addresses may be others tomorrow.
    Name(String),
    /// A Unix socket.
    Socket(PathBuf),
}

impl ServerIdentity {
    /// All that stand for the servers of an upstream.
    pub fn all_of(upstream: &Upstream) -> impl Iterator<Item = Self> {
        servers(upstream).iter().flat_map(|server| {
            let (name, addresses, socket) = match &server.endpoint {
                Endpoint::Inet { host, addresses } => (host.as_ref(), &addresses[..], None),
                Endpoint::Unix(path) => (None, &[][..], Some(path)),
            };
            let name = name.map(|name| match name.rsplit_once(':') {
                Some((host, port)) => Self::Name(format!("{}:{port}", bare_host(host))),
                None => Self::Name(bare_host(name)),
            });
            let addresses = addresses.iter().copied().map(Self::of_address);
            let socket = socket.map(|path| Self::of_socket(path));
            name.into_iter().chain(addresses).chain(socket)
        })
    }

    /// What stands for whatever has this address.
    #[must_use]
    pub fn of_address(address: SocketAddr) -> Self {
        let (ip, port) = (address.ip().to_canonical(), address.port());
        match ip.is_loopback() || ip.is_unspecified() {
            true => Self::Local(port),
            false => Self::Address(ip, port),
        }
    }

    /// What stands for whatever listens on this socket.
    #[must_use]
    pub fn of_socket(path: &Path) -> Self {
        Self::Socket(path.components().collect())
    }
}

fn servers(upstream: &Upstream) -> &[UpstreamServer] {
    match &upstream.target {
        UpstreamTarget::Echo => &[],
        UpstreamTarget::Servers(servers) => servers,
    }
}

/// The Hosts that a route's servers can get.
#[must_use]
pub fn sent_hosts(route: &Route) -> Vec<HostPattern> {
    match &route.upstream.host {
        SentHost::Client => vec![route.host.clone()],
        SentHost::Name(name) => vec![HostPattern::Exact(bare_host(name))],
        SentHost::Server => {
            let own = servers(&route.upstream).iter().map(own_host);
            own.map(HostPattern::Exact).collect()
        }
    }
}

fn own_host(server: &UpstreamServer) -> String {
    match (&server.tls, &server.endpoint) {
        (Some(tls), _) => bare_host(&tls.name.to_str()),
        (
            None,
            Endpoint::Inet {
                host: Some(host), ..
            },
        ) => bare_host(host),
        (None, Endpoint::Inet { addresses, .. }) => {
            let ip = addresses.first().map(|address| address.ip().to_string());
            ip.unwrap_or_default()
        }
        (None, Endpoint::Unix(_)) => "localhost".to_owned(),
    }
}

/// Whether one of these Hosts can also be one of those.
#[must_use]
pub fn can_be_equal(these: &[HostPattern], those: &[HostPattern]) -> bool {
    use HostPattern::{Any, Exact, Suffix};
    let is_both = |one: &HostPattern, other: &HostPattern| match (one, other) {
        (Any, _) | (_, Any) => true,
        (Exact(one), Exact(other)) => one == other,
        (Exact(host), Suffix(end)) | (Suffix(end), Exact(host)) => host.ends_with(&**end),
        (Suffix(one), Suffix(other)) => one.ends_with(&**other) || other.ends_with(&**one),
    };
    let is_any = |one: &HostPattern| those.iter().any(|other| is_both(one, other));
    these.iter().any(is_any)
}

/// The host name of a Host header: in lower case, without the port and the DNS root's dot.
#[must_use]
pub fn bare_host(host: &str) -> String {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_compared_without_case_port_and_trailing_dot() {
        for (header, host) in [
            ("Pay.Example.com:8080", "pay.example.com"),
            ("pay.example.com.", "pay.example.com"),
            ("[::1]:80", "[::1]"),
            ("[::1]", "[::1]"),
            ("host:", "host"),
            ("", ""),
        ] {
            assert_eq!(bare_host(header), host);
        }
    }

    #[test]
    fn patterns_that_have_a_host_in_common() {
        let pattern = |text: &str| match text.strip_prefix('*') {
            _ if text.is_empty() => HostPattern::Any,
            Some(end) => HostPattern::Suffix(end.to_owned()),
            None => HostPattern::Exact(text.to_owned()),
        };
        for (one, other, expected) in [
            ("", "a.example", true),
            ("a.example", "a.example", true),
            ("a.example", "b.example", false),
            ("*.example", "a.example", true),
            ("*.example", "example", false),
            ("*.example", "*.b.example", true),
            ("*.a.example", "*.b.example", false),
        ] {
            let [one, other] = [one, other].map(|text| vec![pattern(text)]);
            assert_eq!(can_be_equal(&one, &other), expected, "{one:?} {other:?}");
            assert_eq!(can_be_equal(&other, &one), expected, "{one:?} {other:?}");
        }
    }
}
