//! The real client address of a request that came through trusted proxies.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::forwarded;
use super::peer::Peer;
use super::reported_address::address;
use crate::config::{ClientAddress, Networks};

/// The client's address: the peer's, or the one that trusted proxies report.
///
/// Each proxy appends the address that called it, so the search starts at the right, skips every
/// trusted address, and ends at the first other one. Anybody could have written what is to the left
/// of that; it is not read. An entry that names no address makes the client unknown; the proxy that
/// wrote the entry is not the client.
pub(super) fn real_address(
    peer: &Peer,
    trusted: &Networks,
    headers: &HeaderMap,
    name: &HeaderName,
) -> ClientAddress {
    // The fast path: no trusted proxy, nothing to search.
    if trusted.is_empty() || !peer.is_believed(trusted) {
        return peer.client();
    }
    let lines = headers.get_all(name).iter().rev();
    let lines = lines.map(HeaderValue::as_bytes);
    let client = if *name == header::FORWARDED {
        walk(trusted, lines.flat_map(forwarded::clients))
    } else {
        let entries = lines.flat_map(|line| entries(line).rev());
        walk(trusted, entries.map(address))
    };
    client.unwrap_or_else(|| peer.client())
}

/// The first address that is not trusted, or else the last; `None` if there are none.
fn walk(
    trusted: &Networks,
    entries: impl Iterator<Item = Option<IpAddr>>,
) -> Option<ClientAddress> {
    let mut client = None;
    for entry in entries {
        let Some(address) = entry else {
            return Some(ClientAddress::Unknown);
        };
        client = Some(ClientAddress::Ip(address));
        if !trusted.contains(Some(address)) {
            break;
        }
    }
    client
}

