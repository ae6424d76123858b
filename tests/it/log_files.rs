//! Log files: rotation, full disks, readers that stall, and reloads.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Instant;

use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Admin, Callback, Client, Origin, PATIENCE, Proxy, Setup};

fn setup(log: &str) -> Setup {
    let origin = Origin::start();
    Setup::new()
        .top(&format!("[log]\n{log}"))
        .sgate("name = \"bank\"\npath = \"/cb\"")
        .origin(&origin)
}

fn start(log: &str) -> Proxy {
    setup(log).start()
}

/// Sends a request that is rejected and so produces a log line.
fn request(client: &mut Client, target: &str) {
    client.send(&Callback::post(target, "").with_length());
    assert_eq!(client.response().status, 404);
}

fn requests(proxy: &Proxy, targets: &[&str]) {
    let mut client = Client::connect(proxy.address);
    for target in targets {
        request(&mut client, target);
    }
}

/// The targets in the lines of a file; none if the file does not exist.
fn targets(file: &Path) -> Vec<String> {
    let lines = fs::read_to_string(file).unwrap_or_default();
    assert!(lines.is_empty() || lines.ends_with('\n'));
    lines
        .lines()
        .map(|line| {
            line.split('"')
                .nth(1)
                .unwrap()
                .split(' ')
                .nth(1)
                .unwrap()
                .to_owned()
        })
        .collect()
}

/// Waits until a file's lines have these targets.
fn wait_for_targets(file: &Path, expected: &[&str]) {
    let deadline = Instant::now() + PATIENCE;
    while targets(file) != expected {
        assert!(Instant::now() < deadline, "{:?}", targets(file));
        thread::yield_now();
    }
}

#[test]
fn rotation_under_load_puts_each_line_into_one_file() {
    const THREADS: usize = 3;
    const EACH: usize = 400;
    const ROTATIONS: usize = 5;
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("access.log");
    let moved = |n: usize| directory.path().join(format!("access.log.{n}"));
    let proxy = start(&format!("access = \"{}\"", log.display()));
    let address = proxy.address;
    thread::scope(|scope| {
        for number in 0..THREADS {
            scope.spawn(move || {
                let mut client = Client::connect(address);
                for n in 0..EACH {
                    request(&mut client, &format!("/{number}-{n}"));
                }
            });
        }
        for n in 0..ROTATIONS {
            fs::rename(&log, moved(n)).unwrap();
            proxy.signal("USR1");
            proxy.error_line("log files reopened");
            let deadline = Instant::now() + PATIENCE;
            while !log.exists() {
                assert!(Instant::now() < deadline, "no new file");
                thread::yield_now();
            }
        }
    });
    proxy.signal("TERM");
    assert_eq!(proxy.ended().0, Some(0));
    let files = (0..ROTATIONS).map(moved).chain([log]);
    let mut all: Vec<_> = files.flat_map(|file| targets(&file)).collect();
    let mut expected: Vec<_> = (0..THREADS)
        .flat_map(|number| (0..EACH).map(move |n| format!("/{number}-{n}")))
        .collect();
    all.sort_unstable();
    expected.sort_unstable();
    assert_eq!(all, expected);
}

#[test]
fn logrotate_rotates_with_the_file_of_the_package() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let log = path.join("access.log");
    let proxy = start(&format!("access = \"{}\"", log.display()));
    requests(&proxy, &["/old"]);
    wait_for_targets(&log, &["/old"]);

    // Adapts the package's file to this test's files and process.
    let packaged = fs::read_to_string("dist/logrotate/countersign").unwrap();
    let signal = packaged
        .lines()
        .find(|line| line.contains("-s reopen"))
        .unwrap();
    let text = packaged
        .replace("/var/log/countersign", path.to_str().unwrap())
        .replace(signal, &format!("kill -USR1 {}", proxy.id()));
    let (config, state) = (path.join("logrotate.conf"), path.join("state"));
    fs::write(&config, text).unwrap();
    fs::set_permissions(&config, Permissions::from_mode(0o644)).unwrap();
    let logrotate = |flag: &str| {
        let mut command = Command::new("logrotate");
        command.env(
            "PATH",
            format!("{}:/usr/sbin", std::env::var("PATH").unwrap()),
        );
        let output = command
            .arg(flag)
            .arg("-s")
            .arg(&state)
            .arg(&config)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.success() && !told.contains("error:"),
            "{told}"
        );
    };
    logrotate("-d");
    logrotate("-f");
    proxy.error_line("log files reopened");
    requests(&proxy, &["/new"]);
    wait_for_targets(&log, &["/new"]);
    assert_eq!(targets(&path.join("access.log.1")), ["/old"]);
}

