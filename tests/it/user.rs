//! `user` and `group`: the process gives up root's privileges once it no longer needs them.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;
use std::process::{Command, Stdio};

use nix::unistd::User;

use crate::config_files::Files;
use crate::support::Setup;
use crate::support::signer::Signer;
use crate::support::{Origin, Proxy};

fn is_root() -> bool {
    fs::read_to_string("/proc/self/status")
        .unwrap()
        .lines()
        .any(|line| line.starts_with("Uid:\t0\t0\t"))
}

/// The values in a line of a process's /proc status.
fn status(proxy: &Proxy, name: &str) -> Vec<String> {
    let text = fs::read_to_string(format!("/proc/{}/status", proxy.pid())).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap()
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_process_switches_to_the_user_for_good() {
    if !is_root() {
        return switching_the_user_requires_root();
    }
    let origin = Origin::start();
    let proxy = Setup::new()
        .top("user = \"nobody\"\npid_file = \"run.pid\"")
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(&origin)
        .command(|_, directory| {
            fs::set_permissions(directory, Permissions::from_mode(0o700)).unwrap();
        })
        .start();
    // Only root can read the configuration's directory.
    let line = proxy.error_line("a reload will fail");
    assert!(line.contains("countersign.toml"), "{line}");
    let expected = |kind: &str| {
        let output = Command::new("id").args([kind, "nobody"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(status(&proxy, "Uid:"), vec![expected("-u"); 4]);
    assert_eq!(status(&proxy, "Gid:"), vec![expected("-g"); 4]);
    assert!(!status(&proxy, "Groups:").contains(&"0".to_owned()));
    assert_eq!(status(&proxy, "CapEff:"), ["0000000000000000"]);
    let callback = Signer::get().sgate("/cb", "{}");
    assert_eq!(callback.send(&proxy).status, 200);

    // The user cannot read the configuration.
    proxy.signal("HUP");
    proxy.error_line("reload failed");
    assert_eq!(callback.send(&proxy).status, 200);
    origin.requests(2);
}

#[test]
fn a_unix_socket_belongs_to_the_user() {
    if !is_root() {
        return switching_the_user_requires_root();
    }
    let origin = Origin::start();
    let folder = tempfile::tempdir().unwrap();
    let nobody = User::from_name("nobody").unwrap().unwrap();
    let owner = (nobody.uid.as_raw(), nobody.gid.as_raw());
    chown(folder.path(), Some(owner.0), Some(owner.1)).unwrap();
    let path = folder.path().join("http.sock");
    let listener = format!("[[listener]]\naddress = \"unix:{}\"", path.display());
    let proxy = Setup::new()
        .top("user = \"nobody\"")
        .tables(&listener)
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(&origin)
        .start();
    let file = fs::metadata(&path).unwrap();
    assert_eq!((file.uid(), file.gid()), owner);
    assert_eq!(file.permissions().mode() & 0o777, 0o660);
    proxy.signal("TERM");
    assert_eq!(proxy.ended().0, Some(0));
    assert!(!path.exists());
}

#[test]
fn a_test_warns_of_what_the_user_cannot_do() {
    if !is_root() {
        return switching_the_user_requires_root();
    }
    let files = Files::new();
    let open = |path: &Path| fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
    open(files.path());
    let run = |before: &str| {
        let top = format!("user = \"nobody\"\n{before}");
        let file = files.write_smallest(&top, "127.0.0.1:0");
        let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .args(["-t", "-c", file.to_str().unwrap()])
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(!run("").contains("warning["), "{}", run(""));

    // The pid file's directory and the log belong to root, and only root can read the key.
    let more = "pid_file = \"run.pid\"\nlog = { error = \"error.log\" }\n";
    files.write_key("k.pem");
    let key = files.path().join("k.pem");
    fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    let err = run(more);
    let at = files.path().display();
    for part in [
        "warning[user_lacks_access]".to_owned(),
        "c.toml:1:1".to_owned(),
        format!(
            "`nobody`: it cannot read `{at}/k.pem`, and cannot write to `{at}`, `{at}/error.log`"
        ),
    ] {
        assert!(err.contains(&part), "{part}\n{err}");
    }
    let accepted = format!("accept_warnings = [\"user_lacks_access\"]\n{more}");
    assert!(!run(&accepted).contains("warning["));

    // All of it is the user's.
    let nobody = User::from_name("nobody").unwrap().unwrap();
    let give = |path: &Path| chown(path, Some(nobody.uid.as_raw()), Some(nobody.gid.as_raw()));
    files.write("error.log", "");
    for path in [files.path(), &key, &files.path().join("error.log")] {
        give(path).unwrap();
    }
    assert!(!run(more).contains("warning["), "{}", run(more));
}

#[test]
fn switching_the_user_requires_root() {
    let files = Files::new();
    let file = files.write_smallest("user = \"root\"\n", "127.0.0.1:0");
    for path in [files.path(), &file, &files.path().join("k.pem")] {
        fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
    }
    let program = env!("CARGO_BIN_EXE_countersign");
    let mut command = if is_root() {
        // A copy in a place where any user can run it.
        let copy = files.path().join("countersign");
        fs::copy(program, &copy).unwrap();
        let mut command = Command::new("setpriv");
        command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]);
        command.arg(copy);
        command
    } else {
        Command::new(program)
    };
    let output = command
        .arg("-c")
        .arg(&file)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        error.contains("cannot switch to user `root`: only root can"),
        "{error}"
    );
}
