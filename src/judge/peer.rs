//! The other end of a connection.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use crate::config::{ClientAddress, Networks};

/// The other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// None on a Unix socket.
    pub address: Option<SocketAddr>,
    /// Whether the connection uses TLS.
    pub tls: bool,
    /// Set if the other end is a load balancer that passed the connection on without an address.
    pub unnamed: Option<ProxySource>,
}

impl Peer {
    /// A peer without a PROXY header.
    #[must_use]
    pub const fn new(address: Option<SocketAddr>) -> Self {
        Self {
            address,
            tls: false,
            unnamed: None,
        }
    }

    /// The address alone. An IPv4-mapped address becomes an IPv4 address.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        self.address.map(|address| address.ip().to_canonical())
    }

    /// The client of the connection, as far as it is known without any request header.
    #[must_use]
    pub fn client(&self) -> ClientAddress {
        match (self.unnamed, self.ip()) {
            (Some(ProxySource::Unnamed), _) => ClientAddress::Unknown,
            (_, Some(address)) => ClientAddress::Ip(address),
            (_, None) => ClientAddress::Unix,
        }
    }

    /// Whether headers in which its requests report their origin are believed. Behind a balancer
    /// that names no client they are not: the balancer is trusted, but the sender of the request
    /// need not be.
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

/// The client of a connection that a load balancer passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxySource {
    /// A client with this address.
    Client(SocketAddr),
    /// The balancer itself, which checks the health of this server.
    Balancer,
    /// A client that the balancer does not name, or not by an IP address.
    Unnamed,
}