#[test]
fn a_failed_reopen_keeps_the_old_file() {
    let proxy = start("access = \"access.log\"");
    let (log, moved) = (proxy.file("access.log"), proxy.file("moved"));
    requests(&proxy, &["/before"]);
    fs::rename(&log, &moved).unwrap();
    fs::create_dir(&log).unwrap();
    proxy.signal("USR1");
    proxy.error_line("cannot reopen ");
    requests(&proxy, &["/after"]);
    wait_for_targets(&moved, &["/before", "/after"]);
}

#[test]
fn a_reload_moves_logs_and_loses_no_line() {
    let proxy = start("access = \"a.log\"\nerror = \"errors.log\"\nlevel = \"error\"");
    let (first, second) = (proxy.file("a.log"), proxy.file("b.log"));
    requests(&proxy, &["/1", "/2"]);
    proxy.reconfigure(|text| {
        text.replace("a.log", "b.log").replace(
            "errors.log\"\nlevel = \"error\"",
            "more.log\"\nlevel = \"info\"",
        )
    });
    let errors = proxy.file("more.log");
    let deadline = Instant::now() + PATIENCE;
    while !fs::read_to_string(&errors).is_ok_and(|log| log.contains("reloaded")) {
        assert!(Instant::now() < deadline, "no reload");
        thread::yield_now();
    }
    requests(&proxy, &["/3"]);
    wait_for_targets(&second, &["/3"]);
    wait_for_targets(&first, &["/1", "/2"]);
    assert_eq!(fs::read_to_string(proxy.file("errors.log")).unwrap(), "");

    // A file that cannot be opened leaves the old configuration in use.
    proxy.reconfigure(|text| text.replace("b.log", "none/c.log"));
    while !fs::read_to_string(&errors)
        .unwrap()
        .contains("stays active")
    {
        assert!(Instant::now() < deadline, "no report");
        thread::yield_now();
    }
    requests(&proxy, &["/4"]);
    wait_for_targets(&second, &["/3", "/4"]);
}

#[test]
fn a_full_disk_loses_lines_and_is_reported() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("link");
    symlink("/dev/full", &log).unwrap();
    let admin = Admin::new();
    let proxy = setup(&format!("access = \"{}\"", log.display()))
        .admin(&admin)
        .start();
    requests(&proxy, &["/1", "/2"]);
    proxy.error_line("No space left on device");
    requests(&proxy, &["/3"]);
    // The client gets its response before the line is written.
    admin.until("countersign_log_lines_dropped_total", 3.0);

    let file = directory.path().join("file");
    fs::remove_file(&log).unwrap();
    symlink(&file, &log).unwrap();
    proxy.signal("USR1");
    proxy.error_line("log files reopened");
    requests(&proxy, &["/4"]);
    assert!(
        proxy
            .error_line("can be written to again")
            .contains("; 3 lines were lost")
    );
    wait_for_targets(&file, &["/4"]);
}

#[test]
fn a_log_that_nobody_reads_blocks_no_request() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let proxy = start(&format!("access = \"{}\"", pipe.display()));
    // More than the pipe and the buffer hold.
    let long = format!("/{}", "x".repeat(2000));
    let mut client = Client::connect(proxy.address);
    for _ in 0..2500 {
        request(&mut client, &long);
    }
    let reader = thread::spawn({
        let pipe = pipe.clone();
        move || fs::read(pipe).unwrap()
    });
    proxy.error_line("were lost: its reader is too slow");
    proxy.signal("TERM");
    assert_eq!(proxy.ended().0, Some(0));
    assert!(reader.join().unwrap().len() > 4 << 20);

    // The program exits even if its log blocks forever.
    let proxy = start(&format!("access = \"{}\"", pipe.display()));
    let mut client = Client::connect(proxy.address);
    for _ in 0..100 {
        request(&mut client, &long);
    }
    proxy.signal("TERM");
    assert_eq!(proxy.ended().0, Some(0));
}

#[test]
fn a_process_that_shuts_down_still_reopens_its_logs() {
    let (release, released) = channel();
    let released = Mutex::new(released);
    let origin = Origin::answering(move |_| {
        released.lock().unwrap().recv().unwrap();
        Reply::ok()
    });
    let proxy = Setup::new()
        .top("[log]\naccess = \"access.log\"\nformat = \"combined\"")
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(&origin)
        .start();
    let mut client = Client::connect(proxy.address);
    client.send(&Signer::get().sgate("/cb", "{}").with_length());
    origin.request();
    proxy.signal("TERM");
    proxy.error_line("shutting down");
    let file = proxy.file("access.log");
    fs::rename(&file, proxy.file("access.log.1")).unwrap();
    proxy.signal("USR1");
    proxy.error_line("log files reopened");
    release.send(()).unwrap();
    assert_eq!(client.response().status, 200);
    wait_for_targets(&file, &["/cb"]);
}
