//! `countersign -s`: signals a running process and reports the result.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::config_files::Files;
use crate::support::signer::Signer;
use crate::support::{Callback, Origin, Proxy, Setup};

fn callback(target: &str) -> Callback {
    Signer::get().sgate(target, "{}")
}

fn start(origin: &Origin) -> Proxy {
    Setup::new()
        .top("pid_file = \"run.pid\"")
        .sgate("name = \"sgate\"\npath = \"/first\"")
        .origin(origin)
        .start()
}

fn run(file: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["-c", file])
        .args(arguments)
        .output()
        .unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

/// The exit code and standard error of the command with a running process's configuration.
fn send(proxy: &Proxy, arguments: &[&str]) -> (Option<i32>, String) {
    let file = proxy.directory().join("countersign.toml");
    run(file.to_str().unwrap(), arguments)
}

fn change(proxy: &Proxy, change: impl Fn(&str) -> String) {
    let file = proxy.directory().join("countersign.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, change(&text)).unwrap();
}

const DONE: (Option<i32>, String) = (Some(0), String::new());

#[test]
fn reload_returns_once_the_new_configuration_is_active() {
    let origin = Origin::start();
    let proxy = start(&origin);
    for (old, new) in [("/first", "/second"), ("/second", "/first")] {
        change(&proxy, |text| text.replace(old, new));
        assert_eq!(send(&proxy, &["-s", "reload"]), DONE);
        assert_eq!(callback(old).send(&proxy).status, 404);
        assert_eq!(callback(new).send(&proxy).status, 200);
    }
    origin.requests(2);
}

#[test]
fn reload_reports_an_invalid_file_without_signalling_the_process() {
    let origin = Origin::start();
    let proxy = start(&origin);
    change(&proxy, |text| format!("nonsense = 1\n{text}"));
    let (code, error) = send(&proxy, &["-s", "reload"]);
    assert_eq!(code, Some(1));
    assert!(error.starts_with("error: unknown key\n"), "{error}");
    assert!(error.contains("countersign.toml:1:1\n"), "{error}");
    assert!(error.ends_with("nothing was reloaded\n"), "{error}");
    assert_eq!(callback("/first").send(&proxy).status, 200);
    // The other signals still work: stopping must not depend on a valid file.
    assert_eq!(send(&proxy, &["-s", "reopen"]), DONE);
    let line = proxy.error_line("log files reopened");
    assert!(!line.contains("reload"), "{line}");
    assert_eq!(send(&proxy, &["-s", "stop", "--wait"]), DONE);
    let (code, _, errors) = proxy.ended();
    assert_eq!(code, Some(0));
    assert!(errors.iter().all(|line| !line.contains("reload")));
    origin.request();
}

#[test]
fn reload_reports_errors_that_only_the_process_can_find() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    change(&proxy, |text| {
        format!("{text}\n[[listener]]\naddress = \"{address}\"\n")
    });
    let (code, error) = send(&proxy, &["-s", "reload"]);
    assert_eq!(code, Some(1));
    let wanted = format!("countersign: reload failed: cannot listen on {address}");
    assert!(error.starts_with(&wanted), "{error}");
    drop(taken);
    assert_eq!(send(&proxy, &["-s", "reload"]), DONE);
}

#[test]
fn quit_waits_for_the_process_with_wait() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let pid_file = proxy.directory().join("run.pid");
    assert!(pid_file.exists());
    assert_eq!(send(&proxy, &["-s", "quit", "--wait"]), DONE);
    assert!(!pid_file.exists());
    let (code, error) = send(&proxy, &["-s", "quit"]);
    assert_eq!(code, Some(1));
    assert!(error.contains("no running proxy was found: there is no pid file"));
    assert_eq!(proxy.ended().0, Some(0));
}

#[test]
fn upgrade_returns_once_the_new_process_serves() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let pid_file = proxy.directory().join("run.pid");
    let pid = || fs::read_to_string(&pid_file).unwrap();
    let first = pid();
    assert_eq!(send(&proxy, &["-s", "upgrade"]), DONE);
    assert_ne!(pid(), first);
    proxy.taken_over();
    assert_eq!(pid().trim(), proxy.pid().to_string());
    assert_eq!(callback("/first").send(&proxy).status, 200);

    let link = proxy.directory().join("countersign");
    fs::remove_file(&link).unwrap();
    symlink("/bin/true", &link).unwrap();
    let second = pid();
    let (code, error) = send(&proxy, &["-s", "upgrade"]);
    assert_eq!(code, Some(1));
    assert!(
        error.starts_with("countersign: upgrade failed: it did not report"),
        "{error}"
    );
    assert_eq!(pid(), second);
    assert_eq!(callback("/first").send(&proxy).status, 200);
    assert_eq!(send(&proxy, &["-s", "reload"]), DONE);
    assert_eq!(send(&proxy, &["-s", "stop", "--wait"]), DONE);
    let left: Vec<_> = fs::read_dir(proxy.directory()).unwrap().collect();
    assert_eq!(left.len(), 2, "{left:?}");
    origin.requests(2);
}

