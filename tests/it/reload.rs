//! SIGHUP installs a new configuration atomically or keeps the old one.

use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::Instant;

use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, PATIENCE, Proxy, Setup, address};

fn callback(target: &str) -> Callback {
    Signer::get().sgate(target, "{}")
}

fn start(origin: &Origin) -> Proxy {
    Setup::new()
        .sgate("name = \"first\"\npath = \"/first\"")
        .origin(origin)
        .start()
}

#[test]
fn a_reload_applies_new_routes_and_keys_to_open_connections() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let status = |target: &str| callback(target).send(&proxy).status;
    assert_eq!((status("/first"), status("/second")), (200, 404));
    let mut kept = Client::connect(proxy.address);
    kept.send(&callback("/first").with_length());
    assert_eq!(kept.response().status, 200);

    proxy.reconfigure(|text| text.replace("\"/first\"", "\"/second\""));
    proxy.error_line("reloaded");
    assert_eq!((status("/first"), status("/second")), (404, 200));
    kept.send(&callback("/second").with_length());
    assert_eq!(kept.response().status, 200);

    // A removed key is no longer accepted.
    proxy.reconfigure(|text| text.replace("keys = [\"signer\"]", "keys = [\"sgate-vectors\"]"));
    proxy.error_line("reloaded");
    assert_eq!(status("/second"), 400);
    origin.requests(4);
}

#[test]
fn a_reload_with_an_invalid_file_changes_nothing_and_reports_it_in_full() {
    let origin = Origin::start();
    let proxy = start(&origin);
    proxy.reconfigure(|text| {
        format!("{text}\nnonsense = 1\n[[key]]\nid = \"k\"\nfile = \"none\"\n")
    });
    for part in [
        "unknown key",
        "countersign.toml:",
        "cannot read the key file",
        "stays active",
    ] {
        proxy.error_line(part);
    }
    assert_eq!(callback("/first").send(&proxy).status, 200);
    origin.request();
}

#[test]
fn requests_in_flight_finish_on_the_configuration_they_started_with() {
    let (release, released) = channel();
    let released = Mutex::new(released);
    let origin = Origin::answering(move |_| {
        released.lock().unwrap().recv().unwrap();
        Reply::raw("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
    });
    let proxy = start(&origin);
    let mut client = Client::connect(proxy.address);
    client.send(&callback("/first").with_length());
    origin.request();
    let map = |text: &str| {
        text.replace(
            "path = \"/first\"",
            "path = \"/first\"\nsuccess_as_200 = true",
        )
    };
    proxy.reconfigure(map);
    proxy.error_line("reloaded");
    release.send(()).unwrap();
    assert_eq!(client.response().status, 201);
    release.send(()).unwrap();
    assert_eq!(callback("/first").send(&proxy).status, 200);
    origin.requests(2);
}

#[test]
fn a_reload_opens_and_closes_listeners() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let old = proxy.address;
    let new = address::unused();
    let listens = |address| format!("[[listener]]\naddress = \"{address}\"\n");
    proxy.reconfigure(|text| text.replace(&listens(old), &(listens(old) + &listens(new))));
    proxy.error_line("reloaded");
    let served = |address| {
        let mut client = Client::connect(address);
        client.send(&callback("/first").with_length());
        client.response().status
    };
    assert_eq!((served(old), served(new)), (200, 200));

    let mut kept = Client::connect(old);
    kept.send(&callback("/first").with_length());
    assert_eq!(kept.response().status, 200);
    proxy.reconfigure(|text| text.replacen(&listens(old), "", 1));
    proxy.error_line("no longer listening");
    proxy.error_line("reloaded");
    assert_eq!(served(new), 200);
    // Existing connections stay open; new ones are refused.
    kept.send(&callback("/first").with_length());
    assert_eq!(kept.response().status, 200);
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect(old).is_ok() {
        assert!(Instant::now() < deadline);
    }
    origin.requests(5);
}

#[test]
fn watched_files_are_reloaded_without_a_signal() {
    let origin = Origin::start();
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key.pem");
    std::fs::copy("tests/vectors/sgate_pub.pem", &key).unwrap();
    let proxy = Setup::new()
        .top("watch = true")
        .tables(&format!(
            "[[key]]\nid = \"watched\"\nfile = \"{}\"",
            key.display()
        ))
        .route("name = \"r\"\npath = \"/first\"\nscheme = \"sgate\"\nkeys = [\"watched\"]")
        .origin(&origin)
        .start();
    assert_eq!(callback("/first").send(&proxy).status, 400);
    // Most tools replace a file this way: they write a new one and rename it.
    let new = folder.path().join("new.pem");
    std::fs::copy(Signer::get().public_key_file(), &new).unwrap();
    std::fs::rename(&new, &key).unwrap();
    proxy.error_line("files have changed");
    proxy.error_line("reloaded");
    assert_eq!(callback("/first").send(&proxy).status, 200);
    origin.request();
}

#[test]
fn a_reload_to_an_address_in_use_changes_nothing() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    proxy.reconfigure(|text| {
        format!("{text}\n[[listener]]\naddress = \"{address}\"\n").replace("/first", "/second")
    });
    proxy.error_line("reload failed: cannot listen on");
    assert_eq!(callback("/first").send(&proxy).status, 200);
    assert_eq!(callback("/second").send(&proxy).status, 404);
    origin.request();
}
