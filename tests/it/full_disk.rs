//! A log directory on a disk that is really full: requests continue, lost lines are counted, and
//! logging resumes once there is space.
//!
//! The program gets its own disk in a mount namespace, which needs no privileges.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Instant;

use crate::support::{Admin, Callback, Client, Origin, PATIENCE, Proxy, Setup};

/// A disk of sixteen pages of memory.
const DISK: &str = "mkdir \"$0\" && mount -t tmpfs -o size=64k disk \"$0\" && exec \"$@\"";

/// A proxy whose directory `log` is a small disk, and the path of that disk from outside.
fn start(admin: &Admin) -> (Proxy, PathBuf) {
    let origin = Origin::start();
    let proxy = Setup::new()
        .top("[log]\naccess = \"log/access.log\"\nformat = \"$request_uri\"")
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(&origin)
        .admin(admin)
        .command(|command, directory| {
            let mut inside = Command::new("unshare");
            inside.args(["--map-root-user", "--mount", "sh", "-c", DISK]);
            inside.arg(directory.join("log"));
            inside.arg(command.get_program()).args(command.get_args());
            *command = inside;
        })
        .start();
    let log = proxy.file("log");
    let seen = format!("/proc/{}/root{}", proxy.pid(), log.display());
    (proxy, PathBuf::from(seen))
}

fn wait_until(what: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !what() {
        assert!(Instant::now() < deadline);
        thread::yield_now();
    }
}

/// Writes until the disk is full.
fn fill(file: &Path) {
    let full = fs::write(file, [0; 128 << 10]).unwrap_err();
    assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
}

#[test]
fn a_full_disk_delays_no_request_and_logging_recovers() {
    let admin = Admin::new();
    let (proxy, disk) = start(&admin);
    let log = disk.join("access.log");
    let lines = || -> Vec<String> {
        let text = fs::read_to_string(&log).unwrap();
        text.lines().map(str::to_owned).collect()
    };
    let dropped = || admin.metrics().value("countersign_log_lines_dropped_total");
    let mut client = Client::connect(proxy.address);
    let mut asked = 0_u32;
    let mut request = || {
        client.send(&Callback::post(&format!("/{asked:0100}"), "").with_length());
        assert_eq!(client.response().status, 404);
        asked += 1;
        asked
    };
    request();
    wait_until(|| lines().len() == 1);
    // The rest of the log's only page holds a few dozen lines.
    fill(&disk.join("filler"));
    while dropped() == Some(0.0) {
        request();
    }
    proxy.error_line("No space left on device");
    let written = lines().len();
    for _ in 0..100 {
        request();
    }
    assert!(dropped() > Some(0.0));

    fs::remove_file(disk.join("filler")).unwrap();
    let all = request();
    proxy.error_line("access.log can be written to again");
    let last = format!("/{:0100}", all - 1);
    wait_until(|| lines().contains(&last));
    // Every line is either complete or counted as lost. A partial line is on a line of its own.
    let is_whole = |line: &String| line.len() == last.len() && line.starts_with("/0");
    let (whole, halves): (Vec<_>, Vec<_>) = lines().into_iter().partition(is_whole);
    assert!(halves.len() <= 1, "{halves:?}");
    assert!(whole.len() > written - 1);
    let counted = dropped().unwrap() + whole.len() as f64;
    assert_eq!(counted, f64::from(all));
}
