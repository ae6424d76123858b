//! Listening on a socket in the file system.

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, PATIENCE, Proxy, Setup};

fn callback() -> Callback {
    Signer::get().sgate("/cb", r#"{"event":"E"}"#)
}

/// A proxy that listens on this socket, too.
fn start(origin: &Origin, top: &str, path: &Path, lines: &str) -> Proxy {
    let listener = format!(
        "[[listener]]\naddress = \"unix:{}\"\n{lines}",
        path.display()
    );
    Setup::new()
        .top(top)
        .tables(&listener)
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(origin)
        .start()
}

fn connect(path: &Path) -> Client {
    let stream = UnixStream::connect(path).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    Client::over(stream)
}

fn status(path: &Path, callback: &Callback) -> u16 {
    let mut client = connect(path);
    client.send(&callback.with_length());
    client.response().status
}

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("http.sock");
    (folder, path)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn serves_and_is_gone_at_the_end() {
    let origin = Origin::start();
    let (_folder, path) = folder();
    let proxy = start(&origin, "", &path, "");
    assert_eq!(mode(&path), 0o660);
    let forged = callback().header("X-Forwarded-For", "203.0.113.9");
    assert_eq!(status(&path, &forged), 200);
    assert_eq!(proxy.access()["client"], "unix:");
    assert_eq!(origin.last().header("x-forwarded-for"), Some("unix:"));
    proxy.signal("TERM");
    assert_eq!(proxy.ended().0, Some(0));
    assert!(!path.exists());
}

#[test]
fn its_peers_are_trusted_where_that_is_said() {
    let origin = Origin::start();
    let (_folder, path) = folder();
    let proxy = start(
        &origin,
        "trusted_proxies = [\"unix:\"]",
        &path,
        "mode = \"606\"",
    );
    assert_eq!(mode(&path), 0o606);
    let forwarded = callback().header("X-Forwarded-For", "198.51.100.1");
    assert_eq!(status(&path, &forwarded), 200);
    assert_eq!(proxy.access()["client"], "198.51.100.1");
}

#[test]
fn replaces_what_a_dead_process_left_and_nothing_else() {
    let origin = Origin::start();
    let (folder, path) = folder();
    drop(UnixListener::bind(&path).unwrap());
    assert!(fs::metadata(&path).unwrap().file_type().is_socket());
    let proxy = start(&origin, "", &path, "");
    assert_eq!(status(&path, &callback()), 200);

    // Neither a file nor a socket that somebody listens on.
    let taken = folder.path().join("taken.sock");
    let _listens = UnixListener::bind(&taken).unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "precious").unwrap();
    for other in [&taken, &file] {
        let address = format!("address = \"unix:{}\"", other.display());
        let more = format!("\n[[listener]]\n{address}\n");
        proxy.reconfigure(|text| format!("{text}{more}"));
        proxy.error_line("reload failed: cannot listen on unix:");
        proxy.reconfigure(|text| text.replace(&more, ""));
        proxy.error_line("reloaded");
    }
    assert_eq!(fs::read(&file).unwrap(), b"precious");
    assert_eq!(status(&path, &callback()), 200);
}

#[test]
fn closes_by_a_reload() {
    let origin = Origin::start();
    let (_folder, path) = folder();
    let proxy = start(&origin, "", &path, "");
    let mut kept = connect(&path);
    let listener = format!("[[listener]]\naddress = \"unix:{}\"\n", path.display());
    proxy.reconfigure(|text| text.replace(&listener, ""));
    proxy.error_line("no longer listening on unix:");
    proxy.error_line("reloaded");
    assert!(!path.exists());
    kept.send(&callback().with_length());
    assert_eq!(kept.response().status, 200);
}
