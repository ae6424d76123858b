//! Sets of addresses.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use crate::record::ClientAddress;

/// Addresses and networks, as listed in the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks {
    pub(super) networks: Vec<IpNet>,
    /// Whether all peers on a Unix socket are included.
    pub(super) unix: bool,
}

/// Who may call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// If not empty, only these clients may call.
    pub allow: Networks,
    /// These clients may not call, even if `allow` contains them.
    pub deny: Networks,
}

impl Networks {
    /// Whether the set contains the address, which must be in canonical form; `None` stands for a
    /// peer on a Unix socket.
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

    /// Whether the set has every address of IPv4 or of IPv6, in one network or in parts.
    #[must_use]
    pub fn include_everybody(&self) -> bool {
        let merged = IpNet::aggregate(&self.networks);
        merged.iter().any(|network| network.prefix_len() == 0)
    }

    /// An address of the set, to stand for any of them; `None` if it has none.
    #[must_use]
    pub fn any_member(&self) -> Option<SocketAddr> {
        let network = self.networks.first()?;
        Some(SocketAddr::new(network.addr(), 0))
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.networks.is_empty() && !self.unix
    }
}

impl Access {
    /// Whether a client may call. An unknown client could be anyone, including somebody on `deny`
    /// or not on `allow`, so it may call only if both are empty.
    #[must_use]
    pub fn permits(&self, client: ClientAddress) -> bool {
        if client == ClientAddress::Unknown {
            return self.deny.is_empty() && self.allow.is_empty();
        }
        let address = client.ip();
        !self.deny.contains(address) && (self.allow.is_empty() || self.allow.contains(address))
    }
}
