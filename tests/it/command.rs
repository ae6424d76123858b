//! The program itself: exit codes and output.

use std::fs;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Output};

use crate::config_files::{Files, smallest};
use crate::support::{Origin, Setup};

fn countersign(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(arguments)
        .output()
        .unwrap()
}

/// Exit code, standard output, standard error.
fn outcome(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = countersign(arguments);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_valid_configuration_prints_a_note_and_nginxs_two_lines() {
    let files = Files::new();
    let path = files.write_smallest("", "127.0.0.1:0");
    let file = text(&path);
    for arguments in [["-t", "-c", file], ["--test", "--config", file]] {
        let (code, out, err) = outcome(&arguments);
        assert_eq!(
            err,
            format!(
                "countersign: note: 1 of 1 routes forward every header that a client sends; \
                 use `forward_headers` to list those that a backend needs\n\
                 countersign: the configuration file {file} syntax is ok\n\
                 countersign: configuration file {file} test is successful\n"
            )
        );
        assert_eq!((code, out.as_str()), (Some(0), ""));
    }
}

#[test]
fn a_start_with_a_store_that_cannot_be_opened_says_why() {
    let files = Files::new();
    let store = files.write(
        "once.db",
        "no database, whatever SQLite makes of it: ".repeat(9),
    );
    let table = format!(
        "[once]\nstore = \"disk\"\ndisk = {{ path = \"{}\" }}\n",
        store.display()
    );
    let path = files.write_smallest(&table, "127.0.0.1:0");
    let (code, out, err) = outcome(&["-c", text(&path)]);
    assert!(
        err.contains("countersign: cannot open the store of `[once]`: "),
        "{err}"
    );
    assert_eq!((code, out.as_str()), (Some(1), ""));
}

#[test]
fn a_test_warns_of_an_address_in_use_and_passes() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let files = Files::new();
    let address = taken.local_addr().unwrap().to_string();
    let path = files.write_smallest("", &address);
    let (code, _, err) = outcome(&["-t", "-c", text(&path)]);
    assert_eq!(code, Some(0));
    for part in [
        "warning[address_in_use]: address in use",
        "c.toml:3:11\n",
        &format!("(process {}) listens here", std::process::id()),
    ] {
        assert!(err.contains(part), "{err}");
    }
    // Also through an address that includes it, but not for another port or if accepted.
    let wide = address.replace("127.0.0.1", "0.0.0.0");
    for (before, address, is_warned) in [
        ("", wide.as_str(), true),
        ("", "127.0.0.1:0", false),
        ("accept_warnings = [\"address_in_use\"]\n", &address, false),
        (
            "accept_warnings = [\"address_in_use\"]\n",
            "127.0.0.1:0",
            false,
        ),
    ] {
        let path = files.write_smallest(before, address);
        let (code, _, err) = outcome(&["-t", "-c", text(&path)]);
        assert_eq!(
            (code, err.contains("warning[")),
            (Some(0), is_warned),
            "{err}"
        );
    }
}

#[test]
fn a_test_warns_of_a_unix_socket_in_use_and_of_a_file_in_its_place() {
    let files = Files::new();
    let socket = files.path().join("a b.sock");
    let path = files.write_smallest("", &format!("unix:{}", socket.display()));
    let warned = || {
        let (code, _, err) = outcome(&["-t", "-c", text(&path)]);
        assert_eq!(code, Some(0), "{err}");
        err.contains("warning[").then_some(err)
    };
    assert_eq!(warned(), None);
    let taken = UnixListener::bind(&socket).unwrap();
    let err = warned().unwrap();
    for part in [
        "warning[address_in_use]: address in use",
        "c.toml:3:11\n",
        &format!("(process {}) listens here", std::process::id()),
    ] {
        assert!(err.contains(part), "{err}");
    }
    // What a process leaves behind is replaced at the start.
    drop(taken);
    assert!(socket.exists());
    assert_eq!(warned(), None);
    fs::remove_file(&socket).unwrap();
    fs::write(&socket, "").unwrap();
    let err = warned().unwrap();
    assert!(
        err.contains("warning[address_in_use]") && err.contains("not a socket has this name"),
        "{err}"
    );
}

#[test]
fn a_test_beside_the_running_proxy_does_not_take_it_for_another_program() {
    let origin = Origin::start();
    for top in ["pid_file = \"run.pid\"", ""] {
        let proxy = Setup::new()
            .top(top)
            .tables("[[listener]]\naddress = \"unix:other.sock\"")
            .origin(&origin)
            .cheezeepay("name = \"r\"\npath = \"/r\"")
            .start();
        let file = proxy.file("countersign.toml");
        let output = Command::new(proxy.file("countersign"))
            .args(["-t", "-c", text(&file)])
            .output()
            .unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{err}");
        assert!(!err.contains("address_in_use"), "{err}");
    }
    // Another process that is not the one of the pid file.
    let proxy = Setup::new()
        .origin(&origin)
        .cheezeepay("name = \"r\"\npath = \"/r\"")
        .start();
    let files = Files::new();
    let path = files.write_smallest("pid_file = \"run.pid\"\n", &proxy.address.to_string());
    let (_, _, err) = outcome(&["-t", "-c", text(&path)]);
    assert!(err.contains("warning[address_in_use]"), "{err}");
}