#[test]
fn a_stale_process_id_is_never_signalled() {
    let files = Files::new();
    files.write_key("k.pem");
    let file = files.write("c.toml", "");
    let file = file.to_str().unwrap();
    let (code, error) = run(file, &["-s", "stop"]);
    assert_eq!(code, Some(1));
    assert!(error.contains("sets no `pid_file`"), "{error}");
    let help = "add, for example, `pid_file = \"/run/countersign.pid\"`";
    assert!(error.contains(help), "{error}");
    let missing = files.path().join("missing.toml");
    let (code, error) = run(missing.to_str().unwrap(), &["-s", "stop"]);
    assert_eq!(code, Some(1));
    assert!(error.contains("missing.toml"), "{error}");
    assert!(
        error.contains("cannot read the configuration file"),
        "{error}"
    );

    files.write("c.toml", "pid_file = \"run.pid\"");
    // Our own process ID, so that a wrong signal would be noticed.
    files.write("run.pid", format!("{}\n", std::process::id()));
    let (code, error) = run(file, &["-s", "stop"]);
    assert_eq!(code, Some(1));
    assert!(error.contains("is stale"), "{error}");
}

#[test]
fn an_upgrade_that_cannot_start_reports_it() {
    let origin = Origin::start();
    let proxy = start(&origin);
    // Leaves no file descriptor for the copy of a listening socket.
    let open = fs::read_dir(format!("/proc/{}/fd", proxy.pid())).unwrap();
    let limit = |limit: usize| {
        let set = Command::new("prlimit")
            .arg(format!("--nofile={limit}:"))
            .args(["--pid", &proxy.pid().to_string()])
            .status();
        assert!(set.unwrap().success());
    };
    limit(open.count());
    let (code, said) = send(&proxy, &["-s", "upgrade"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("Too many open files"), "{said}");
    limit(1000);
    assert_eq!(send(&proxy, &["-s", "upgrade"]), DONE);
    proxy.taken_over();
}

#[test]
fn a_process_that_runs_another_configuration_file_is_neither_reloaded_nor_stopped() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let own = proxy.file("countersign.toml");
    let other = proxy.file("other.toml");
    let text = fs::read_to_string(&own).unwrap();
    fs::write(&other, text.replace("/first", "/second")).unwrap();
    for (signal, done) in [
        ("reload", "reloaded"),
        ("upgrade", "upgraded"),
        ("stop", "stopped"),
        ("quit", "stopped"),
    ] {
        let (code, error) = run(other.to_str().unwrap(), &["-s", signal]);
        assert_eq!(code, Some(1), "{error}");
        for part in [
            format!("process {} has the pid file", proxy.pid()),
            format!("runs the configuration file {}", own.display()),
            format!("not {}", other.display()),
            format!("nothing was {done}"),
            format!("`countersign -s {signal} -c {}`", own.display()),
        ] {
            assert!(error.contains(&part), "{error}");
        }
    }
    assert_eq!(callback("/first").send(&proxy).status, 200);
    assert_eq!(callback("/second").send(&proxy).status, 404);

    // Another name for the same file is none, and the name counts that it was started with.
    let link = proxy.file("link.toml");
    symlink(&own, &link).unwrap();
    assert_eq!(run(link.to_str().unwrap(), &["-s", "reload"]), DONE);
    fs::remove_file(&own).unwrap();
    symlink(&other, &own).unwrap();
    assert_eq!(send(&proxy, &["-s", "reload"]), DONE);
    assert_eq!(callback("/second").send(&proxy).status, 200);
    assert_eq!(run(other.to_str().unwrap(), &["-s", "reload"]), DONE);

    // Whichever file has the name now, a new log file does nobody harm.
    let third = proxy.file("third.toml");
    fs::write(&third, &text).unwrap();
    let (code, note) = run(third.to_str().unwrap(), &["-s", "reopen"]);
    assert_eq!(code, Some(0), "{note}");
    assert!(note.starts_with("countersign: note: process "), "{note}");
    assert_eq!(run(third.to_str().unwrap(), &["-s", "stop"]).0, Some(1));

    // Its file may have been renamed: it can be stopped by the new name, but reads the old one.
    fs::remove_file(&own).unwrap();
    for signal in ["reload", "upgrade"] {
        let (code, error) = run(third.to_str().unwrap(), &["-s", signal]);
        assert_eq!(code, Some(1), "{error}");
        let gone = format!("the configuration file {} (which is gone)", own.display());
        assert!(error.contains(&gone), "{error}");
        let help = format!("`countersign -s stop -c {}`", third.display());
        assert!(error.contains(&help), "{error}");
    }
    let (code, note) = run(third.to_str().unwrap(), &["-s", "stop", "--wait"]);
    assert_eq!(code, Some(0), "{note}");
    assert!(note.starts_with("countersign: note: process "), "{note}");
    assert_eq!(proxy.ended().0, Some(0));
    origin.requests(2);
}
