//! Lists of addresses and networks.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::config::networks::{Access, Networks};
use crate::config::reader::{Table, Text, Value, quote};

/// Who may call a route that has no lists of its own; `None` for lists with an error.
#[derive(Debug)]
pub(super) struct DefaultAccess {
    allow: Option<Networks>,
    deny: Option<Networks>,
}

pub(super) fn default_access(top: &Table<'_>) -> DefaultAccess {
    let list = |key: &str| top.read(key, networks);
    DefaultAccess {
        allow: list("allow"),
        deny: list("deny"),
    }
}

/// Who may call a route. Each of its lists replaces the default one.
pub(super) fn access(route: &Table<'_>, default: &DefaultAccess) -> Option<Access> {
    let list = |key: &str, default: &Option<Networks>| match route
        .optional(key, |value| networks(value))
    {
        Some(None) => default.clone(),
        Some(list) => list,
        None => None,
    };
    let (allow, deny) = (list("allow", &default.allow), list("deny", &default.deny));
    Some(Access {
        allow: allow?,
        deny: deny?,
    })
}

/// Addresses, networks in CIDR notation without host bits, and `"unix:"`.
pub(super) fn networks(value: Value<'_>) -> Option<Networks> {
    let members = value.list_of(member)?;
    Some(Networks {
        unix: members.contains(&None),
        networks: members.into_iter().flatten().collect(),
    })
}

fn member(value: Value<'_>) -> Option<Option<IpNet>> {
    let text = value.text()?;
    if text.text == "unix:" {
        return Some(None);
    }
    // Peers are compared in canonical form, in which an IPv4-mapped address is an IPv4 address.
    if let Ok(address) = text.text.parse::<IpAddr>() {
        return host(text, address.to_canonical());
    }
    let Ok(network) = text.text.parse::<IpNet>() else {
        return text
            .error(
                "invalid network",
                format!("{} is neither an address nor a network", quote(text.text)),
            )
            .help("write an address or a network: \"127.0.0.1\", \"10.0.0.0/8\", \"fd00::/8\"")
            .report();
    };
    if let Some(v4) = ipv4_mapped(network) {
        return text
            .error(
                "invalid network",
                "IPv4 addresses are compared as such, never as IPv4-mapped IPv6",
            )
            .help(match v4.prefix_len() {
                0 => "this would be every IPv4 address: list the addresses or networks that you \
                      mean, as IPv4: \"10.0.0.0/8\""
                    .to_owned(),
                _ => format!("write \"{v4}\""),
            })
            .report();
    }
    if network.trunc() != network {
        return text
            .error(
                "invalid network",
                format!(
                    "the address has bits set after the first {}",
                    network.prefix_len()
                ),
            )
            .help(format!(
                "write \"{}\" for the network, or \"{}\" for the single host",
                network.trunc(),
                network.addr()
            ))
            .report();
    }
    if network.prefix_len() == network.max_prefix_len() {
        return host(text, network.addr());
    }
    Some(Some(network))
}

/// The address of one host.
fn host(text: Text<'_>, address: IpAddr) -> Option<Option<IpNet>> {
    if !address.is_unspecified() {
        return Some(Some(address.into()));
    }
    text.error(
        "invalid address",
        "no peer has this address; only where a socket listens does it mean every address",
    )
    .help("list the addresses or networks that you mean: \"127.0.0.1\", \"10.0.0.0/8\"")
    .report()
}

/// A network of IPv4-mapped addresses, as IPv4, without host bits.
fn ipv4_mapped(network: IpNet) -> Option<IpNet> {
    let IpAddr::V6(address) = network.addr() else {
        return None;
    };
    let length = network.prefix_len().checked_sub(96)?;
    let v4 = IpNet::new(address.to_ipv4_mapped()?.into(), length).ok()?;
    Some(v4.trunc())
}
