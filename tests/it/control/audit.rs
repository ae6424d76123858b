//! The audit log as operators have it.

use std::fs;
use std::process::{Command, Output};

use super::{audited, controlled, printed, refused};
use crate::support::signer::Signer;
use crate::support::{Origin, Proxy, Setup};

const ROUTE: &str = "name = \"sgate\"\npath = \"/cb\"\nonce = true";

/// Forgets a callback that nobody has sent: two lines.
fn forget(proxy: &Proxy, digit: &str) {
    let why = refused(proxy, &["once", "forget", &digit.repeat(64)]);
    assert!(why.contains("no such callback is remembered"), "{why}");
}

fn verify(files: &[&std::path::Path], more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["audit", "verify"])
        .args(more)
        .args(files)
        .output()
        .unwrap()
}

fn verified(files: &[&std::path::Path]) -> String {
    let output = verify(files, &[]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_chain_goes_on_over_reopening_upgrades_and_restarts() {
    let origin = Origin::start();
    let folder = tempfile::tempdir().unwrap();
    let (path, old) = (
        folder.path().join("audit.log"),
        folder.path().join("audit.log.1"),
    );
    let start = || {
        let audit = path.display();
        Setup::new()
            .top(&format!(
                "control = \"control.sock\"\n[log]\naudit = \"{audit}\""
            ))
            .sgate(ROUTE)
            .origin(&origin)
            .start()
    };
    let proxy = start();
    forget(&proxy, "1");
    fs::rename(&path, &old).unwrap();
    proxy.signal("USR1");
    proxy.error_line("log files reopened");
    forget(&proxy, "2");
    proxy.upgrade();
    forget(&proxy, "3");
    proxy.signal("TERM");
    assert_eq!(proxy.ended().0, Some(0));
    let proxy = start();
    forget(&proxy, "4");

    let text = verified(&[&old, &path]);
    assert!(text.starts_with("ok: 8 lines, from "), "{text}");
    let last = text.trim_end().rsplit(' ').next().unwrap().to_owned();
    assert!(verified(&[&path]).contains("note: the first line continues a line with the hash "));
    assert!(
        verify(&[&old, &path], &["--contains", &last])
            .status
            .success()
    );

    // Nobody would see that the last lines are gone, but for the hash.
    let text = fs::read_to_string(&path).unwrap();
    let shorter: Vec<&str> = text.split_inclusive('\n').take(4).collect();
    fs::write(&path, shorter.concat()).unwrap();
    assert!(verify(&[&old, &path], &[]).status.success());
    let output = verify(&[&old, &path], &["--contains", &last]);
    assert_eq!(output.status.code(), Some(1));

    // Everybody sees a line that was changed.
    fs::write(&path, text.replacen(&"2".repeat(64), &"5".repeat(64), 1)).unwrap();
    let output = verify(&[&path], &[]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("audit.log:2: "), "{said}");
    let json = verify(&[&path], &["--json"]).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["ok"], false);
    assert_eq!(verify(&[], &[]).status.code(), Some(2));
    assert_eq!(
        verify(&[&path], &["--contains", "x"]).status.code(),
        Some(2)
    );
}

#[test]
fn an_act_whose_line_cannot_be_written_is_refused() {
    let origin = Origin::start();
    let proxy = controlled("").sgate(ROUTE).origin(&origin).start();
    let callback = Signer::get().sgate("/cb", "{}");
    assert_eq!(callback.send(&proxy).status, 200);
    let identity = proxy.access()["identity"].as_str().unwrap().to_owned();
    // No line of ours is as long, so the chain cannot be continued.
    fs::write(proxy.file("audit.log"), "x".repeat(100_000)).unwrap();
    let why = refused(&proxy, &["once", "forget", &identity]);
    assert!(
        why.contains("refused, because it must be logged: cannot write the audit log"),
        "{why}"
    );
    proxy.error_line("control: once forget refused: cannot write the audit log");
    assert_eq!(callback.send(&proxy).status, 200);
    assert_eq!(proxy.access()["once"], "repeat");

    fs::write(proxy.file("audit.log"), "").unwrap();
    printed(&proxy, &["once", "forget", &identity]);
    assert_eq!(callback.send(&proxy).status, 200);
    assert_eq!(proxy.access()["once"], "fresh");
    let lines = audited(&proxy);
    assert_eq!(lines[0]["uid"], nix::unistd::geteuid().as_raw());
    let user = nix::unistd::User::from_uid(nix::unistd::geteuid())
        .unwrap()
        .unwrap();
    assert_eq!(lines[0]["user"], user.name);
}

#[test]
fn the_audit_log_is_beside_the_error_log_unless_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let errors = folder.path().join("error.log");
    let proxy = Setup::new()
        .top(&format!(
            "control = \"control.sock\"\n[log]\nerror = \"{}\"",
            errors.display()
        ))
        .sgate(ROUTE)
        .origin(&Origin::start())
        .start();
    forget(&proxy, "1");
    let text = verified(&[&folder.path().join("audit.log")]);
    assert!(text.starts_with("ok: 2 lines"), "{text}");
}
