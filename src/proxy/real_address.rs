//! Which address a request really comes from, behind proxies that are trusted to say so.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, header};

use crate::config::Networks;

/// The client's address: the peer's, or what trusted proxies say.
///
/// Each proxy adds the address that called it at the right, so the walk goes from there, past every
/// address that is trusted itself, to the first that is not. What is left of that one anybody could
/// have written. An entry that is no address ends the walk: the proxy that wrote it is the client
/// then. `None` is somebody on a Unix socket.
pub(super) fn real_address(
    peer: Option<IpAddr>,
    trusted: &Networks,
    headers: &HeaderMap,
    name: &HeaderName,
) -> Option<IpAddr> {
    let mut client = peer;
    // Few requests come from a trusted proxy where none is configured.
    if trusted.is_empty() || !trusted.contains(client) {
        return client;
    }
    let is_forwarded = *name == header::FORWARDED;
    for line in headers.get_all(name).iter().rev() {
        let Ok(line) = line.to_str() else {
            return client;
        };
        let entries = if is_forwarded {
            elements(line)
        } else {
            line.rsplit(',').map(address).collect()
        };
        for entry in entries {
            let Some(address) = entry else {
                return client;
            };
            client = Some(address);
            if !trusted.contains(client) {
                return client;
            }
        }
    }
    client
}

/// The `for` of each element of a `Forwarded` line (RFC 7239), from the right.
fn elements(line: &str) -> Vec<Option<IpAddr>> {
    let Some(elements) = split_outside_quotes(line, ',') else {
        return vec![None];
    };
    elements.into_iter().rev().map(forwarded_for).collect()
}

fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut found = None;
    for pair in split_outside_quotes(element, ';')? {
        let (name, value) = pair.trim().split_once('=')?;
        if !name.eq_ignore_ascii_case("for") {
            continue;
        }
        if found.is_some() {
            return None;
        }
        // An IPv6 address stands in quotes; escapes have no place in an address.
        let quoted = value
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        found = Some(address(quoted.unwrap_or(value))?);
    }
    found
}

/// `None` if a quote is not closed.
fn split_outside_quotes(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut quoted, mut escaped) = (false, false);
    let parts = text
        .split(|c| {
            let was_escaped = std::mem::take(&mut escaped);
            match c {
                '"' if !was_escaped => quoted = !quoted,
                '\\' if quoted && !was_escaped => escaped = true,
                _ => {}
            }
            !quoted && c == separator
        })
        .collect();
    (!quoted).then_some(parts)
}

/// An address with or without a port, an IPv6 address with or without brackets.
fn address(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim_matches([' ', '\t']);
    let bare = entry
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let address = match bare {
        Some(bare) => IpAddr::V6(bare.parse().ok()?),
        None => entry
            .parse()
            .or_else(|_| entry.parse().map(|with_port: SocketAddr| with_port.ip()))
            .ok()?,
    };
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
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
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(&name, line.parse().unwrap());
        }
        let peer = peer.map(|peer| peer.parse().unwrap());
        let address = real_address(peer, &networks(), &headers, &name);
        address.map_or("unix:".to_owned(), |address| address.to_string())
    }

    #[test]
    fn walks_from_the_right_past_trusted_addresses() {
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
            // What is no address ends the walk.
            (Some("10.0.0.1"), &["198.51.100.1, unknown"], "10.0.0.1"),
            (
                Some("10.0.0.1"),
                &["198.51.100.1, unknown, 10.0.0.2"],
                "10.0.0.2",
            ),
            (Some("10.0.0.1"), &["198.51.100.1,"], "10.0.0.1"),
            (Some("10.0.0.1"), &[""], "10.0.0.1"),
            (Some("10.0.0.1"), &["198.51.100.1 10.0.0.2"], "10.0.0.1"),
            (Some("10.0.0.1"), &["198.51.100.256"], "10.0.0.1"),
            (Some("10.0.0.1"), &["[198.51.100.1]"], "10.0.0.1"),
            (Some("10.0.0.1"), &["010.0.0.2"], "10.0.0.1"),
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
    fn reads_forwarded_as_its_rfc_has_it() {
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
            ("for=198.51.100.1, for=unknown", "10.0.0.1"),
            ("for=198.51.100.1, for=_hidden, for=10.0.0.2", "10.0.0.2"),
            ("for=198.51.100.1, by=10.0.0.2", "10.0.0.1"),
            ("for=198.51.100.1;for=203.0.113.9", "10.0.0.1"),
            ("for=198.51.100.1, host=\"", "10.0.0.1"),
            ("198.51.100.1", "10.0.0.1"),
            ("for", "10.0.0.1"),
            ("", "10.0.0.1"),
        ] {
            assert_eq!(
                client(Some("10.0.0.1"), "forwarded", &[line]),
                expected,
                "{line}"
            );
        }
    }
}
