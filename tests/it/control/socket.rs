//! Who is answered on the control socket, and what happens to those who misuse it.

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::thread;

use nix::unistd::{User, geteuid};

use super::{code, command, connect, controlled, frame, framed, printed, refused};
use crate::support::{Origin, Proxy, Setup};

const ROUTE: &str = "name = \"sgate\"\npath = \"/cb\"\nupstream = \"echo\"\nonce = true";

const UNKNOWN: &str = "00000000000000000000000000000000";

fn start() -> Proxy {
    controlled("").sgate(ROUTE).start()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// What another user gets who connects: an error of the system, or what the proxy says.
fn as_nobody(path: &Path) -> String {
    const PROGRAM: &str = "import socket, sys\n\
        s = socket.socket(socket.AF_UNIX)\n\
        try: s.connect(sys.argv[1])\n\
        except OSError as error: print(error.strerror)\n\
        else: print(s.makefile('rb').read().decode('latin-1'))";
    let nobody = User::from_name("nobody").unwrap().unwrap();
    let output = Command::new("python3")
        .args(["-c", PROGRAM, path.to_str().unwrap()])
        .uid(nobody.uid.as_raw())
        .gid(nobody.gid.as_raw())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn only_the_owner_can_connect_whatever_the_umask() {
    let proxy = start();
    let path = proxy.file("control.sock");
    assert_eq!(mode(&path), 0o600);
    assert_eq!(fs::metadata(&path).unwrap().uid(), geteuid().as_raw());
    // Widened by mistake, it is set again by the next reload.
    fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
    proxy.signal("HUP");
    proxy.error_line("reloaded");
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn another_local_user_cannot_connect_and_is_not_answered_if_the_mode_lets_it() {
    let proxy = start();
    let path = proxy.file("control.sock");
    if !geteuid().is_root() {
        // Only root can be another user; the mode says the same.
        assert_eq!(mode(&path), 0o600);
        return;
    }
    fs::set_permissions(proxy.directory(), Permissions::from_mode(0o755)).unwrap();
    assert_eq!(as_nobody(&path), "Permission denied\n");
    fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
    let said = as_nobody(&path);
    assert!(said.contains("not_permitted"), "{said}");
    // It holds nothing: others are answered.
    assert!(refused(&proxy, &["once", "show", UNKNOWN]).contains("does not know"));
}

#[test]
fn a_proxy_that_runs_as_another_user_answers_that_user_and_root() {
    if !geteuid().is_root() {
        assert!(refused(&start(), &["once", "show", UNKNOWN]).contains("does not know"));
        return;
    }
    let proxy = controlled("user = \"nobody\"")
        .sgate(ROUTE)
        .command(|_, directory| {
            fs::set_permissions(directory, Permissions::from_mode(0o777)).unwrap();
        })
        .start();
    let path = proxy.file("control.sock");
    let nobody = User::from_name("nobody").unwrap().unwrap();
    assert_eq!(
        (mode(&path), fs::metadata(&path).unwrap().uid()),
        (0o600, nobody.uid.as_raw())
    );
    assert!(refused(&proxy, &["once", "show", UNKNOWN]).contains("does not know"));
    assert!(!as_nobody(&path).contains("denied"));
}

#[test]
fn malformed_requests_are_told_so_and_nothing_is_read_of_long_ones() {
    let proxy = start();
    let path = proxy.file("control.sock");
    for (sent, told) in [
        (framed("{}"), "malformed"),
        (framed("nonsense"), "malformed"),
        (framed("\u{0}"), "malformed"),
        (framed(""), "malformed"),
        (vec![0xff; 4], "malformed"),
        (framed(r#"{"command":"once_show"}"#), "malformed"),
        (framed(r#"{"command":"dance"}"#), "unknown_command"),
        (
            framed(r#"{"command":"once_show","callback":"x"}"#),
            "malformed",
        ),
    ] {
        assert_eq!(code(&path, &sent), told, "{sent:?}");
    }
    // Some go away in the middle.
    for sent in [&b""[..], b"\0\0", b"\0\0\0\x05{}"] {
        connect(&path).write_all(sent).unwrap();
    }
    assert!(refused(&proxy, &["once", "show", UNKNOWN]).contains("does not know"));
}

#[test]
fn slow_commands_are_told_so_and_hold_up_nobody() {
    let proxy = start();
    let path = proxy.file("control.sock");
    // One fewer than there may be.
    let mut slow: Vec<UnixStream> = (0..15).map(|_| connect(&path)).collect();
    assert!(refused(&proxy, &["once", "show", UNKNOWN]).contains("does not know"));
    // One more is served once their time is over.
    slow.push(connect(&path));
    assert!(refused(&proxy, &["once", "show", UNKNOWN]).contains("does not know"));
    for mut stream in slow {
        let answer = frame(&mut stream).unwrap();
        assert_eq!(answer["refused"]["code"], "too_slow");
    }
}

#[test]
fn the_socket_is_handed_on_at_an_upgrade_and_removed_at_the_end() {
    let proxy = start();
    let path = proxy.file("control.sock");
    let inode = fs::metadata(&path).unwrap().ino();
    proxy.upgrade();
    assert_eq!(fs::metadata(&path).unwrap().ino(), inode);
    assert!(refused(&proxy, &["once", "show", UNKNOWN]).contains("does not know"));
    proxy.signal("TERM");
    assert_eq!(proxy.ended().0, Some(0));
    assert!(!path.exists());
}

#[test]
fn a_reload_opens_and_closes_the_socket() {
    let proxy = controlled("").sgate(ROUTE).start();
    let path = proxy.file("control.sock");
    proxy.reconfigure(|text| text.replace("control = ", "# control = "));
    proxy.error_line("the control socket is closed");
    assert!(!path.exists());
    let why = refused(&proxy, &["once", "show", UNKNOWN]);
    assert!(
        why.contains("sets no `control`") && why.contains("add, for example, `control = \"/run"),
        "{why}"
    );
    proxy.reconfigure(|text| text.replace("# control = ", "control = "));
    proxy.error_line("control socket at ");
    assert!(refused(&proxy, &["once", "show", UNKNOWN]).contains("does not know"));
}

#[test]
fn commands_say_why_no_process_answers() {
    let proxy = start();
    let path = proxy.file("control.sock");
    let socket = path.to_str().unwrap();
    let ask = |socket: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .args(["once", "show", UNKNOWN, "--control", socket])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(ask(socket).contains("does not know"));
    let why = ask("/nowhere/control.sock");
    assert!(
        why.contains("no process with this control socket runs"),
        "{why}"
    );

    // A process of another version, one that is none of ours, and one that hangs up.
    for (said, told) in [
        (
            framed(r#"{"countersign":"9.9.9","protocol":2,"more":[]}"#),
            "newer version of the program (9.9.9)",
        ),
        (
            framed(r#"{"countersign":"0.0.1","protocol":0}"#),
            "older version of the program (0.0.1)",
        ),
        (
            b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
            "does not speak this protocol",
        ),
        (framed("[]"), "does not speak this protocol"),
        (Vec::new(), "no answer from"),
    ] {
        let other = proxy.file("other.sock");
        let listener = UnixListener::bind(&other).unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(&said).unwrap();
        });
        let why = ask(other.to_str().unwrap());
        assert!(why.contains(told), "{why}");
        server.join().unwrap();
        fs::remove_file(other).unwrap();
    }
    proxy.signal("TERM");
    assert_eq!(proxy.ended().0, Some(0));
}

#[test]
fn the_admin_listener_has_nothing_of_it() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .top("control = \"control.sock\"\n[log]\naudit = \"audit.log\"\n[admin]\naddress = \"unix:admin.sock\"")
        .sgate("name = \"sgate\"\npath = \"/cb\"\nonce = true")
        .origin(&origin)
        .start();
    for page in ["/control", "/once", "/captures"] {
        let mut stream = UnixStream::connect(proxy.file("admin.sock")).unwrap();
        write!(
            stream,
            "GET {page} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    }
    assert!(command(&proxy, &["once", "show", UNKNOWN]).status.code() == Some(1));
    assert!(printed(&proxy, &["-t"]).is_empty());
}
