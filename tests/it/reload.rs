//! SIGHUP installs a new configuration atomically or keeps the old one.

use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

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
fn a_reload_logs_only_warnings_that_are_new() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let start = proxy.error_lines_before("listening on");
    let is_warning = |line: &&String| line.contains("warning[");
    let warnings =
        |lines: &[String]| -> Vec<String> { lines.iter().filter(is_warning).cloned().collect() };
    let is_legacy = |line: &String| line.contains("warning[legacy_algorithm]");
    assert!(start.iter().any(is_legacy), "{start:?}");
    // Another line, and the same warning as at the start.
    proxy.reconfigure(|text| format!("# A comment.\n{text}"));
    let lines = proxy.error_lines_before("reloaded");
    assert_eq!(warnings(&lines), [""; 0]);
    proxy.reconfigure(|text| {
        text.replace("path = \"/first\"", "path = \"/first\"\nmax_age = \"off\"")
    });
    let lines = warnings(&proxy.error_lines_before("reloaded"));
    assert!(
        lines.len() == 1 && lines[0].contains("no_age_limit"),
        "{lines:?}"
    );
    // What was mended is told when it comes back.
    proxy.reconfigure(|text| text.replace("max_age = \"off\"\n", ""));
    assert_eq!(warnings(&proxy.error_lines_before("reloaded")), [""; 0]);
    proxy.reconfigure(|text| {
        text.replace("path = \"/first\"", "path = \"/first\"\nmax_age = \"off\"")
    });
    assert_eq!(warnings(&proxy.error_lines_before("reloaded")).len(), 1);
}

#[test]
fn settings_that_need_a_restart_are_compared_with_the_start() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let needed = || {
        let lines = proxy.error_lines_before("reloaded");
        lines
            .iter()
            .any(|line| line.contains("`daemon` needs a restart"))
    };
    proxy.reconfigure(|text| format!("daemon = true\n{text}"));
    assert!(needed());
    // As long as it is pending.
    proxy.reconfigure(|text| format!("# A comment.\n{text}"));
    assert!(needed());
    proxy.reconfigure(|text| text.replace("daemon = true\n", ""));
    assert!(!needed());
}

#[test]
fn a_watched_change_is_reloaded_once_and_editors_files_are_not() {
    let origin = Origin::start();
    let routes = tempfile::tempdir().unwrap();
    let folder = routes.path().display();
    let proxy = Setup::new()
        .top(&format!("watch = true\ninclude = \"{folder}\""))
        .sgate("name = \"r\"\npath = \"/first\"")
        .origin(&origin)
        .start();
    std::fs::write(routes.path().join(".a.toml.swp"), "x").unwrap();
    for name in ["one", "two", "three"] {
        let file = routes.path().join("a.toml");
        let key = Signer::get().public_key_file();
        std::fs::write(
            &file,
            format!("[[key]]\nid = \"{name}\"\nfile = \"{key}\"\n"),
        )
        .unwrap();
        std::fs::write(routes.path().join(".a.toml.swp"), name).unwrap();
        proxy.error_line("files have changed");
        proxy.error_line("reloaded");
    }
    // The files are checked once a second: a second reload for one change would come within two.
    let more = proxy.error_lines_for(Duration::from_secs(3));
    let is_reload = |line: &&String| line.contains("files have changed");
    assert_eq!(more.iter().find(is_reload), None);
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
