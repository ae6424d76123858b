//! The pid file: written safely, handed over on upgrades, and removed at exit.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::sync::Mutex;
use std::sync::mpsc::channel;

use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Client, Origin, Setup, address};

fn setup(origin: &Origin) -> Setup {
    Setup::new()
        .top("pid_file = \"run.pid\"")
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(origin)
}

#[test]
fn the_pid_file_exists_exactly_while_the_process_runs() {
    let origin = Origin::start();
    let proxy = setup(&origin).start();
    let path = proxy.directory().join("run.pid");
    let pid = fs::read_to_string(&path).unwrap();
    assert_eq!(pid, format!("{}\n", proxy.pid()));
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644);

    // A second process with the same pid file refuses to start, even on another address.
    let file = proxy.directory().join("second.toml");
    let text = fs::read_to_string(proxy.directory().join("countersign.toml")).unwrap();
    let elsewhere = address::unused().to_string();
    fs::write(&file, text.replace(&proxy.address.to_string(), &elsewhere)).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .arg("-c")
        .arg(&file)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    let wanted = format!(
        "process {} is already running with this pid file",
        proxy.pid()
    );
    assert!(error.contains(&wanted), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), pid);

    proxy.signal("TERM");
    while path.exists() {
        std::thread::yield_now();
    }
    assert_eq!(proxy.ended().0, Some(0));
}

#[test]
fn a_stale_pid_file_is_taken_over() {
    let origin = Origin::start();
    let proxy = setup(&origin)
        .command(|_, directory| fs::write(directory.join("run.pid"), "1\n").unwrap())
        .start();
    let pid = fs::read_to_string(proxy.directory().join("run.pid")).unwrap();
    assert_eq!(pid.trim(), proxy.pid().to_string());
}

#[test]
fn during_an_upgrade_the_old_process_keeps_its_pid_file_under_another_name() {
    let (release, released) = channel();
    let released = Mutex::new(released);
    let origin = Origin::answering(move |_| {
        released.lock().unwrap().recv().unwrap();
        Reply::ok()
    });
    let proxy = setup(&origin).start();
    let read = |name: &str| fs::read_to_string(proxy.directory().join(name)).unwrap();
    let old = proxy.pid();
    let mut client = Client::connect(proxy.address);
    client.send(&Signer::get().sgate("/cb", "{}").with_length());
    origin.request();
    proxy.upgrade();
    assert_eq!(read("run.pid.oldbin").trim(), old.to_string());
    assert_eq!(read("run.pid").trim(), proxy.pid().to_string());
    release.send(()).unwrap();
    assert_eq!(client.response().status, 200);
    while proxy.directory().join("run.pid.oldbin").exists() {
        std::thread::yield_now();
    }
    assert_eq!(read("run.pid").trim(), proxy.pid().to_string());
}
