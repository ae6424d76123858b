//! Which clients may call a route.

use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, Proxy, Setup};

fn callback(target: &str) -> Callback {
    Signer::get().sgate(target, r#"{"event":"E"}"#)
}

/// The status that a client with this address gets.
fn status(proxy: &Proxy, target: &str, client: &str) -> u16 {
    let callback = callback(target).header("X-Forwarded-For", client);
    callback.send(proxy).status
}

const TRUSTED: &str = "trusted_proxies = [\"127.0.0.0/8\"]\n";

#[test]
fn deny_overrides_allow_and_allow_refuses_all_others() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .top(&format!("{TRUSTED}deny = [\"198.51.100.66\"]"))
        .sgate("name = \"open\"\npath = \"/open\"")
        .sgate(
            "name = \"some\"\npath = \"/some\"\nallow = [\"198.51.100.0/24\", \"2001:db8::/32\"]",
        )
        .sgate("name = \"own\"\npath = \"/own\"\ndeny = [\"203.0.113.0/24\"]")
        .sgate("name = \"all\"\npath = \"/all\"\ndeny = []")
        .origin(&origin)
        .start();
    for (client, open, some, own, all) in [
        ("198.51.100.1", 200, 200, 200, 200),
        ("2001:db8::1", 200, 200, 200, 200),
        ("192.0.2.1", 200, 403, 200, 200),
        ("198.51.100.66", 403, 403, 200, 200),
        ("::ffff:198.51.100.66", 403, 403, 200, 200),
        ("203.0.113.1", 200, 403, 403, 200),
    ] {
        for (target, expected) in [
            ("/open", open),
            ("/some", some),
            ("/own", own),
            ("/all", all),
        ] {
            assert_eq!(
                status(&proxy, target, client),
                expected,
                "{client} {target}"
            );
            let line = proxy.access();
            let reason = (expected == 403).then_some("address_denied");
            assert_eq!(line["reason"].as_str(), reason, "{line}");
        }
    }
}

#[test]
fn the_top_level_allow_list_applies_to_routes_without_one() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .top(&format!("{TRUSTED}allow = [\"198.51.100.1\"]"))
        .sgate("name = \"a\"\npath = \"/a\"")
        .sgate("name = \"b\"\npath = \"/b\"\nallow = [\"198.51.100.2\"]")
        .sgate("name = \"c\"\npath = \"/c\"\nallow = []")
        .origin(&origin)
        .start();
    for (client, expected) in [
        ("198.51.100.1", [200, 403, 200]),
        ("198.51.100.2", [403, 200, 200]),
        ("198.51.100.3", [403, 403, 200]),
    ] {
        let found = ["/a", "/b", "/c"].map(|target| status(&proxy, target, client));
        assert_eq!(found, expected, "{client}");
    }
    proxy.reconfigure(|text| {
        text.replace("allow = [\"198.51.100.1\"]", "allow = [\"198.51.100.3\"]")
    });
    proxy.error_line("reloaded");
    assert_eq!(status(&proxy, "/a", "198.51.100.1"), 403);
    assert_eq!(status(&proxy, "/a", "198.51.100.3"), 200);
}

#[test]
fn a_refused_client_is_answered_before_it_sends_a_body() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"\ndeny = [\"127.0.0.0/8\"]")
        .origin(&origin)
        .start();
    let mut client = Client::connect(proxy.address);
    client.send(&callback("/cb").head("Content-Length: 1000000\r\n"));
    let answer = client.response();
    assert_eq!(
        (answer.status, &answer.json()["error"]),
        (403, &"address_denied".into())
    );
    assert_eq!(origin.connections(), 0);
}
