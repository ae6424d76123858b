//! Paths that backends get in place of those that came.

use crate::support::signer::Signer;
use crate::support::{Origin, Proxy, Response, Setup};

fn send(proxy: &Proxy, target: &str) -> Response {
    Signer::get().sgate(target, "{}").send(proxy)
}

#[test]
fn the_backend_gets_the_other_path_and_the_query_that_came() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .sgate("name = \"exact\"\npath = \"/cb\"\nupstream_path = \"/hooks/pay.php\"")
        .sgate("name = \"below\"\npath_prefix = \"/in/\"\nupstream_path = \"/\"")
        .sgate("name = \"deep\"\npath_prefix = \"/in/deep/\"\nupstream_path = \"/a/b/\"")
        .sgate("name = \"same\"\npath = \"/same\"")
        .origin(&origin)
        .start();
    for (target, sent) in [
        // SGate signs the target: what came is what is verified.
        ("/cb", "/hooks/pay.php"),
        ("/cb?", "/hooks/pay.php?"),
        ("/cb?a=/../&b=%2f?c", "/hooks/pay.php?a=/../&b=%2f?c"),
        ("/in/", "/"),
        ("/in/x/y?z", "/x/y?z"),
        ("/in/%E5%AE%A2;v=1", "/%E5%AE%A2;v=1"),
        ("/in/deep/x", "/a/b/x"),
        ("/same?q", "/same?q"),
    ] {
        assert_eq!(send(&proxy, target).status, 200, "{target}");
        assert_eq!(origin.last().target, sent, "{target}");
        assert_eq!(proxy.access()["target"], target);
    }
}

#[test]
fn no_path_that_backends_read_in_several_ways_is_made() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .sgate("name = \"below\"\npath_prefix = \"/in/\"\nupstream_path = \"/\"")
        .origin(&origin)
        .start();
    for target in [
        "/in//evil.example/x",
        "/in/../x",
        "/in/..",
        "/in/%2e%2e/x",
        "/in/..;/x",
        "/in/a%2fb",
        "/in/%5cx",
        "/in/%00",
    ] {
        assert_eq!(send(&proxy, target).status, 400, "{target}");
        assert_eq!(proxy.access()["reason"], "target_ambiguous", "{target}");
    }
    origin.requests(0);
}

/// Whoever holds the key of one route must not call what another protects.
#[test]
fn a_rewritten_path_is_never_that_of_another_route() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .sgate("name = \"partner\"\npath_prefix = \"/partner/\"\nupstream_path = \"/\"")
        .sgate("name = \"pay\"\npath = \"/pay\"")
        .sgate("name = \"moved\"\npath = \"/moved\"\nupstream_path = \"/internal/moved\"")
        .sgate("name = \"rest\"\npath_prefix = \"/internal/\"")
        .origin(&origin)
        .start();
    for target in [
        "/partner/pay",
        "/partner/PAY/",
        "/partner/%70ay",
        "/partner/pay;x",
        "/partner/pay/info",
        "/partner/internal/moved",
        "/partner/internal/other",
        // Not rewritten itself, but it meets one that is.
        "/internal/moved",
    ] {
        assert_eq!(send(&proxy, target).status, 400, "{target}");
        assert_eq!(proxy.access()["reason"], "target_ambiguous", "{target}");
    }
    origin.requests(0);
    for (target, sent) in [
        ("/partner/payments", "/payments"),
        ("/pay", "/pay"),
        ("/moved", "/internal/moved"),
        ("/internal/other", "/internal/other"),
    ] {
        assert_eq!(send(&proxy, target).status, 200, "{target}");
        assert_eq!(origin.last().target, sent);
    }
}

/// The same server under another name, or in another upstream, is the same server.
#[test]
fn two_upstreams_with_the_same_server_are_one_backend() {
    let origin = Origin::start();
    let port = origin.address.port();
    for (server, lines) in [
        (format!("127.0.0.1:{port}"), ""),
        (format!("localhost:{port}"), ""),
        (format!("[::ffff:127.0.0.1]:{port}"), ""),
        (format!("127.0.0.1:{port}"), "host = \"pay.example\""),
    ] {
        let proxy = Setup::new()
            .sgate("name = \"partner\"\npath_prefix = \"/partner/\"\nupstream_path = \"/\"\nupstream = \"one\"")
            .sgate("name = \"pay\"\npath = \"/pay\"\nupstream = \"two\"")
            .tables(&format!("[[upstream]]\nname = \"one\"\nservers = [\"{server}\"]"))
            .tables(&format!(
                "[[upstream]]\nname = \"two\"\nservers = [\"{}\"]\n{lines}",
                origin.address
            ))
            .start();
        for target in ["/partner/pay", "/partner/PAY/", "/partner/%70ay"] {
            assert_eq!(send(&proxy, target).status, 400, "{server} {target}");
            assert_eq!(proxy.access()["reason"], "target_ambiguous", "{target}");
        }
        for target in ["/partner/payments", "/pay"] {
            assert_eq!(send(&proxy, target).status, 200, "{server} {target}");
        }
    }
}

