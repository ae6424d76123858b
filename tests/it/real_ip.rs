//! The client's address behind trusted proxies: in the log, for the backend and for access control.

use crate::support::signer::Signer;
use crate::support::{Callback, Origin, Proxy, Setup};

fn callback() -> Callback {
    Signer::get().sgate("/cb", r#"{"event":"E"}"#)
}

fn start(origin: &Origin, top: &str, route: &str) -> Proxy {
    Setup::new()
        .top(top)
        .sgate(&format!("name = \"sgate\"\npath = \"/cb\"\n{route}"))
        .origin(origin)
        .start()
}

/// The status, and the client in the log.
fn sent(proxy: &Proxy, callback: &Callback) -> (u16, String) {
    let status = callback.send(proxy).status;
    let client = proxy.access()["client"].as_str().unwrap().to_owned();
    (status, client)
}

#[test]
fn the_client_address_is_reported_by_trusted_proxies() {
    let origin = Origin::start();
    let top = "trusted_proxies = [\"127.0.0.0/8\", \"10.0.0.0/8\"]";
    let proxy = start(&origin, top, "allow = [\"198.51.100.1\"]");
    let forwarded = callback()
        .header("X-Forwarded-For", "203.0.113.9")
        .header("X-Forwarded-For", "198.51.100.1, 10.0.0.2");
    assert_eq!(sent(&proxy, &forwarded), (200, "198.51.100.1".to_owned()));
    // The backend gets the whole chain, as before.
    let seen = origin.last();
    let chain = seen.header("x-forwarded-for").unwrap();
    assert!(
        chain.starts_with("203.0.113.9, 198.51.100.1, 10.0.0.2, 127."),
        "{chain}"
    );

    // A client that claims another address is logged with its own.
    let forged = callback().header("X-Forwarded-For", "198.51.100.1, 203.0.113.9");
    assert_eq!(sent(&proxy, &forged), (403, "203.0.113.9".to_owned()));
    // Without the header, the trusted proxy itself is the client.
    let (status, client) = sent(&proxy, &callback());
    assert!(
        (status, client.starts_with("127.")) == (403, true),
        "{client}"
    );
    origin.request();
}

#[test]
fn the_client_address_is_the_peers_without_trusted_proxies() {
    let origin = Origin::start();
    let proxy = start(&origin, "", "allow = [\"198.51.100.1\"]");
    let forged = callback().header("X-Forwarded-For", "198.51.100.1");
    let (status, client) = sent(&proxy, &forged);
    assert!(
        (status, client.starts_with("127.")) == (403, true),
        "{client}"
    );
    assert_eq!(origin.connections(), 0);
}

#[test]
fn the_client_address_may_be_in_another_header() {
    let origin = Origin::start();
    let top = "trusted_proxies = [\"127.0.0.0/8\"]\nclient_ip_header = \"Forwarded\"";
    let proxy = start(&origin, top, "");
    let forwarded = callback().header("X-Forwarded-For", "203.0.113.9").header(
        "Forwarded",
        "for=203.0.113.9, for=\"[2001:db8::1]:99\";proto=https",
    );
    assert_eq!(sent(&proxy, &forwarded), (200, "2001:db8::1".to_owned()));
    proxy.reconfigure(|text| text.replace("\"Forwarded\"", "\"CF-Connecting-IP\""));
    proxy.error_line("reloaded");
    let forwarded = callback().header("CF-Connecting-IP", "198.51.100.1");
    assert_eq!(sent(&proxy, &forwarded), (200, "198.51.100.1".to_owned()));
}

#[test]
fn the_client_is_unknown_if_a_trusted_proxy_reports_it_unreadably() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .top("trusted_proxies = [\"127.0.0.0/8\"]")
        .sgate("name = \"open\"\npath = \"/open\"")
        .sgate("name = \"allow\"\npath = \"/allow\"\nallow = [\"127.0.0.0/8\", \"0.0.0.0/0\"]")
        .sgate("name = \"deny\"\npath = \"/deny\"\ndeny = [\"198.51.100.1\"]")
        .sgate("name = \"limit\"\npath = \"/limit\"\nrate_limit = { rate = \"1/h\", burst = 1 }")
        .origin(&origin)
        .start();
    let send = |target: &str, value: &str| {
        let callback = Signer::get().sgate(target, r#"{"event":"E"}"#);
        let status = callback
            .header("X-Forwarded-For", value)
            .send(&proxy)
            .status;
        (status, proxy.access())
    };
    for value in [
        "unknown",
        "198.51.100.1, é",
        "198.51.100.1, _x, 127.0.0.9",
        "\"198.51.100.1\"",
    ] {
        for (target, expected) in [("/open", 200), ("/allow", 403), ("/deny", 403)] {
            let (status, line) = send(target, value);
            assert_eq!(status, expected, "{value} {target}");
            assert_eq!(line["client"], "unknown", "{line}");
            let peer = line["peer"].as_str().unwrap();
            assert!(peer.starts_with("127."), "{line}");
        }
    }
    // All unknown clients share one client's limit; known clients have their own.
    assert_eq!(send("/limit", "unknown").0, 200);
    assert_eq!(send("/limit", "é").0, 429);
    assert_eq!(send("/limit", "").0, 200);
    assert_eq!(send("/limit", "198.51.100.1").0, 200);
}

#[test]
fn empty_entries_do_not_affect_the_client_address() {
    let origin = Origin::start();
    let top = "trusted_proxies = [\"127.0.0.0/8\"]";
    let proxy = start(&origin, top, "allow = [\"203.0.113.7\"]");
    for value in [
        "203.0.113.7,",
        ",203.0.113.7 , ,",
        "198.51.100.1,,203.0.113.7",
    ] {
        let forwarded = callback().header("X-Forwarded-For", value);
        assert_eq!(sent(&proxy, &forwarded), (200, "203.0.113.7".to_owned()));
    }
    proxy.reconfigure(|text| format!("client_ip_header = \"Forwarded\"\n{text}"));
    proxy.error_line("reloaded");
    for value in ["for=203.0.113.7,", ",for=203.0.113.7 , ,"] {
        let forwarded = callback().header("Forwarded", value);
        assert_eq!(sent(&proxy, &forwarded), (200, "203.0.113.7".to_owned()));
    }
}