#[test]
fn the_shipped_configuration_is_the_default() {
    let (code, _, err) = outcome(&["-t"]);
    assert!(
        err.ends_with("conf/countersign.toml test is successful\n"),
        "{err}"
    );
    assert_eq!(code, Some(0));
}

#[test]
fn an_invalid_configuration_prints_the_report() {
    let files = Files::new();
    let path = files.write("c.toml", "wrokers = 2\n");
    let file = text(&path);
    let (code, out, err) = outcome(&["-t", "-c", file]);
    assert!(
        err.contains(&format!("error: unknown key\n --> {file}:1:1\n")),
        "{err}"
    );
    assert!(err.contains("did you mean `workers`?"), "{err}");
    assert!(err.ends_with(&format!(
        "countersign: configuration file {file} test failed\n"
    )));
    assert!(
        !err.contains('\u{1b}'),
        "no colours where it is no terminal"
    );
    assert_eq!((code, out.as_str()), (Some(1), ""));
}

#[test]
fn a_missing_file() {
    let files = Files::new();
    let path = files.path().join("none.toml");
    let file = text(&path);
    for arguments in [&["-t", "-c", file][..], &["-c", file]] {
        let (code, out, err) = outcome(arguments);
        assert!(
            err.starts_with("error: cannot read the configuration file\n"),
            "{err}"
        );
        for part in [file, "there is no such file", "-c FILE"] {
            assert!(err.contains(part), "{part}: {err}");
        }
        assert_eq!((code, out.as_str()), (Some(1), ""));
    }
}

#[test]
fn without_c_every_place_that_is_searched_is_named() {
    let files = Files::new();
    let directory = fs::canonicalize(files.path()).unwrap();
    for (prefix, arguments) in [
        (None, &["-t"][..]),
        (None, &["-T"]),
        (None, &["-s", "reload"]),
        (None, &[]),
        (Some("sub"), &["-t"]),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .current_dir(&directory)
            .args(prefix.iter().flat_map(|prefix| ["-p", prefix]))
            .args(arguments)
            .output()
            .unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        let below = directory.join(prefix.unwrap_or_default());
        let first = below.join("conf/countersign.toml").display().to_string();
        assert!(err.contains(&first) && err.contains("`-c`"), "{err}");
        let is_searched = err.contains("/etc/countersign/countersign.toml");
        assert_eq!(is_searched, prefix.is_none(), "{err}");
        assert_eq!(output.status.code(), Some(1));
    }
}

#[test]
fn a_configuration_file_without_its_option_is_told_as_such() {
    let files = Files::new();
    let path = files.write_smallest("", "127.0.0.1:0");
    let file = text(&path);
    for arguments in [
        &["-t", file][..],
        &["-T", file],
        &["-s", "reload", file],
        &[file],
    ] {
        let (code, out, err) = outcome(arguments);
        assert!(err.contains(&format!("'-c {file}'")), "{err}");
        assert_eq!((code, out.as_str()), (Some(2), ""));
    }
}

#[test]
fn version_and_help() {
    let (code, out, err) = outcome(&["-v"]);
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(out, format!("countersign {version}\n"));
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let (code, out, err) = outcome(&["-V"]);
    assert!(
        out.starts_with(&format!("countersign {version}\n")),
        "{out}"
    );
    assert!(
        out.contains("built with rustc ") && out.contains("pingora ") && out.contains("aws-lc-rs "),
        "{out}"
    );
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let (code, out, err) = outcome(&["--help"]);
    assert!(out.contains("Usage: countersign [OPTIONS]"), "{out}");
    assert!(out.contains("Exit codes:"), "{out}");
    assert_eq!((code, err.as_str()), (Some(0), ""));
}

#[test]
fn usage_errors_exit_with_2() {
    let (code, out, err) = outcome(&["--no-such-flag"]);
    assert!(
        err.contains("--no-such-flag") && err.contains("Usage:"),
        "{err}"
    );
    assert_eq!((code, out.as_str()), (Some(2), ""));
}

#[test]
fn an_invalid_configuration_opens_no_listener() {
    // The address is in use, so an attempt to listen would produce a different error.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let files = Files::new();
    files.write_key("k.pem");
    let bad = smallest(&taken.local_addr().unwrap().to_string()).replace("[\"k\"]", "[\"other\"]");
    let path = files.write("c.toml", bad);
    let (code, out, err) = outcome(&["-c", text(&path)]);
    assert!(err.starts_with("error: unknown reference\n"), "{err}");
    assert!(
        !err.contains("listen on") && !err.contains("listening"),
        "{err}"
    );
    assert_eq!((code, out.as_str()), (Some(1), ""));
}

#[test]
fn an_address_that_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let files = Files::new();
    let path = files.write_smallest("", &address.to_string());
    let (code, out, err) = outcome(&["-c", text(&path)]);
    assert!(
        err.starts_with(&format!("countersign: cannot listen on {address}: ")),
        "{err}"
    );
    assert!(err.contains("in use"), "{err}");
    assert_eq!((code, out.as_str()), (Some(1), ""));
}