/// What tells virtual hosts of one server apart is the Host that it gets.
#[test]
fn one_server_with_two_hosts_is_two_backends() {
    let origin = Origin::start();
    let start = |hosts: [&str; 2]| {
        let mut setup = Setup::new()
            .sgate("name = \"partner\"\npath_prefix = \"/partner/\"\nupstream_path = \"/\"\nupstream = \"u0\"")
            .sgate("name = \"pay\"\nhost = \"b.internal\"\npath = \"/pay\"\nupstream = \"u1\"");
        for (nth, host) in hosts.into_iter().enumerate() {
            setup = setup.tables(&format!(
                "[[upstream]]\nname = \"u{nth}\"\nservers = [\"{}\"]\nhost = \"{host}\"",
                origin.address
            ));
        }
        setup.start()
    };
    for (hosts, status) in [
        (["a.internal", "b.internal"], 200),
        (["a.internal", "client"], 200),
        (["a.internal", "server"], 200),
        (["b.internal", "B.internal:8080"], 400),
        (["b.internal", "client"], 400),
        (["server", "127.0.0.1"], 400),
        // The client chooses the Host.
        (["client", "b.internal"], 400),
    ] {
        let proxy = start(hosts);
        assert_eq!(send(&proxy, "/partner/pay").status, status, "{hosts:?}");
    }
}

#[test]
fn the_folder_of_a_moved_prefix_is_not_another_routes_path() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .sgate("name = \"partner\"\npath_prefix = \"/partner/\"\nupstream_path = \"/pay/\"")
        .sgate("name = \"pay\"\npath = \"/pay\"")
        .sgate("name = \"beside\"\npath_prefix = \"/beside/\"")
        .sgate("name = \"there\"\npath = \"/there\"\nupstream_path = \"/beside\"")
        .sgate("name = \"both\"\npath = \"/both\"")
        .sgate("name = \"below\"\npath_prefix = \"/both/\"")
        .origin(&origin)
        .start();
    for target in [
        "/partner/",
        "/partner/index.php",
        "/partner/;v=1",
        "/beside/",
    ] {
        assert_eq!(send(&proxy, target).status, 400, "{target}");
        assert_eq!(proxy.access()["reason"], "target_ambiguous", "{target}");
    }
    origin.requests(0);
    // Whoever writes a path with and without a slash means two.
    for target in ["/partner/x", "/pay", "/both/", "/both/x", "/beside/x"] {
        assert_eq!(send(&proxy, target).status, 200, "{target}");
    }
}

#[test]
fn a_rewritten_path_is_never_the_folder_or_format_of_another_routes() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .sgate("name = \"partner\"\npath_prefix = \"/partner/\"\nupstream_path = \"/\"")
        .sgate("name = \"script\"\npath = \"/pay/index.php\"")
        .sgate("name = \"root\"\npath = \"/\"")
        .sgate("name = \"action\"\npath = \"/refund\"")
        .sgate("name = \"format\"\npath = \"/order.json\"")
        .origin(&origin)
        .start();
    for target in [
        "/partner/pay/",
        "/partner/pay",
        "/partner/PAY;v=1",
        "/partner/",
        "/partner/index.php",
        "/partner/Default.aspx",
        "/partner/%69ndex.html/x",
        "/partner/refund.json",
        "/partner/refund.anything;v=1",
        "/partner/order",
        "/partner/order.xml",
    ] {
        assert_eq!(send(&proxy, target).status, 400, "{target}");
        assert_eq!(proxy.access()["reason"], "target_ambiguous", "{target}");
    }
    origin.requests(0);
    for target in [
        "/partner/pay/x",
        "/partner/indexes",
        "/partner/refunds.json",
        "/refund",
    ] {
        assert_eq!(send(&proxy, target).status, 200, "{target}");
    }
}
