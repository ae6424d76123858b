//! Which Host backends get, and that nobody gets at another route's backend by choosing it.

use crate::support::http2::Http2;
use crate::support::signer::Signer;
use crate::support::{Client, Origin, Proxy, Response, Setup};

fn send_to(proxy: &Proxy, host: &str, target: &str) -> Response {
    let callback = Signer::get().sgate(target, "{}").with_length();
    let callback = String::from_utf8(callback).unwrap();
    let mut client = Client::connect(proxy.address);
    client.send(callback.replace("pay.example", host).as_bytes());
    client.response()
}

#[test]
fn servers_get_the_host_that_their_upstream_names() {
    let origin = Origin::start();
    let address = origin.address.to_string();
    for (host, sent) in [
        ("client", "pay.example:8443"),
        ("server", address.as_str()),
        ("shop.internal", "shop.internal"),
        ("shop.internal:8080", "shop.internal:8080"),
        ("[::1]:8080", "[::1]:8080"),
    ] {
        let proxy = Setup::new()
            .sgate("name = \"sgate\"\npath = \"/cb\"")
            .servers(&[origin.address], &format!("host = \"{host}\""))
            .http2()
            .start();
        assert_eq!(send_to(&proxy, "pay.example:8443", "/cb").status, 200);
        let received = origin.last();
        // `header` fails for a second one.
        assert_eq!(received.header("Host"), Some(sent), "{host}");
        let called = received.header("X-Forwarded-Host");
        assert_eq!(called, Some("pay.example:8443"), "{host}");
        let callback = Signer::get().sgate("/cb", "{}");
        let answer = Http2::connect(proxy.address).send(&callback, 1000, true);
        assert_eq!(answer.status.as_u16(), 200);
        if host != "client" {
            assert_eq!(origin.last().header("Host"), Some(sent), "{host}");
        }
    }
}

#[test]
fn without_a_host_of_its_own_a_socket_is_localhost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.sock");
    let origin = Origin::unix(&path);
    let proxy = Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .tables(&format!(
            "[[upstream]]\nname = \"origin\"\nhost = \"server\"\nservers = [\"unix:{}\"]",
            path.display()
        ))
        .start();
    assert_eq!(send_to(&proxy, "pay.example", "/cb").status, 200);
    assert_eq!(origin.request().header("Host"), Some("localhost"));
}

#[test]
fn each_server_that_is_tried_gets_its_own_host() {
    let closing = Origin::answering(|_| crate::support::origin::Reply::raw("").then_close());
    let origin = Origin::start();
    let proxy = Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"\nretry = [\"connect\", \"error\"]")
        .servers(&[closing.address, origin.address], "host = \"server\"")
        .start();
    assert_eq!(send_to(&proxy, "pay.example", "/cb").status, 200);
    for tried in [&closing, &origin] {
        let host = tried.address.to_string();
        assert_eq!(tried.request().header("Host"), Some(host.as_str()));
    }
}

/// Where the backend cannot tell callbacks apart by Host, a prefix of one host must not lead to the
/// path of another.
#[test]
fn a_fixed_host_gives_no_route_the_path_of_another() {
    let origin = Origin::start();
    let start = |host: &str| {
        Setup::new()
            .sgate("name = \"all\"\nhost = \"a.example\"\npath_prefix = \"/\"")
            .sgate("name = \"pay\"\nhost = \"b.example\"\npath = \"/pay\"")
            .servers(&[origin.address], &format!("host = \"{host}\""))
            .start()
    };
    // The backend is told which host was called.
    let proxy = start("client");
    assert_eq!(send_to(&proxy, "a.example", "/pay").status, 200);
    for host in ["server", "shop.internal"] {
        let proxy = start(host);
        for path in ["/pay", "/PAY", "/pay/", "/%70ay", "/pay;v=1", "/pay/more"] {
            let answer = send_to(&proxy, "a.example", path);
            assert_eq!(answer.status, 400, "{path}");
            assert_eq!(proxy.access()["reason"], "target_ambiguous", "{path}");
        }
        for (name, path) in [("a.example", "/payment"), ("b.example", "/pay")] {
            assert_eq!(send_to(&proxy, name, path).status, 200, "{name}{path}");
        }
    }
}
