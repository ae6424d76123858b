//! Which host names may request the pages that not every browser may see.
//!
//! A web page can make its own name resolve to 127.0.0.1, and then read whatever is served there as
//! if it were its own (DNS rebinding). Its requests carry that name in `Host`. They cannot carry
//! the address itself, nor `localhost`, nor a name without a dot, which no public server resolves.

use std::net::{IpAddr, Ipv6Addr};

/// Whether no web page can have sent a request with this Host.
pub(super) fn is_ours(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => {
            let address = rest.split_once(']').map(|(address, _)| address);
            return address.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok());
        }
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_local =
        |name: &str| !name.contains('.') || name.to_ascii_lowercase().ends_with(".localhost");
    name.parse::<IpAddr>().is_ok() || is_local(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names_without_a_dot_are_local_hosts() {
        for host in [
            "127.0.0.1",
            "127.0.0.1:9180",
            "10.1.2.3:9180",
            "[::1]",
            "[::1]:9180",
            "localhost",
            "LOCALHOST:9180",
            "localhost.:9180",
            "a.localhost",
            "countersign:9180",
            "",
        ] {
            assert!(is_ours(host), "{host}");
        }
        for host in [
            "example.com",
            "example.com:9180",
            "example.com.",
            "127.0.0.1.example.com:9180",
            "localhost.example:9180",
            "evillocalhost.example",
            "[example.com]:9180",
            "[::1",
        ] {
            assert!(!is_ours(host), "{host}");
        }
    }
}
