//! Any lines of `X-Forwarded-For` or `Forwarded` before the entry that a trusted proxy adds: that entry
//! decides. And whatever the lines are, a backend gets plain text of them.

use std::net::IpAddr;
use std::sync::LazyLock;

use countersign::config::ClientAddress;
use countersign::judge::Site;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::setup;

/// Who called the trusted proxy.
const CLIENT: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
/// The proxy.
const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
const STRANGER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 7));

/// A header, and the entries by which trusted proxies name the client in it.
struct Header {
    site: Site,
    name: HeaderName,
    entries: &'static [&'static str],
    /// What another trusted proxy adds behind one of them.
    behind: &'static str,
}

static HEADERS: LazyLock<[Header; 2]> = LazyLock::new(|| {
    [
        Header {
            site: site("X-Forwarded-For"),
            name: HeaderName::from_static("x-forwarded-for"),
            entries: &[
                "192.0.2.1",
                "192.0.2.1:4711",
                "::ffff:192.0.2.1",
                "[::ffff:192.0.2.1]:1",
            ],
            behind: "10.0.0.2",
        },
        Header {
            site: site("Forwarded"),
            name: HeaderName::from_static("forwarded"),
            entries: &[
                "for=192.0.2.1",
                "For=\"192.0.2.1:80\";proto=https",
                "by=10.0.0.1;for=192.0.2.1;host=\"a, for=198.51.100.1\"",
                "host=\"\\\", for=198.51.100.1;x=\\\"\\\\\";for=\"[::ffff:192.0.2.1]\"",
                "for=192.0.2.1;host=\"\\\\\"",
            ],
            behind: "for=\"10.0.0.2\"",
        },
    ]
});

fn site(header: &str) -> Site {
    setup::site_with(
        &format!("trusted_proxies = [\"10.0.0.0/8\"]\nclient_ip_header = \"{header}\"\n"),
        "[[route]]\nname = \"r\"\npath = \"/\"\nscheme = \"cheezeepay\"\nkeys = [\"k\"]\n\
         upstream = \"echo\"\n",
        include_bytes!("../../tests/vectors/cheezee_pub.pem"),
    )
}

/// Puts the lines before what trusted proxies add, on a line of its own and on the last of them.
pub fn check(text: &[u8]) {
    let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').take(20).collect();
    for header in &*HEADERS {
        let Some(before) = headers(&header.name, &lines) else {
            return;
        };
        let address = |peer, headers: &HeaderMap| header.site.client(&setup::tcp(peer), headers);
        address(PEER, &before);
        assert_eq!(address(STRANGER, &before), ClientAddress::Ip(STRANGER));
        let (last, first) = lines.split_last().unwrap();
        for entry in header.entries {
            let joined = [last, &b", "[..], entry.as_bytes()].concat();
            let own_line = [&lines[..], &[entry.as_bytes()]].concat();
            for lines in [[first, &[&joined[..]]].concat(), own_line] {
                for behind in [None, Some(header.behind.as_bytes())] {
                    let lines: Vec<&[u8]> = lines.iter().copied().chain(behind).collect();
                    let headers = headers(&header.name, &lines).unwrap();
                    assert_eq!(
                        address(PEER, &headers),
                        ClientAddress::Ip(CLIENT),
                        "{entry}"
                    );
                }
            }
        }
    }
    let all = headers(&HEADERS[0].name, &lines).unwrap();
    let head = setup::head(&Method::POST, b"/", &all, setup::tcp(PEER));
    let chain = HEADERS[0].site.forwarded_for(head);
    assert!(
        chain.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
        "{chain}"
    );
    assert!(
        chain == "10.0.0.1" || chain.ends_with(", 10.0.0.1"),
        "{chain}"
    );
}

/// `None` if no header can hold a line.
fn headers(name: &HeaderName, lines: &[&[u8]]) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(name, HeaderValue::from_bytes(line).ok()?);
    }
    Some(headers)
}
