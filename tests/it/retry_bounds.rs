//! How many servers one callback is tried on, and for how long.

use std::net::TcpListener;

use crate::support::signer::Signer;
use crate::support::{Origin, Proxy, Setup, address};

fn send(proxy: &Proxy) -> u16 {
    Signer::get().sgate("/cb", "{}").send(proxy).status
}

#[test]
fn a_callback_is_tried_on_no_more_servers_than_tries() {
    let origin = Origin::start();
    let servers = [address::unused(), address::unused(), origin.address];
    let start = |lines: &str| {
        Setup::new()
            .sgate("name = \"sgate\"\npath = \"/cb\"")
            .servers(&servers, lines)
            .start()
    };
    let proxy = start("tries = 2");
    assert_eq!(send(&proxy), 502);
    assert_eq!(proxy.access()["reason"], "upstream_unreachable");
    let line = proxy.error_line("upstream_unreachable");
    assert!(
        line.contains("no other server is tried (tries = 2)"),
        "{line}"
    );
    origin.requests(0);
    // By now, both are out.
    assert_eq!(send(&proxy), 200);
    for lines in ["tries = 3", "tries = \"off\""] {
        assert_eq!(send(&start(lines)), 200, "{lines}");
    }
}

#[test]
fn no_other_server_is_tried_after_retry_timeout() {
    // Accepts connections but never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = Origin::start();
    let servers = [silent.local_addr().unwrap(), origin.address];
    let start = |lines: &str| {
        Setup::new()
            .sgate("name = \"sgate\"\npath = \"/cb\"\nretry = [\"connect\", \"timeout\"]")
            .servers(&servers, &format!("read_timeout = \"100ms\"\n{lines}"))
            .start()
    };
    let proxy = start("retry_timeout = \"50ms\"");
    assert_eq!(send(&proxy), 504);
    assert_eq!(proxy.access()["reason"], "upstream_timeout");
    let line = proxy.error_line("upstream_timeout");
    assert!(line.contains("(retry_timeout = 50ms)"), "{line}");
    origin.requests(0);
    for lines in ["retry_timeout = \"1h\"", "retry_timeout = \"off\""] {
        assert_eq!(send(&start(lines)), 200, "{lines}");
    }
}
