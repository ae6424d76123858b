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
