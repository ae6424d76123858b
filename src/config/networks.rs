//! Sets of addresses.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::record::ClientAddress;

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
