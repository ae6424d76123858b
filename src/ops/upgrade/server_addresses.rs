//! The addresses of servers' names that the process before knows. The new one may start while no name
//! server answers, and must not lose callbacks that the old one could deliver.

use std::net::SocketAddr;

/// The environment variable with them.
pub(super) const ADDRESSES: &str = "COUNTERSIGN_ADDRESSES";

/// The longest text in it: the system limits a variable to 128 KiB.
const MAX: usize = 100_000;

/// The addresses that the name of one server has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerAddresses {
    /// The name of the upstream.
    pub upstream: String,
    /// The server, as configured.
    pub server: String,
    /// At least one.
    pub addresses: Vec<SocketAddr>,
}

impl ServerAddresses {
    /// Each on a line, as far as there is room; the others are looked up.
    pub(super) fn write(all: &[Self]) -> String {
        let mut text = String::new();
        for one in all {
            let addresses: Vec<_> = one.addresses.iter().map(SocketAddr::to_string).collect();
            let line = format!(
                "{}\t{}\t{}\n",
                one.upstream,
                one.server,
                addresses.join(",")
            );
            let is_plain = line.matches(['\t', '\n', '\0']).count() == 3;
            if is_plain && text.len().saturating_add(line.len()) <= MAX {
                text.push_str(&line);
            }
        }
        text
    }

    /// Leaves out what is not such a line.
    pub(super) fn read(text: &str) -> Vec<Self> {
        text.lines().filter_map(Self::of_line).collect()
    }

    fn of_line(line: &str) -> Option<Self> {
        let mut parts = line.split('\t');
        let (upstream, server, addresses) = (parts.next()?, parts.next()?, parts.next()?);
        let addresses: Result<Vec<_>, _> = addresses.split(',').map(str::parse).collect();
        Some(Self {
            upstream: upstream.to_owned(),
            server: server.to_owned(),
            addresses: addresses.ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(server: &str) -> ServerAddresses {
        ServerAddresses {
            upstream: "shop".to_owned(),
            server: server.to_owned(),
            addresses: vec![
                "192.0.2.1:80".parse().unwrap(),
                "[2001:db8::1]:80".parse().unwrap(),
            ],
        }
    }

    #[test]
    fn what_is_written_is_read_as_far_as_there_is_room() {
        let all = vec![one("shop.test:80"), one("https://shop.test:443")];
        assert_eq!(ServerAddresses::read(&ServerAddresses::write(&all)), all);
        let many = vec![one("shop.test:80"); 10_000];
        let text = ServerAddresses::write(&many);
        assert!(text.len() <= MAX);
        assert_eq!(ServerAddresses::read(&text)[0], many[0]);
        assert_eq!(ServerAddresses::write(&[one("a\tb")]), "");
        for text in ["", "\n", "a\tb\tc", "a\tb", "a\tb\t"] {
            assert_eq!(ServerAddresses::read(text), []);
        }
    }
}
