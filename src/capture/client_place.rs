//! Where a client is among others: an address alone says little about who has it.

use core::net::IpAddr;

use crate::record::ClientAddress;

/// Clients that are counted together. The last level is one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ClientGroup {
    kind: ClientKind,
    level: u8,
    prefix: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum ClientKind {
    V4,
    V6,
    Unix,
    Unknown,
}

/// How many levels there are.
const LEVELS: u8 = 3;

impl ClientGroup {
    /// The groups that a client is in, the widest first: of IPv4 its /16, its /24 and itself, of IPv6 its /32,
    /// its /48 and its /64, which is one client. What one person can easily have many of, such as the networks
    /// of a /48, is then counted together.
    pub(super) fn of(client: ClientAddress) -> [Self; LEVELS as usize] {
        let (kind, bits, lengths) = match client {
            ClientAddress::Ip(IpAddr::V4(address)) => (
                ClientKind::V4,
                u64::from(address.to_bits()) << 32,
                [16, 24, 32],
            ),
            ClientAddress::Ip(IpAddr::V6(address)) => {
                // Half of the bits: the others are a client's own.
                let [network, _] = halves(address.to_bits());
                (ClientKind::V6, network, [32, 48, 64])
            }
            ClientAddress::Unix => (ClientKind::Unix, 0, [64; 3]),
            ClientAddress::Unknown => (ClientKind::Unknown, 0, [64; 3]),
        };
        let [widest, middle, client] = lengths;
        [(0, widest), (1, middle), (2, client)].map(|(level, length)| Self {
            kind,
            level,
            prefix: bits & mask(length),
        })
    }

    /// Whether it is one client.
    pub(super) const fn is_client(self) -> bool {
        self.level.saturating_add(1) == LEVELS
    }

    /// The least of all, for a range.
    pub(super) const LEAST: Self = Self {
        kind: ClientKind::V4,
        level: 0,
        prefix: 0,
    };

    /// The greatest of all.
    pub(super) const GREATEST: Self = Self {
        kind: ClientKind::Unknown,
        level: u8::MAX,
        prefix: u64::MAX,
    };
}

const fn halves(bits: u128) -> [u64; 2] {
    let [a, b, c, d, e, f, g, h, rest @ ..] = bits.to_be_bytes();
    [
        u64::from_be_bytes([a, b, c, d, e, f, g, h]),
        u64::from_be_bytes(rest),
    ]
}

const fn mask(length: u32) -> u64 {
    match u64::MAX.checked_shr(length) {
        Some(rest) => !rest,
        None => u64::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(address: &str) -> [ClientGroup; 3] {
        ClientGroup::of(ClientAddress::Ip(address.parse().unwrap()))
    }

    #[test]
    fn a_network_of_ipv6_is_one_client_and_its_neighbours_are_in_one_group() {
        let [wide, site, client] = groups("2001:db8:1:2::3");
        assert_eq!(groups("2001:db8:1:2:ffff::"), [wide, site, client]);
        let [wide2, site2, client2] = groups("2001:db8:1:3::3");
        assert_eq!((wide2, site2, client2 == client), (wide, site, false));
        let [wide3, site3, _] = groups("2001:db8:2:2::3");
        assert_eq!((wide3, site3 == site), (wide, false));
        assert_ne!(groups("2001:db9::")[0], wide);
        assert!(client.is_client() && !site.is_client() && !wide.is_client());
    }

    #[test]
    fn an_address_of_ipv4_is_a_client() {
        let [wide, site, client] = groups("192.0.2.1");
        let [wide2, site2, client2] = groups("192.0.2.2");
        assert_eq!((wide2, site2, client2 == client), (wide, site, false));
        assert_ne!(groups("192.0.3.1")[1], site);
        assert_ne!(groups("192.1.2.1")[0], wide);
        let [unix, unknown] = [ClientAddress::Unix, ClientAddress::Unknown].map(ClientGroup::of);
        assert_ne!(unix, unknown);
    }
}
