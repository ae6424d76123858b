//! Which server of an upstream receives a callback.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Callback, Origin, Proxy, Setup, address};

const ROUTE: &str = "name = \"sgate\"\npath = \"/cb\"";

fn callback() -> Callback {
    Signer::get().sgate("/cb", r#"{"event":"E"}"#)
}

/// Starts a proxy with these servers, written as in the configuration.
fn start(servers: &[String], lines: &str) -> Proxy {
    Setup::new()
        .sgate(ROUTE)
        .tables(&format!(
            "[[upstream]]\nname = \"origin\"\nservers = [{}]\n{lines}",
            servers.join(", ")
        ))
        .start()
}

fn server(origin: &Origin, lines: &str) -> String {
    format!("{{ address = \"{}\"{lines} }}", origin.address)
}

/// Sends callbacks and returns their statuses.
fn send(proxy: &Proxy, count: usize) -> Vec<u16> {
    let callback = callback();
    (0..count).map(|_| callback.send(proxy).status).collect()
}

#[test]
fn each_server_gets_its_weighted_share() {
    let origins = [(); 3].map(|()| Origin::start());
    let weights = [3, 1, 2];
    let servers: Vec<String> = origins
        .iter()
        .zip(weights)
        .map(|(origin, weight)| server(origin, &format!(", weight = {weight}")))
        .collect();
    for balance in ["round_robin", "least_conn"] {
        let proxy = start(&servers, &format!("balance = \"{balance}\""));
        assert_eq!(send(&proxy, 60), [200; 60]);
    }
    for (origin, weight) in origins.iter().zip(weights) {
        origin.requests(2 * 10 * weight);
    }
}

#[test]
fn a_client_keeps_its_server_under_ip_hash() {
    let origins = [(); 3].map(|()| Origin::start());
    let servers: Vec<String> = origins.iter().map(|origin| server(origin, "")).collect();
    let proxy = start(&servers, "balance = \"ip_hash\"");
    assert_eq!(send(&proxy, 20), [200; 20]);
    let got: Vec<usize> = origins.iter().map(Origin::connections).collect();
    assert_eq!(
        got.iter().filter(|connections| **connections > 0).count(),
        1
    );
}

#[test]
fn backups_wait_until_no_other_server_can_be_reached() {
    let (first, backup) = (Origin::start(), Origin::start());
    let servers = [server(&first, ""), server(&backup, ", backup = true")];
    assert_eq!(send(&start(&servers, ""), 4), [200; 4]);
    first.requests(4);
    backup.requests(0);

    let dead = format!("\"{}\"", address::unused());
    let proxy = start(&[dead, server(&backup, ", backup = true")], "");
    assert_eq!(send(&proxy, 4), [200; 4]);
    backup.requests(4);
    // The server was tried once and has been out since.
    proxy.error_line("is out for 10s");
    proxy.error_line("cannot connect");
    proxy.signal("TERM");
    let (_, _, errors) = proxy.ended();
    assert!(
        !errors.iter().any(|line| line.contains("cannot connect")),
        "{errors:?}"
    );
}

#[test]
fn a_server_configured_as_down_gets_nothing() {
    let (up, down) = (Origin::start(), Origin::start());
    let proxy = start(&[server(&down, ", down = true"), server(&up, "")], "");
    assert_eq!(send(&proxy, 4), [200; 4]);
    up.requests(4);
    down.requests(0);
    let proxy = start(&[server(&down, ", down = true")], "");
    assert_eq!(send(&proxy, 1), [502]);
    assert_eq!(proxy.access()["reason"], "upstream_unreachable");
    down.requests(0);
}

#[test]
fn a_failing_server_is_taken_out_and_retried_with_one_callback() {
    let failed = AtomicBool::new(false);
    let failing = Origin::answering(move |_| {
        if failed.swap(true, Ordering::SeqCst) {
            Reply::ok()
        } else {
            Reply::raw("")
        }
    });
    let good = Origin::start();
    let proxy = start(
        &[
            server(&failing, ", fail_timeout = \"200ms\""),
            server(&good, ""),
        ],
        "read_timeout = \"2s\"",
    );
    assert_eq!(send(&proxy, 1), [504]);
    proxy.error_line("is out for 200ms");
    // From here on the server answers.
    while failing.count() == 1 {
        assert_eq!(send(&proxy, 1), [200]);
    }
    proxy.error_line("is back");
}

#[test]
fn when_all_servers_are_out_they_are_tried_anyway() {
    let addresses = [address::unused(), address::unused()];
    let servers: Vec<String> = addresses.iter().map(|a| format!("\"{a}\"")).collect();
    let proxy = start(&servers, "");
    assert_eq!(send(&proxy, 2), [502, 502]);
    let back = Origin::at(addresses[1]);
    assert_eq!(send(&proxy, 4), [200; 4]);
    back.requests(4);
}

#[test]
fn unix_sockets() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.sock");
    let origin = Origin::unix(&path);
    let name = format!("unix:{}", path.display());
    let proxy = start(&[format!("\"{name}\"")], "keepalive = \"1h\"");
    assert_eq!(send(&proxy, 3), [200; 3]);
    assert_eq!(proxy.access()["upstream"], name);
    // Connections to Unix sockets are reused, too, once one has been open for a moment.
    while origin.count() == origin.connections() {
        assert_eq!(send(&proxy, 1), [200]);
    }
    let missing = start(&["\"unix:/nonexistent/shop.sock\"".to_owned()], "");
    assert_eq!(send(&missing, 1), [502]);
}

#[test]
fn without_keepalive_each_callback_has_its_own_connection() {
    for off in ["off", "0s"] {
        let origin = Origin::start();
        let proxy = start(&[server(&origin, "")], &format!("keepalive = \"{off}\""));
        assert_eq!(send(&proxy, 3), [200; 3]);
        let connections: Vec<_> = origin
            .requests(3)
            .iter()
            .map(|got| got.connection)
            .collect();
        assert_eq!(connections, [0, 1, 2]);
    }
}

/// The bad server closes the connection, sends garbage or never answers; a good server follows.
#[test]
fn a_callback_that_may_have_arrived_is_resent_only_if_the_route_allows_it() {
    let breaking = || Origin::answering(|_| Reply::raw("").then_close());
    let garbage = || Origin::answering(|_| Reply::raw("GARBAGE\r\n\r\n"));
    let hanging = || Origin::answering(|_| Reply::raw(""));
    for (bad, retry, status) in [
        (breaking(), r#"["connect"]"#, 502),
        (garbage(), r#"["connect", "timeout"]"#, 502),
        (hanging(), r#"["connect", "error"]"#, 504),
        (breaking(), r#"["error"]"#, 200),
        (garbage(), r#"["error", "connect"]"#, 200),
        (hanging(), r#"["timeout"]"#, 200),
    ] {
        let good = Origin::start();
        let proxy = Setup::new()
            .sgate(&format!("{ROUTE}\nretry = {retry}"))
            .servers(&[bad.address, good.address], "read_timeout = \"3s\"")
            .start();
        assert_eq!(send(&proxy, 1), [status], "{retry}");
        bad.requests(1);
        good.requests(usize::from(status == 200));
    }
    let good = Origin::start();
    let proxy = Setup::new()
        .sgate(&format!("{ROUTE}\nretry = []"))
        .servers(&[address::unused(), good.address], "")
        .start();
    assert_eq!(send(&proxy, 2), [502, 200]);
}
