//! Who sent the request, as far as trusted proxies report it.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// The client of a request, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientAddress {
    /// A client with this address, in its canonical form.
    Ip(IpAddr),
    /// A client on a Unix socket.
    Unix,
    /// A client whose address the trusted proxy did not report, or reported unreadably.
    #[default]
    Unknown,
}

impl ClientAddress {
    /// The IP address, if it has one.
    #[must_use]
    pub fn ip(self) -> Option<IpAddr> {
        match self {
            Self::Ip(address) => Some(address),
            Self::Unix | Self::Unknown => None,
        }
    }
}

/// As in logs, and in the `X-Forwarded-For` that a backend gets.
impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(address) => address.fmt(f),
            Self::Unix => f.write_str("unix:"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

/// Who sent the request, as far as trusted proxies report it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// The address.
    pub address: ClientAddress,
    /// The port, if it is known.
    pub port: Option<u16>,
    /// The peer that delivered the request, if its client is unknown.
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
