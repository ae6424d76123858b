//! Rate limits of routes.

use crate::support::http1::Response;
use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, Proxy, Setup};

fn callback(target: &str) -> Callback {
    Signer::get().sgate(target, r#"{"event":"E"}"#)
}

fn sent(proxy: &Proxy, target: &str, client: &str) -> Response {
    let callback = callback(target).header("X-Forwarded-For", client);
    callback.send(proxy)
}

/// How many of these calls get 200.
fn passed(proxy: &Proxy, target: &str, client: &str, calls: usize) -> usize {
    let statuses = (0..calls).map(|_| sent(proxy, target, client).status);
    let passed = statuses.filter(|status| *status == 200);
    passed.count()
}

fn setup(origin: &Origin) -> Setup {
    Setup::new()
        .top("trusted_proxies = [\"127.0.0.0/8\"]")
        .origin(origin)
}

#[test]
fn each_client_has_its_own_rate_limit() {
    let origin = Origin::start();
    let proxy = setup(&origin)
        .sgate("name = \"a\"\npath = \"/a\"\nrate_limit = { rate = \"1/h\", burst = 3 }")
        .sgate("name = \"b\"\npath = \"/b\"\nrate_limit = { rate = \"2/h\" }")
        .start();
    assert_eq!(passed(&proxy, "/a", "198.51.100.1", 5), 3);
    let refused = sent(&proxy, "/a", "198.51.100.1");
    assert_eq!(
        (refused.status, &refused.json()["error"]),
        (429, &"rate_limited".into())
    );
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((3000..=3600).contains(&wait), "{wait}");
    assert_eq!(passed(&proxy, "/a", "198.51.100.2", 1), 1);
    assert_eq!(passed(&proxy, "/b", "198.51.100.1", 3), 2);
    // All addresses of one IPv6 network (/64) count as one client.
    assert_eq!(passed(&proxy, "/b", "2001:db8::1", 3), 2);
    assert_eq!(passed(&proxy, "/b", "2001:db8::2", 1), 0);
    assert_eq!(passed(&proxy, "/b", "2001:db8:0:1::1", 1), 1);
    let line = proxy.access();
    assert_eq!(line["status"], 200);
}

#[test]
fn a_route_may_have_a_shared_rate_limit_and_several_limits() {
    let origin = Origin::start();
    let proxy = setup(&origin)
        .sgate(
            "name = \"a\"\npath = \"/a\"\nrate_limit = [{ rate = \"4/h\", key = \"route\" }, { rate = \"2/h\" }]",
        )
        .start();
    // Requests over a client's own limit do not use up the shared limit.
    assert_eq!(passed(&proxy, "/a", "198.51.100.1", 6), 2);
    assert_eq!(passed(&proxy, "/a", "198.51.100.2", 1), 1);
    assert_eq!(passed(&proxy, "/a", "198.51.100.3", 2), 1);
}

#[test]
fn the_rate_limit_recovers_with_time() {
    let origin = Origin::start();
    let proxy = setup(&origin)
        .sgate("name = \"a\"\npath = \"/a\"\nrate_limit = { rate = \"20/m\", burst = 1 }")
        .start();
    let callback = callback("/a");
    assert_eq!(callback.send(&proxy).status, 200);
    let refused = (0..).take_while(|_| callback.send(&proxy).status == 429);
    assert!(refused.count() > 0);
}

#[test]
fn a_reload_keeps_the_counts_of_unchanged_limits() {
    let origin = Origin::start();
    let proxy = setup(&origin)
        .sgate("name = \"a\"\npath = \"/a\"\nrate_limit = { rate = \"2/h\" }")
        .sgate("name = \"b\"\npath = \"/b\"\nrate_limit = { rate = \"3/h\" }")
        .start();
    for target in ["/a", "/b"] {
        assert_eq!(passed(&proxy, target, "198.51.100.1", 1), 1);
    }
    proxy.reconfigure(|text| text.replace("\"3/h\"", "\"4/h\""));
    proxy.error_line("reloaded");
    assert_eq!(passed(&proxy, "/a", "198.51.100.1", 2), 1);
    assert_eq!(passed(&proxy, "/b", "198.51.100.1", 5), 4);
}

#[test]
fn a_refused_client_is_answered_before_it_sends_a_body() {
    let origin = Origin::start();
    let proxy = setup(&origin)
        .sgate("name = \"a\"\npath = \"/a\"\nrate_limit = { rate = \"1/h\" }")
        .start();
    assert_eq!(callback("/a").send(&proxy).status, 200);
    let mut client = Client::connect(proxy.address);
    client.send(&callback("/a").head("Content-Length: 1000000\r\n"));
    assert_eq!(client.response().status, 429);
    origin.request();
}

/// Each of half the /64 networks in a /48 calls once, which is all that it may.
#[test]
fn a_client_with_a_large_network_does_not_exhaust_the_limits_of_others() {
    const AT_ONCE: u32 = 256;
    let origin = Origin::start();
    let proxy = setup(&origin)
        .sgate("name = \"a\"\npath = \"/a\"\naccess_log = \"off\"\nrate_limit = { rate = \"1/h\" }")
        .start();
    let mut client = Client::connect(proxy.address);
    for first in (0..1 << 15).step_by(AT_ONCE as usize) {
        let calls: String = (first..first + AT_ONCE)
            .map(|network: u32| {
                format!(
                    "POST /a HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 2001:db8:1:{network:x}::1\r\n\
                     Content-Length: 0\r\n\r\n"
                )
            })
            .collect();
        client.send(calls.as_bytes());
        for _ in 0..AT_ONCE {
            // Nothing is signed. Calls whose counters are all shared with other networks get 429.
            assert!(matches!(client.response().status, 400 | 429));
        }
    }
    let unseen = (0..100).map(|nth| match nth % 2 {
        0 => format!("203.0.113.{nth}"),
        _ => format!("2a00:{nth:x}::1"),
    });
    let refused = unseen.filter(|client| sent(&proxy, "/a", client).status == 429);
    assert_eq!(refused.count(), 0);
}
