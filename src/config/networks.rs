//! Sets of addresses.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

/// Whose a request is, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientAddress {
    /// A client with this address, in its canonical form.
    Ip(IpAddr),
    /// A client on a Unix socket.
    Unix,
    /// A client that a trusted proxy does not name, or not in a way that can be read.
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

/// Addresses and networks, as lists of the configuration name them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks {
    pub(super) networks: Vec<IpNet>,
    /// Whether everybody on a Unix socket is among them.
    pub(super) unix: bool,
}

/// Who may call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// If not empty, nobody else.
    pub allow: Networks,
    /// These not, whatever else is said.
    pub deny: Networks,
}

impl Networks {
    /// Whether an address is among them, in its canonical form; `None` is somebody on a Unix
    /// socket.
    #[must_use]
    pub fn contains(&self, address: Option<IpAddr>) -> bool {
        match address {
            Some(address) => self
                .networks
                .iter()
                .any(|network| network.contains(&address)),
            None => self.unix,
        }
    }

    /// Whether nobody is among them.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.networks.is_empty() && !self.unix
    }
}

impl Access {
    /// Whether a client may call. An unknown one may be anybody, also somebody who is on `deny` or not
    /// on `allow`.
    #[must_use]
    pub fn permits(&self, client: ClientAddress) -> bool {
        if client == ClientAddress::Unknown {
            return self.deny.is_empty() && self.allow.is_empty();
        }
        let address = client.ip();
        !self.deny.contains(address) && (self.allow.is_empty() || self.allow.contains(address))
    }
}
