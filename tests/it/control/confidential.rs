//! Captured requests leave the process's memory over the control socket, and in no other way.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::unistd::geteuid;

use super::{command, controlled, printed};
use crate::core_dumps::core_limit;
use crate::support::{Callback, Client, PATIENCE, Proxy, Setup};

const ROUTE: &str = "name = \"one\"\npath = \"/one\"\nupstream = \"echo\"";

/// Found in what was captured, and nowhere else.
const MARK: &str = "4539578763621486-somebody";

fn capturing(more: &str, lines: &str) -> Setup {
    let capture = if lines == "off" {
        String::new()
    } else {
        format!("[capture]\n{lines}")
    };
    controlled(more).tables(&capture).sgate(ROUTE)
}

fn capture_one(proxy: &Proxy) -> String {
    let forged = Callback::post("/one", format!("{{\"card\":\"{MARK}\"}}"));
    assert_ne!(forged.header("X-Mark", MARK).send(proxy).status, 200);
    proxy.access()["id"].as_str().unwrap().to_owned()
}

/// Files below a directory that contain the mark.
fn marked(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(marked(&path));
        } else if path.is_file() {
            let bytes = fs::read(&path).unwrap();
            if bytes
                .windows(MARK.len())
                .any(|part| part == MARK.as_bytes())
            {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[test]
fn nothing_captured_is_in_a_file_or_a_log() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().display();
    let proxy = Setup::new()
        .top(&format!(
            "control = \"{here}/control.sock\"\npid_file = \"{here}/pid\"\n[log]\naudit = \"{here}/audit.log\"\n\
             access = \"{here}/access.log\"\nerror = \"{here}/error.log\"\nlevel = \"trace\""
        ))
        .tables("[capture]")
        .sgate(ROUTE)
        .start();
    let forged = Callback::post("/one", format!("{{\"card\":\"{MARK}\"}}"));
    let answer = forged.header("X-Mark", MARK).send(&proxy);
    assert_ne!(answer.status, 200);
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    let id = body["request_id"].as_str().unwrap();
    assert!(printed(&proxy, &["capture", "show", id]).contains(MARK));
    proxy.signal("USR2");
    // The upgrade is over once the new process has the pid file.
    let deadline = Instant::now() + PATIENCE;
    let log = || fs::read_to_string(folder.path().join("error.log")).unwrap();
    while !log().contains("capture: 1 captured request was dropped with this process") {
        assert!(Instant::now() < deadline, "{}", log());
    }
    let found = [marked(folder.path()), marked(proxy.directory())].concat();
    assert!(found.is_empty(), "{found:?}");
    let pid = fs::read_to_string(folder.path().join("pid")).unwrap();
    assert!(crate::support::proxy::kill(
        "KILL",
        pid.trim().parse().unwrap()
    ));
}

/// Runs a program without the right to look into the processes of others, which root has.
const WITHOUT_PTRACE: &[&str] = &["setpriv", "--bounding-set", "-sys_ptrace"];

/// Starts it without that right: otherwise a process needs it, too, to look into this one.
fn start(lines: &str) -> Proxy {
    let setup = capturing("", lines).command(|command, directory| {
        command.current_dir(directory);
        if geteuid().is_root() {
            let program = directory.join("countersign");
            fs::remove_file(&program).unwrap();
            let line = [WITHOUT_PTRACE, &[env!("CARGO_BIN_EXE_countersign")]]
                .concat()
                .join(" ");
            fs::write(&program, format!("#!/bin/sh\nexec {line} \"$@\"\n")).unwrap();
            fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
        }
    });
    setup.start()
}

/// Has gdb write a core of a process, as the user that the process runs as. Returns whether there is one.
fn gcore(proxy: &Proxy) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let (pid, core) = (proxy.pid().to_string(), folder.path().join("core"));
    let gcore = ["gcore", "-o", core.to_str().unwrap(), &pid];
    let words = match geteuid().is_root() {
        true => [WITHOUT_PTRACE, &gcore].concat(),
        false => gcore.to_vec(),
    };
    let output = Command::new(words[0])
        .args(&words[1..])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let is_there = fs::read_dir(folder.path()).unwrap().count() > 0;
    assert_eq!(output.status.success(), is_there, "{output:?}");
    is_there
}

#[test]
fn another_process_of_the_same_user_gets_no_core() {
    // Where the system lets nobody look into others, there is nothing to compare with.
    let scope = fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope").unwrap_or_default();
    let is_let = matches!(scope.trim(), "" | "0");
    assert_eq!(gcore(&start("off")), is_let);

    let proxy = start("");
    capture_one(&proxy);
    assert!(!gcore(&proxy));
    proxy.upgrade();
    capture_one(&proxy);
    assert!(!gcore(&proxy));
}

#[test]
fn a_crash_leaves_no_core() {
    let mut proxy = start("");
    capture_one(&proxy);
    let pid = proxy.pid().to_string();
    assert_eq!(core_limit(&pid), ["0", "0"]);
    // Nor would it if somebody raised the limit again, which most may not.
    let raised = Command::new("prlimit")
        .args(["--pid", &pid, "--core=unlimited"])
        .stderr(Stdio::null())
        .status();
    drop(raised);
    // Of one that no instruction caused, Rust's handler takes the first, and leaves the next to the system.
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = proxy.child.try_wait().unwrap() {
            break status;
        }
        assert!(Instant::now() < deadline);
        proxy.signal("SEGV");
    };
    assert_eq!(status.signal(), Some(11));
    assert!(!status.core_dumped());
    let left = fs::read_dir(proxy.directory()).unwrap();
    let names = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let cores: Vec<String> = names.filter(|name| name.starts_with("core")).collect();
    assert!(cores.is_empty(), "{cores:?}");
}

#[test]
fn a_reload_with_the_first_capture_disables_cores() {
    let proxy = capturing("", "off").start();
    proxy.reconfigure(|text| format!("{text}\n[capture]\n"));
    proxy.error_line("reloaded");
    assert_eq!(core_limit(&proxy.pid().to_string()), ["0", "0"]);
}

/// Resident memory, in bytes.
fn resident(proxy: &Proxy) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", proxy.pid())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    let kib: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib << 10
}

#[test]
fn captured_requests_take_no_more_memory_than_they_may() {
    const SIZE: usize = 24 << 20;
    let top = "trusted_proxies = [\"127.0.0.1\"]";
    let proxy = capturing(top, "size = \"24MiB\"").start();
    let mut client = Client::connect(proxy.address);
    let mut send = |number: usize, body: usize| {
        let address = format!("2001:db8:{:x}:{number:x}::1", number % 7);
        let forged = Callback::post("/one", "a".repeat(body)).header("X-Forwarded-For", address);
        client.send(&forged.with_length());
        assert_ne!(client.response().status, 200);
    };
    // What the buffers of a connection and the like take is not ours.
    send(0, 64 << 10);
    let before = resident(&proxy);
    for number in 0..1200 {
        send(number, [64 << 10, 10, 1000, 30 << 10][number % 4]);
    }
    for number in 0..3000 {
        send(number, 0);
    }
    let more = resident(&proxy).saturating_sub(before);
    assert!(more < SIZE + SIZE / 4 + (8 << 20), "{} MiB", more >> 20);
    assert!(command(&proxy, &["capture", "list"]).status.success());
}
