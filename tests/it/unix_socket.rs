//! Listening on Unix sockets.

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;

use command_fds::{CommandFdExt as _, FdMapping};
use tempfile::TempDir;

use crate::support::admin::ask;
use crate::support::origin::Reply;
use crate::support::proxy::kill;
use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, PATIENCE, Proxy, Setup};

fn callback() -> Callback {
    Signer::get().sgate("/cb", r#"{"event":"E"}"#)
}

fn listener(path: &Path, lines: &str) -> String {
    let address = format!("address = \"unix:{}\"", path.display());
    format!("[[listener]]\n{address}\n{lines}\n")
}

/// A proxy that also listens on this socket.
fn setup(origin: &Origin, path: &Path, lines: &str) -> Setup {
    Setup::new()
        .tables(&listener(path, lines))
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(origin)
}

fn start(origin: &Origin, top: &str, path: &Path, lines: &str) -> Proxy {
    setup(origin, path, lines).top(top).start()
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
fn a_unix_socket_serves_and_its_file_is_removed_at_the_end() {
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
fn peers_on_a_unix_socket_are_trusted_if_configured() {
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
fn a_stale_socket_file_is_replaced_and_no_other_file_is() {
    let origin = Origin::start();
    let (folder, path) = folder();
    drop(UnixListener::bind(&path).unwrap());
    assert!(fs::metadata(&path).unwrap().file_type().is_socket());
    let proxy = start(&origin, "", &path, "");
    assert_eq!(status(&path, &callback()), 200);

    // Neither a regular file nor a socket in use is replaced.
    let taken = folder.path().join("taken.sock");
    let _listens = UnixListener::bind(&taken).unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "precious").unwrap();
    let new = folder.path().join("new.sock");
    for other in [&taken, &file] {
        // After the failure everything is as before: new sockets are gone, and modes are restored.
        let more = listener(&new, "") + &listener(other, "");
        let other_mode = "\nmode = \"600\"\n";
        proxy.reconfigure(|text| {
            let text = text.replace(&listener(&path, ""), &listener(&path, other_mode));
            format!("{text}{more}")
        });
        proxy.error_line("reload failed: cannot listen on unix:");
        assert!(!new.exists());
        assert_eq!(mode(&path), 0o660);
        proxy.reconfigure(|text| text.replace(&more, "").replace(other_mode, ""));
        proxy.error_line("reloaded");
    }
    assert_eq!(fs::read(&file).unwrap(), b"precious");
    assert_eq!(status(&path, &callback()), 200);
}

#[test]
fn a_reload_closes_a_unix_socket() {
    let origin = Origin::start();
    let (_folder, path) = folder();
    let proxy = start(&origin, "", &path, "");
    let mut kept = connect(&path);
    proxy.reconfigure(|text| text.replace(&listener(&path, ""), ""));
    proxy.error_line("no longer listening on unix:");
    proxy.error_line("reloaded");
    assert!(!path.exists());
    kept.send(&callback().with_length());
    assert_eq!(kept.response().status, 200);
}

#[test]
fn a_reload_changes_who_may_connect() {
    let origin = Origin::start();
    let (_folder, path) = folder();
    let proxy = start(&origin, "", &path, "mode = \"600\"");
    assert_eq!(mode(&path), 0o600);
    proxy.reconfigure(|text| text.replace("mode = \"600\"", "mode = \"666\""));
    proxy.error_line("reloaded");
    assert_eq!(mode(&path), 0o666);
    proxy.reconfigure(|text| text.replace("mode = \"666\"\n", ""));
    proxy.error_line("reloaded");
    assert_eq!(mode(&path), 0o660);
    assert_eq!(status(&path, &callback()), 200);
}

#[test]
fn upgrades_under_load_refuse_no_connection_and_the_last_process_removes_the_file() {
    let origin = Origin::start();
    let (_folder, path) = folder();
    let proxy = start(&origin, "", &path, "mode = \"600\"");
    let bytes = callback().with_length();
    let (over, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    let mut client = connect(&path);
                    client.send(&bytes);
                    assert_eq!(client.response().status, 200);
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for round in 0..3 {
            let before = asked.load(Ordering::Relaxed);
            if round % 2 == 0 {
                proxy.upgrade();
            } else {
                proxy.signal("HUP");
                proxy.error_line("reloaded");
            }
            while asked.load(Ordering::Relaxed) < before + 200 {
                thread::yield_now();
            }
        }
        over.store(true, Ordering::Relaxed);
    });
    assert_eq!(mode(&path), 0o600);
    proxy.signal("TERM");
    let asked = asked.load(Ordering::Relaxed);
    let (code, access, _) = proxy.ended();
    assert_eq!(code, Some(0), "the first process");
    assert_eq!(access.len(), asked, "each is logged once");
    assert!(!path.exists());
}

#[test]
fn the_socket_file_survives_the_old_process_and_a_failed_new_one() {
    let origin = Origin::start();
    let (_folder, path) = folder();
    let proxy = start(&origin, "shutdown_timeout = \"1h\"", &path, "");
    let old = proxy.pid();
    // This configuration fails only at the pid file, whose directory does not exist.
    let broken = "pid_file = \"nowhere/run.pid\"\n";
    let file = proxy.file("countersign.toml");
    let text = fs::read_to_string(&file).unwrap();
    let wanted = text.replace(&listener(&path, ""), &listener(&path, "mode = \"600\""));
    fs::write(&file, format!("{broken}{wanted}")).unwrap();
    proxy.signal("USR2");
    proxy.error_line("cannot write the pid file");
    proxy.error_line("upgrade failed");
    assert_eq!((mode(&path), status(&path, &callback())), (0o660, 200));

    // The new process may change who can connect.
    fs::write(&file, wanted).unwrap();
    proxy.upgrade();
    assert_eq!((mode(&path), status(&path, &callback())), (0o600, 200));
    kill("TERM", old);
    while kill("0", old) && !is_zombie(old) {
        thread::yield_now();
    }
    assert_eq!(status(&path, &callback()), 200);

    // The new process may remove the file.
    proxy.reconfigure(|text| text.replace(&listener(&path, "mode = \"600\""), ""));
    proxy.error_line("no longer listening on unix:");
    proxy.error_line("reloaded");
    assert!(!path.exists());
}

/// Whether a process has exited but has not been reaped by its parent, this process.
fn is_zombie(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')')
        .is_none_or(|(_, rest)| rest.starts_with(" Z"))
}

#[test]
fn an_upgrade_to_a_configuration_without_the_socket_removes_the_file() {
    let origin = Origin::start();
    let (_folder, path) = folder();
    let proxy = start(&origin, "", &path, "");
    let file = proxy.file("countersign.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace(&listener(&path, ""), "")).unwrap();
    proxy.upgrade();
    assert!(!path.exists());
    assert_eq!(callback().send(&proxy).status, 200);
}

#[test]
fn a_socket_file_left_by_a_crash_is_replaced_at_the_next_start() {
    let origin = Origin::start();
    let (_folder, path) = folder();
    let first = start(&origin, "", &path, "");
    first.upgrade();
    first.signal("KILL");
    // The old process may still answer requests in flight, but no longer listens.
    let (code, ..) = first.ended();
    assert_eq!(code, Some(0));
    assert!(path.exists());
    let second = start(&origin, "", &path, "");
    assert_eq!(status(&path, &callback()), 200);
    second.signal("TERM");
    second.ended();
    assert!(!path.exists());
}

#[test]
fn the_file_of_a_systemd_socket_is_left_to_systemd() {
    let origin = Origin::start();
    let (_folder, path) = folder();
    let socket = UnixListener::bind(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let mapping = FdMapping {
        parent_fd: socket.into(),
        child_fd: 3,
    };
    let proxy = setup(&origin, &path, "")
        .command(move |command, _| {
            command.env("LISTEN_FDS", "1");
            command.env("LISTEN_FDNAMES", "countersign.socket");
            command.fd_mappings(vec![mapping]).unwrap();
        })
        .start();
    assert_eq!(status(&path, &callback()), 200);
    proxy.upgrade();
    assert_eq!((mode(&path), status(&path, &callback())), (0o640, 200));
    proxy.signal("TERM");
    proxy.ended();
    assert!(path.exists());
}

#[test]
fn the_admin_listener_can_use_a_unix_socket() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("admin.sock");
    let (release, released) = channel();
    let released = Mutex::new(released);
    let waits = Origin::answering(move |_| {
        released.lock().unwrap().recv().unwrap();
        Reply::ok()
    });
    let table = |mode: &str| {
        let address = format!("address = \"unix:{}\"", path.display());
        format!("[admin]\n{address}\n{mode}\n")
    };
    drop(UnixListener::bind(&path).unwrap());
    let proxy = Setup::new()
        .tables(&table(""))
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(&waits)
        .start();
    let get = |target: &str| {
        let answer = ask(connect(&path), "GET", target);
        let body = String::from_utf8(answer.body).unwrap();
        (answer.status, body)
    };
    let pid = || {
        let (_, status) = get("/status");
        let status: serde_json::Value = serde_json::from_str(&status).unwrap();
        u32::try_from(status["pid"].as_u64().unwrap()).unwrap()
    };
    assert_eq!(mode(&path), 0o660);
    assert_eq!(get("/healthz"), (200, "ok\n".to_owned()));
    assert_eq!(pid(), proxy.pid());

    proxy.reconfigure(|text| text.replace(&table(""), &table("mode = \"606\"")));
    proxy.error_line("reloaded");
    assert_eq!(mode(&path), 0o606);
    let taken = folder.path().join("taken.sock");
    let _listens = UnixListener::bind(&taken).unwrap();
    let more = listener(&taken, "");
    proxy.reconfigure(|text| {
        let text = text.replace("mode = \"606\"", "mode = \"600\"");
        format!("{text}{more}")
    });
    proxy.error_line("reload failed");
    assert_eq!(mode(&path), 0o606);
    proxy.reconfigure(|text| text.replace(&more, ""));
    proxy.error_line("reloaded");
    assert_eq!(mode(&path), 0o600);

    // The old process closes the admin listener at once, even with requests in flight.
    let mut client = Client::connect(proxy.address);
    client.send(&callback().with_length());
    waits.request();
    proxy.upgrade();
    for _ in 0..20 {
        assert_eq!(pid(), proxy.pid());
    }
    release.send(()).unwrap();
    assert_eq!(client.response().status, 200);

    // On shutdown the admin listener closes last, so that load balancers see the shutdown coming.
    let mut client = Client::connect(proxy.address);
    client.send(&callback().with_length());
    waits.requests(2);
    proxy.signal("TERM");
    proxy.error_line("shutting down");
    while get("/readyz").0 != 503 {
        thread::yield_now();
    }
    release.send(()).unwrap();
    assert_eq!(client.response().status, 200);
    proxy.ended();
    assert!(!path.exists());
}

#[test]
fn a_reload_moves_the_admin_listener_and_its_socket_file() {
    let origin = Origin::start();
    let (folder, path) = folder();
    let other = folder.path().join("other.sock");
    let table = |path: &Path| format!("[admin]\naddress = \"unix:{}\"\n", path.display());
    let proxy = Setup::new()
        .tables(&table(&path))
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(&origin)
        .start();
    proxy.reconfigure(|text| text.replace(&table(&path), &table(&other)));
    proxy.error_line("reloaded");
    assert!(!path.exists());
    assert_eq!(ask(connect(&other), "GET", "/healthz").status, 200);
    proxy.reconfigure(|text| text.replace(&table(&other), ""));
    proxy.error_line("the admin listener is closed");
    assert!(!other.exists());
}
