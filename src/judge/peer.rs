//! The other end of a connection.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use crate::config::{ClientAddress, Networks};

/// The other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// None on a Unix socket.
    pub address: Option<SocketAddr>,
    /// Whether it came over TLS.
    pub tls: bool,
    /// Set if a load balancer is the other end, and hands on a connection without an address.
    pub unnamed: Option<ProxySource>,
}

impl Peer {
    /// A peer that spoke no PROXY protocol.
    #[must_use]
    pub const fn new(address: Option<SocketAddr>) -> Self {
        Self {
            address,
            tls: false,
            unnamed: None,
        }
    }

    /// The address alone; an IPv4 address is one, however the socket shows it.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        self.address.map(|address| address.ip().to_canonical())
    }

    /// Whose the connection is, as far as that is known without any header of a request.
    #[must_use]
    pub fn client(&self) -> ClientAddress {
        match (self.unnamed, self.ip()) {
            (Some(ProxySource::Unnamed), _) => ClientAddress::Unknown,
            (_, Some(address)) => ClientAddress::Ip(address),
            (_, None) => ClientAddress::Unix,
        }
    }

    /// Whether what its requests say of their way here is believed. Behind a balancer that names no client
    /// it is not: the balancer is trusted, but whoever wrote the request need not be.
    #[must_use]
    pub fn is_believed(&self, trusted_proxies: &Networks) -> bool {
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

/// Whose a connection is that a load balancer hands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxySource {
    /// A client's with this address.
    Client(SocketAddr),
    /// The balancer's own, to find out whether anybody is here.
    Balancer,
    /// Somebody's whom the balancer does not name, or not by an IP address.
    Unnamed,
}
