//! `daemon = true`: the command exits once the background process serves, or with its error report.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};

use crate::config_files::Files;
use crate::support::address;
use crate::support::proxy::kill;

fn run(file: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_countersign"))
        .arg("-c")
        .arg(file)
        .args(arguments)
        .output()
        .unwrap()
}

const IN_THE_BACKGROUND: &str = r#"
daemon = true
pid_file = "run.pid"
[log]
access = "off"
error = "error.log"
"#;

#[test]
fn a_daemon_serves_until_it_is_stopped() {
    let files = Files::new();
    let address = address::unused();
    let file = files.write_smallest(IN_THE_BACKGROUND, &address.to_string());
    let output = run(&file, &[]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!((output.stdout, output.stderr), (vec![], vec![]));
    // The background process already serves, in its own session, detached from the terminal.
    drop(TcpStream::connect(address).unwrap());
    let pid = fs::read_to_string(files.path().join("run.pid")).unwrap();
    let pid: u32 = pid.trim().parse().unwrap();
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let session = stat.rsplit(')').next().unwrap().split(' ').nth(4).unwrap();
    assert_eq!(session, pid.to_string());
    for descriptor in 0..3 {
        let link = fs::read_link(format!("/proc/{pid}/fd/{descriptor}")).unwrap();
        assert_eq!(link, Path::new("/dev/null"));
    }
    let output = run(&file, &["-s", "upgrade"]);
    assert!(output.status.success(), "{output:?}");
    let output = run(&file, &["-s", "quit", "--wait"]);
    if !output.status.success() {
        kill("KILL", pid);
        panic!("{output:?}");
    }
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_failed_start_in_the_background_says_why() {
    let files = Files::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let file = files.write_smallest(IN_THE_BACKGROUND, &address);
    let output = run(&file, &[]);
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    let wanted = format!("countersign: cannot listen on {address}: ");
    assert!(error.starts_with(&wanted), "{error}");
    assert!(!files.path().join("run.pid").exists());
}