/// The non-empty elements of a line (RFC 9110, section 5.6.1.2), without surrounding white space.
pub(super) fn entries(line: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    let elements = line.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    elements.filter(|element| !element.is_empty())
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    fn networks() -> Networks {
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = std::fs::read_to_string("conf/countersign.toml").unwrap();
        let keys = format!("{}/conf/keys/", env!("CARGO_MANIFEST_DIR"));
        let text = text
            .replace("file = \"keys/", &format!("file = \"{keys}"))
            .replace(
                "\ntrusted_proxies = []",
                "\ntrusted_proxies = [\"10.0.0.0/8\", \"fd00::/8\", \"unix:\"]",
            );
        std::fs::write(file.path(), text).unwrap();
        crate::config::load(file.path())
            .unwrap()
            .config
            .trusted_proxies
    }

    fn client(peer: Option<&str>, name: &str, lines: &[&str]) -> String {
        let lines: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
        client_of(peer, name, &lines)
    }

    fn client_of(peer: Option<&str>, name: &str, lines: &[&[u8]]) -> String {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(&name, HeaderValue::from_bytes(line).unwrap());
        }
        let peer = peer.map(|peer| SocketAddr::new(peer.parse().unwrap(), 4711));
        real_address(&Peer::new(peer), &networks(), &headers, &name).to_string()
    }

    #[test]
    fn the_client_is_the_rightmost_address_that_is_not_trusted() {
        for (peer, lines, expected) in [
            // Nobody believes a stranger.
            (Some("192.0.2.1"), &["198.51.100.1"][..], "192.0.2.1"),
            (Some("10.0.0.1"), &[], "10.0.0.1"),
            (Some("10.0.0.1"), &["198.51.100.1"], "198.51.100.1"),
            (None, &["198.51.100.1"], "198.51.100.1"),
            // What is left of the first stranger is that stranger's invention.
            (
                Some("10.0.0.1"),
                &["203.0.113.9, 198.51.100.1"],
                "198.51.100.1",
            ),
            (
                Some("10.0.0.1"),
                &["203.0.113.9,198.51.100.1 , 10.9.9.9"],
                "198.51.100.1",
            ),
            (
                Some("10.0.0.1"),
                &["203.0.113.9", "198.51.100.1", "10.9.9.9"],
                "198.51.100.1",
            ),
            (Some("10.0.0.1"), &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            // Forms.
            (Some("10.0.0.1"), &["198.51.100.1:8080"], "198.51.100.1"),
            (
                Some("fd00::1"),
                &["2001:db8::1, [fd00::2]:443, [fd00::3]"],
                "2001:db8::1",
            ),
            (
                Some("10.0.0.1"),
                &["198.51.100.1, ::ffff:10.0.0.2"],
                "198.51.100.1",
            ),
            // Empty elements are none.
            (Some("10.0.0.1"), &["198.51.100.1,"], "198.51.100.1"),
            (
                Some("10.0.0.1"),
                &["198.51.100.1", " ,,\t, "],
                "198.51.100.1",
            ),
            (
                Some("10.0.0.1"),
                &["198.51.100.1,,10.0.0.2,"],
                "198.51.100.1",
            ),
            (Some("10.0.0.1"), &[""], "10.0.0.1"),
            // What is no address leaves the client unknown, and what is left of it is not looked at.
            (Some("10.0.0.1"), &["198.51.100.1, unknown"], "unknown"),
            (
                Some("10.0.0.1"),
                &["198.51.100.1, unknown, 10.0.0.2"],
                "unknown",
            ),
            (None, &["-"], "unknown"),
            (Some("10.0.0.1"), &["198.51.100.1 10.0.0.2"], "unknown"),
            (Some("10.0.0.1"), &["198.51.100.256"], "unknown"),
            (Some("10.0.0.1"), &["[198.51.100.1]"], "unknown"),
            (Some("10.0.0.1"), &["010.0.0.2"], "unknown"),
            (Some("10.0.0.1"), &["\u{661}98.51.100.1"], "unknown"),
            // Each entry counts alone.
            (Some("10.0.0.1"), &["é, 198.51.100.1"], "198.51.100.1"),
            (Some("10.0.0.1"), &["é", "198.51.100.1"], "198.51.100.1"),
            (Some("10.0.0.1"), &["é, 10.0.0.2"], "unknown"),
        ] {
            assert_eq!(
                client(peer, "x-forwarded-for", lines),
                expected,
                "{peer:?} {lines:?}"
            );
            assert_eq!(client(peer, "cf-connecting-ip", lines), expected);
        }
    }

    #[test]
    fn forwarded_is_parsed_as_rfc_7239_defines_it() {
        for (line, expected) in [
            ("for=198.51.100.1", "198.51.100.1"),
            (
                "For=\"198.51.100.1:80\";proto=https;by=10.0.0.1",
                "198.51.100.1",
            ),
            (
                "for=203.0.113.9, proto=https; for=198.51.100.1, for=10.0.0.2",
                "198.51.100.1",
            ),
            ("for=\"[2001:db8::1]:4711\"", "2001:db8::1"),
            (
                "host=\"a,for=203.0.113.9\";for=198.51.100.1",
                "198.51.100.1",
            ),
            ("host=\"\\\"\";for=198.51.100.1", "198.51.100.1"),
            ("for=198.51.100.1,", "198.51.100.1"),
            ("for=198.51.100.1 , ,\t", "198.51.100.1"),
            ("for=198.51.100.1;;proto=https;", "198.51.100.1"),
            ("for=198.51.100.1, for=unknown", "unknown"),
            ("for=198.51.100.1, for=_hidden, for=10.0.0.2", "unknown"),
            ("for=198.51.100.1, by=10.0.0.2", "unknown"),
            ("for=198.51.100.1;for=203.0.113.9", "unknown"),
            ("for=198.51.100.1, host=\"", "unknown"),
            ("198.51.100.1", "unknown"),
            ("for", "unknown"),
            ("", "10.0.0.1"),
            (",", "10.0.0.1"),
        ] {
            assert_eq!(
                client(Some("10.0.0.1"), "forwarded", &[line]),
                expected,
                "{line}"
            );
        }
    }

    #[test]
    fn malformed_bytes_invalidate_only_their_own_entry() {
        for byte in (b' '..=b'~').chain(0x80..=0xff).chain([b'\t']) {
            let before = [b"x", &[byte][..]].concat();
            let line = [&before, &b", 198.51.100.1"[..]].concat();
            let found = client_of(Some("10.0.0.1"), "x-forwarded-for", &[&line]);
            assert_eq!(found, "198.51.100.1", "{byte:#x}");
            let line = [&before, &b", for=198.51.100.1"[..]].concat();
            let found = client_of(Some("10.0.0.1"), "forwarded", &[&line]);
            assert_eq!(found, "198.51.100.1", "{byte:#x}");
        }
    }

    #[test]
    fn no_reported_address_is_believed_behind_a_balancer_that_names_no_client() {
        use crate::judge::ProxySource;
        let name = HeaderName::from_static("x-forwarded-for");
        let mut headers = HeaderMap::new();
        headers.append(&name, "198.51.100.1".parse().unwrap());
        for (unnamed, expected) in [
            (None, "198.51.100.1"),
            (Some(ProxySource::Balancer), "10.0.0.1"),
            (Some(ProxySource::Unnamed), "unknown"),
        ] {
            let peer = Peer {
                unnamed,
                ..Peer::new(Some("10.0.0.1:4711".parse().unwrap()))
            };
            let found = real_address(&peer, &networks(), &headers, &name);
            assert_eq!(found.to_string(), expected, "{unnamed:?}");
        }
    }
}
