//! Health checks, and host names whose addresses change.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Origin, Proxy, Received, Setup, address};

const FAST: &str = "interval = \"20ms\", timeout = \"5s\", rises = 2, falls = 2";

fn start(servers: &str, lines: &str) -> Proxy {
    Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .tables(&format!(
            "[[upstream]]\nname = \"origin\"\nservers = [{servers}]\n{lines}"
        ))
        .start()
}

fn send(proxy: &Proxy) -> u16 {
    Signer::get().sgate("/cb", "{}").send(proxy).status
}

/// A backend that answers health checks with this status.
fn patient(health: &Arc<AtomicU16>) -> Origin {
    let health = Arc::clone(health);
    Origin::answering(move |request| match request.target.as_str() {
        "/health" => {
            let status = health.load(Ordering::SeqCst);
            Reply::raw(format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n"))
        }
        _ => Reply::ok(),
    })
}

fn callbacks(origin: &Origin) -> usize {
    let is_callback = |request: &&Received| request.target == "/cb";
    origin.so_far().iter().filter(is_callback).count()
}

#[test]
fn a_server_that_fails_its_checks_gets_no_callbacks_until_it_passes() {
    let health = Arc::new(AtomicU16::new(200));
    let (sick, well) = (patient(&health), patient(&Arc::new(AtomicU16::new(204))));
    let proxy = start(
        &format!("\"{}\", \"{}\"", sick.address, well.address),
        &format!("health_check = {{ path = \"/health\", {FAST} }}"),
    );
    assert_eq!([send(&proxy), send(&proxy)], [200; 2]);
    assert_eq!((callbacks(&sick), callbacks(&well)), (1, 1));

    health.store(503, Ordering::SeqCst);
    let line = proxy.error_line("fails its health checks");
    assert!(
        line.contains(&sick.address.to_string()) && line.contains("it answered 503"),
        "{line}"
    );
    assert_eq!([send(&proxy), send(&proxy)], [200; 2]);
    assert_eq!((callbacks(&sick), callbacks(&well)), (1, 3));

    // A server's health survives a reload; checks continue with the new settings.
    proxy.reconfigure(|text| text.replace("rises = 2", "rises = 3"));
    proxy.error_line("reloaded");
    assert_eq!([send(&proxy), send(&proxy)], [200; 2]);
    assert_eq!((callbacks(&sick), callbacks(&well)), (1, 5));

    health.store(399, Ordering::SeqCst);
    proxy.error_line("passes its health checks");
    assert_eq!([send(&proxy), send(&proxy)], [200; 2]);
    assert_eq!((callbacks(&sick), callbacks(&well)), (2, 6));

    let check = &sick.so_far()[0];
    assert_eq!(check.method, "GET");
    assert_eq!(check.header("Host"), Some(&*sick.address.to_string()));
}

#[test]
fn when_all_servers_fail_their_checks_callbacks_get_502() {
    let health = Arc::new(AtomicU16::new(404));
    let origin = patient(&health);
    let proxy = start(
        &format!("\"{}\"", origin.address),
        &format!("health_check = {{ path = \"/health\", status = 200, {FAST} }}"),
    );
    proxy.error_line("fails its health checks");
    assert_eq!(send(&proxy), 502);
    assert_eq!(proxy.access()["reason"], "upstream_unreachable");
    assert_eq!(callbacks(&origin), 0);
    // Without health checks the server counts as usable.
    proxy.reconfigure(|text| text.replace("health_check = {", "#"));
    proxy.error_line("reloaded");
    assert_eq!(send(&proxy), 200);
}

#[test]
fn without_a_path_a_health_check_only_connects() {
    let address = address::unused();
    let proxy = start(
        &format!("\"{address}\""),
        &format!("health_check = {{ {FAST} }}"),
    );
    proxy.error_line("fails its health checks: cannot connect");
    let _origin = Origin::at(address);
    proxy.error_line("passes its health checks");
    assert_eq!(send(&proxy), 200);
}

/// Uses the system's resolver with another hosts file.
#[test]
fn names_are_looked_up_again() {
    let folder = tempfile::tempdir().unwrap();
    let hosts = folder.path().join("hosts");
    let [first, second] = [address::unused(), address::unused()];
    // The same port on two addresses.
    let second = std::net::SocketAddr::new(second.ip(), first.port());
    let (one, two) = (Origin::at(first), Origin::at(second));
    let write = |text: &str| {
        // Renamed into place, so that nobody reads half of it.
        let new = folder.path().join("new");
        fs::write(&new, text).unwrap();
        fs::rename(new, &hosts).unwrap();
    };
    write(&format!("{} shop.test\n", first.ip()));
    let proxy = Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .tables(&format!(
            "[[upstream]]\nname = \"origin\"\nservers = [\"shop.test:{}\"]\nresolve = \"50ms\"",
            first.port()
        ))
        .environment("LD_PRELOAD", "libnss_wrapper.so")
        .environment("NSS_WRAPPER_HOSTS", hosts.to_str().unwrap())
        .start();
    assert_eq!(send(&proxy), 200);
    assert_eq!((one.count(), two.count()), (1, 0));

    write("");
    proxy.error_line("shop.test");
    assert_eq!(send(&proxy), 200);
    assert_eq!((one.count(), two.count()), (2, 0));

    write(&format!("{} shop.test # moved\n", second.ip()));
    proxy.error_line(&format!("is now {second}"));
    assert_eq!(send(&proxy), 200);
    assert_eq!((one.count(), two.count()), (2, 1));
}
