//! The PROXY protocol, which names the client behind a load balancer.

use crate::support::signer::Signer;
use crate::support::tls::{Authority, Hello};
use crate::support::{Callback, Client, Origin, Proxy, Setup};

const V1: &[u8] = b"PROXY TCP4 198.51.100.1 203.0.113.1 5555 443\r\n";

/// Version 2, TCP over IPv6, with a TLV that says that TLS ended at the load balancer.
const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x2c\
    \x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\
    \x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02\
    \x15\xb3\x01\xbb\x20\0\x05\x01\0\0\0\0";

const LOCAL: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";

/// Headers of balancers that do not name the client.
const UNKNOWN: &[u8] = b"PROXY UNKNOWN\r\n";
const UNSPEC: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x21\0\0\0";

/// The header for a client on a Unix socket of the balancer.
fn unix() -> Vec<u8> {
    [&b"\r\n\r\n\0\r\nQUIT\n\x21\x31\0\xd8"[..], &[0; 216]].concat()
}

fn callback() -> Callback {
    Signer::get().sgate("/cb", r#"{"event":"E"}"#)
}

fn setup(origin: &Origin) -> Setup {
    Setup::new()
        .top("trusted_proxies = [\"127.0.0.0/8\", \"10.0.0.0/8\"]")
        .listener("proxy_protocol = true")
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(origin)
}

/// Sends these bytes and a callback; returns the client in the log.
fn client(proxy: &Proxy, header: &[u8], callback: &Callback) -> String {
    let mut client = Client::connect(proxy.address);
    client.send(&[header, &callback.with_length()].concat());
    assert_eq!(client.response().status, 200);
    proxy.access()["client"].as_str().unwrap().to_owned()
}

#[test]
fn the_proxy_protocol_supplies_the_client_address() {
    let origin = Origin::start();
    let proxy = setup(&origin).start();
    assert_eq!(client(&proxy, V1, &callback()), "198.51.100.1:5555");
    let seen = origin.last();
    assert_eq!(seen.header("x-forwarded-for"), Some("198.51.100.1"));
    assert_eq!(seen.header("x-forwarded-proto"), Some("http"));

    assert_eq!(client(&proxy, V2, &callback()), "[2001:db8::1]:5555");
    let seen = origin.last();
    assert_eq!(seen.header("x-forwarded-for"), Some("2001:db8::1"));
    assert_eq!(seen.header("x-forwarded-proto"), Some("https"));

    assert!(client(&proxy, LOCAL, &callback()).starts_with("127."));
    for header in [UNKNOWN, UNSPEC, &unix()] {
        assert_eq!(client(&proxy, header, &callback()), "unknown");
        assert_eq!(origin.last().header("x-forwarded-for"), Some("unknown"));
    }
}

#[test]
fn forwarded_headers_of_clients_behind_a_balancer_are_ignored() {
    let origin = Origin::start();
    let proxy = setup(&origin).start();
    let forged = callback().header("X-Forwarded-For", "203.0.113.9");
    assert_eq!(client(&proxy, V1, &forged), "198.51.100.1:5555");
    assert_eq!(
        origin.last().header("x-forwarded-for"),
        Some("198.51.100.1")
    );
    // A trusted proxy that calls through the balancer is believed.
    let second = b"PROXY TCP4 10.0.0.2 203.0.113.1 5555 443\r\n";
    assert_eq!(client(&proxy, second, &forged), "203.0.113.9");
}

#[test]
fn forwarded_headers_are_ignored_if_the_balancer_names_no_client() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .top("trusted_proxies = [\"127.0.0.0/8\"]")
        .listener("proxy_protocol = true")
        .sgate("name = \"open\"\npath = \"/open\"")
        .sgate("name = \"allow\"\npath = \"/allow\"\nallow = [\"203.0.113.9\"]")
        .sgate("name = \"own\"\npath = \"/own\"\nallow = [\"127.0.0.0/8\"]")
        .sgate("name = \"deny\"\npath = \"/deny\"\ndeny = [\"198.51.100.1\"]")
        .origin(&origin)
        .start();
    let status = |header: &[u8], target: &str| {
        let forged = Signer::get().sgate(target, r#"{"event":"E"}"#);
        let forged = forged
            .header("X-Forwarded-For", "203.0.113.9")
            .header("X-Forwarded-Host", "forged.example")
            .header("X-Real-IP", "203.0.113.9");
        let mut client = Client::connect(proxy.address);
        client.send(&[header, &forged.with_length()].concat());
        client.response().status
    };
    // Only for its own connections (LOCAL) is the balancer's address the client's.
    for (header, own, deny) in [
        (LOCAL, 200, 200),
        (UNKNOWN, 403, 403),
        (UNSPEC, 403, 403),
        (&unix(), 403, 403),
    ] {
        assert_eq!(status(header, "/open"), 200);
        let seen = origin.last();
        assert_eq!(seen.header("x-forwarded-host"), Some("pay.example"));
        assert_eq!(seen.header("x-real-ip"), None);
        let chain = seen.header("x-forwarded-for").unwrap();
        assert!(!chain.contains("203.0.113.9"), "{chain}");
        assert_eq!(status(header, "/allow"), 403);
        assert_eq!(status(header, "/own"), own);
        assert_eq!(status(header, "/deny"), deny);
    }
}

#[test]
fn the_proxy_header_precedes_tls_and_http2() {
    let origin = Origin::start();
    let authority = Authority::new();
    authority.issue("first", "DNS:first.example");
    let proxy = setup(&origin)
        .listener(&authority.tls(&["first"], ""))
        .start();
    let hello = Hello {
        early: V1,
        ..Hello::default()
    };
    let (mut tls, ..) = authority
        .connect(proxy.address, "first.example", &hello)
        .unwrap();
    tls.send(&callback().with_length());
    assert_eq!(tls.response().status, 200);
    assert_eq!(proxy.access()["client"], "198.51.100.1:5555");
    assert_eq!(origin.last().header("x-forwarded-proto"), Some("https"));
    assert!(
        authority
            .connect(proxy.address, "first.example", &Hello::default())
            .is_err()
    );
}

#[test]
fn connections_without_a_complete_proxy_header_are_closed() {
    let origin = Origin::start();
    let proxy = setup(&origin).tables("[timeouts]\nheader = \"1s\"").start();
    for start in [
        callback().with_length(),
        b"PROXY TCP4 nonsense\r\n".to_vec(),
        b"PROXY TCP4 198.51.100.1".to_vec(),
        V2[..20].to_vec(),
        Vec::new(),
    ] {
        let mut client = Client::connect(proxy.address);
        client.send(&start);
        assert!(client.ends(), "{:?}", String::from_utf8_lossy(&start));
    }
    assert_eq!(origin.connections(), 0);
}

#[test]
fn untrusted_peers_may_not_use_the_proxy_protocol() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .top("trusted_proxies = [\"10.0.0.0/8\"]")
        .listener("proxy_protocol = true")
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(&origin)
        .start();
    let mut client = Client::connect(proxy.address);
    client.send(&[V1, &callback().with_length()].concat());
    assert!(client.ends());
    proxy.error_line("trusted_proxies");
    assert_eq!(origin.connections(), 0);
}

#[test]
fn a_reload_switches_the_proxy_protocol() {
    let origin = Origin::start();
    let proxy = setup(&origin).start();
    proxy.reconfigure(|text| text.replace("proxy_protocol = true", "proxy_protocol = false"));
    proxy.error_line("reloaded");
    assert!(client(&proxy, b"", &callback()).starts_with("127."));
}
