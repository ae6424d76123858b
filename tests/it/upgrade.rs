//! SIGUSR2 starts the program again and hands over the sockets; no request is refused or cut off.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;

use command_fds::{CommandFdExt as _, FdMapping};

use crate::support::http2::Http2;
use crate::support::origin::Reply;
use crate::support::proxy::kill;
use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, Proxy, Setup, address};

fn callback(target: &str) -> Callback {
    Signer::get().sgate(target, "{}")
}

fn setup(origin: &Origin) -> Setup {
    Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(origin)
}

/// Points the symlink `countersign` to another program.
fn install(proxy: &Proxy, program: &str) {
    let link = proxy.directory().join("countersign");
    fs::remove_file(&link).unwrap();
    symlink(program, &link).unwrap();
}

#[test]
fn three_upgrades_under_load_lose_no_request() {
    let origin = Origin::start();
    // The admin listener is handed over, too.
    let admin = address::unused();
    let proxy = setup(&origin)
        .http2()
        .tables(&format!("[admin]\naddress = \"{admin}\""))
        .start();
    let callback = callback("/cb");
    let bytes = callback.with_length();
    let (over, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    let go_on = || !over.load(Ordering::Relaxed);
    let answered = || asked.fetch_add(1, Ordering::Relaxed);
    let first = proxy.pid();
    thread::scope(|scope| {
        for _ in 0..2 {
            // One connection per request.
            scope.spawn(|| {
                while go_on() {
                    let mut client = Client::connect(proxy.address);
                    client.send(&bytes);
                    assert_eq!(client.response().status, 200);
                    answered();
                }
            });
            // As many requests per connection as the proxy allows.
            scope.spawn(|| {
                while go_on() {
                    let mut client = Client::connect(proxy.address);
                    while go_on() {
                        client.send(&bytes);
                        let answer = client.response();
                        assert_eq!(answer.status, 200);
                        answered();
                        if answer.header("Connection") == Some("close") {
                            break;
                        }
                    }
                }
            });
        }
        // HTTP/2, where the server tells which requests it did not process.
        scope.spawn(|| {
            while go_on() {
                let client = Http2::connect(proxy.address);
                while go_on() {
                    match client.try_send(&callback) {
                        Ok(answer) => assert_eq!(answer.status, 200),
                        Err(error) => {
                            assert_eq!(error.reason(), Some(h2::Reason::NO_ERROR), "{error:?}");
                            break;
                        }
                    }
                    answered();
                }
            }
        });
        for _ in 0..3 {
            let before = asked.load(Ordering::Relaxed);
            proxy.upgrade();
            // Sends 200 more requests, mostly to the new process.
            while asked.load(Ordering::Relaxed) < before + 200 {
                thread::yield_now();
            }
        }
        over.store(true, Ordering::Relaxed);
    });
    assert_ne!(proxy.pid(), first);
    drop(TcpStream::connect(admin).unwrap());
    proxy.signal("TERM");
    let asked = asked.load(Ordering::Relaxed);
    let (code, access, _) = proxy.ended();
    assert_eq!(code, Some(0), "the first process");
    assert_eq!(access.len(), asked, "each is logged once");
    origin.requests(asked);
}

#[test]
fn requests_in_flight_finish_in_the_old_process() {
    let (release, released) = channel();
    let released = Mutex::new(released);
    let origin = Origin::answering(move |_| {
        released.lock().unwrap().recv().unwrap();
        Reply::ok()
    });
    let proxy = setup(&origin).start();
    let old = proxy.pid();
    let mut idle = Client::connect(proxy.address);
    let mut waiting = Client::connect(proxy.address);
    waiting.send(&callback("/cb").with_length());
    origin.request();
    proxy.upgrade();
    assert!(kill("0", old), "it has a request to answer");
    // A connection from before the upgrade may carry one more request.
    for _ in 0..2 {
        release.send(()).unwrap();
    }
    idle.send(&callback("/cb").with_length());
    for client in [&mut waiting, &mut idle] {
        let answer = client.response();
        assert_eq!(
            (answer.status, answer.header("Connection")),
            (200, Some("close"))
        );
        assert!(client.ends());
    }
    release.send(()).unwrap();
    assert_eq!(callback("/cb").send(&proxy).status, 200);
    origin.requests(3);
    proxy.signal("TERM");
    assert_eq!(proxy.ended().0, Some(0));
}

#[test]
fn an_upgrade_applies_the_new_configuration_and_closes_removed_listeners() {
    let origin = Origin::start();
    let [gone, new] = [address::unused(), address::unused()];
    let listener = |address| format!("[[listener]]\naddress = \"{address}\"\n");
    let proxy = setup(&origin).tables(&listener(gone)).start();
    proxy.error_line(&format!("listening on {gone}"));
    drop(TcpStream::connect(gone).unwrap());
    let file = proxy.directory().join("countersign.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace(&listener(gone), &listener(new))).unwrap();
    proxy.signal("USR2");
    proxy.taken_over_saying("no longer listening on");
    drop(TcpStream::connect(new).unwrap());
    assert_eq!(callback("/cb").send(&proxy).status, 200);
    // The old process closes its listener a moment later.
    while TcpStream::connect(gone).is_ok() {
        thread::yield_now();
    }
    origin.request();
}

#[test]
fn a_new_process_that_cannot_start_changes_nothing() {
    let origin = Origin::start();
    let proxy = setup(&origin).start();
    let failed = |why: &str| {
        let pid = proxy.pid();
        proxy.signal("USR2");
        proxy.error_line(why);
        proxy.error_line("upgrade failed: this process continues to serve");
        assert_eq!(proxy.pid(), pid);
        assert_eq!(callback("/cb").send(&proxy).status, 200);
    };
    // A program that exits silently, a file that is not a program, and a missing file.
    install(&proxy, "/bin/true");
    failed("it did not report that it is ready (exit status: 0)");
    install(&proxy, "/etc/passwd");
    failed("denied");
    install(&proxy, "/nonexistent");
    failed("No such file");
    install(&proxy, env!("CARGO_BIN_EXE_countersign"));

    // An error in the configuration is reported in full.
    let file = proxy.directory().join("countersign.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("nonsense = 1\n{text}")).unwrap();
    failed("error: unknown key");
    // The address is in use by another process.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    fs::write(
        &file,
        format!("{text}\n[[listener]]\naddress = \"{address}\"\n"),
    )
    .unwrap();
    failed("cannot listen on");

    fs::write(&file, text).unwrap();
    proxy.upgrade();
    assert_eq!(callback("/cb").send(&proxy).status, 200);
    origin.requests(6);
}

#[test]
fn a_stop_cancels_an_upgrade_in_progress() {
    let origin = Origin::start();
    let proxy = setup(&origin).start();
    // A program that never reports anything.
    let script = proxy.directory().join("silent");
    fs::write(&script, "#!/bin/sh\nexec sleep 1000\n").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&script, mode).unwrap();
    install(&proxy, script.to_str().unwrap());
    proxy.signal("USR2");
    proxy.error_line("upgrade: starting");
    proxy.signal("HUP");
    proxy.error_line("SIGHUP is deferred");
    proxy.signal("TERM");
    // If the program were still running, it would keep the log's pipe open.
    assert_eq!(proxy.ended().0, Some(0));
}

#[test]
fn signals_during_an_upgrade_go_to_the_process_that_serves_afterwards() {
    let origin = Origin::start();
    let proxy = setup(&origin).start();
    // A program that waits until the file `go` exists.
    let script = proxy.directory().join("later");
    let go = proxy.directory().join("go");
    let text = |then: &str| {
        let wait = format!("while [ ! -e {} ]; do sleep 0.01; done", go.display());
        format!("#!/bin/sh\n{wait}\n{then}\n")
    };
    let program = env!("CARGO_BIN_EXE_countersign");
    for (then, ends) in [
        ("exit 3", "upgrade failed"),
        (&*format!("exec {program} \"$@\""), "takes over"),
    ] {
        let _ = fs::remove_file(&go);
        fs::write(&script, text(then)).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&script, mode).unwrap();
        install(&proxy, script.to_str().unwrap());
        proxy.signal("USR2");
        proxy.error_line("upgrade: starting");
        for (signal, name) in [("USR1", "SIGUSR1"), ("HUP", "SIGHUP")] {
            proxy.signal(signal);
            proxy.error_line(&format!("{name} is deferred"));
        }
        fs::write(&go, "").unwrap();
        // The order of signals and of log lines from two processes is not defined.
        let said = [ends, "log files reopened", "reloaded"];
        if ends == "takes over" {
            proxy.taken_over_saying_all(said);
        } else {
            proxy.error_lines(said);
        }
    }
    assert_eq!(callback("/cb").send(&proxy).status, 200);
    origin.request();
}

#[test]
fn a_systemd_socket_is_used() {
    let origin = Origin::start();
    // The socket is already open, so nobody else could listen on its address.
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let proxy = setup(&origin)
        .tables(&format!("[[listener]]\naddress = \"{address}\"\n"))
        .command(move |command, _| {
            let mapping = FdMapping {
                parent_fd: socket.into(),
                child_fd: 3,
            };
            command.env("LISTEN_FDS", "1");
            command.fd_mappings(vec![mapping]).unwrap();
        })
        .start();
    let mut client = Client::connect(address);
    client.send(&callback("/cb").with_length());
    assert_eq!(client.response().status, 200);
    assert_eq!(callback("/cb").send(&proxy).status, 200);
    origin.requests(2);
}
