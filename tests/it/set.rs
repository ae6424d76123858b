//! `--set`: the command line overrides the file for the lifetime of the process.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output};

use countersign::config::Input;
use serde_json::json;

use crate::config_files::Files;
use crate::dump::{round_trip_of, shown};
use crate::support::admin::Admin;
use crate::support::proxy::kill;
use crate::support::signer::Signer;
use crate::support::{Callback, Origin, Proxy, Setup, address};

fn callback(target: &str) -> Callback {
    Signer::get().sgate(target, "{}")
}

/// A configuration whose upstream is `file`, with overrides that change it to `command_line`.
fn start(file: &Origin, command_line: &Origin, top: &str) -> Proxy {
    let server = format!("upstream.origin.servers=[\"{}\"]", command_line.address);
    Setup::new()
        .top(top)
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(file)
        .command(move |command, _| {
            command.args(["--set", &server, "--set", "pid_file=run.pid"]);
        })
        .start()
}

/// Readers of the log or the status page would not find these keys in the file.
#[test]
fn the_process_logs_which_keys_are_set() {
    let (origin, admin) = (Origin::start(), Admin::new());
    let address = format!("admin.address={}", admin.address);
    let proxy = Setup::new()
        .sgate("name = \"a.b\"\npath = \"/cb\"")
        .origin(&origin)
        .command(move |command, _| {
            command.args(["--set", &address, "--set", "route.'a.b'.max_age=60s"]);
        })
        .start();
    proxy.error_line("the command line sets admin.address, route.\\\"a.b\\\".max_age");
    let status = admin.get("/status").json();
    assert_eq!(
        status["configuration"]["set_by_command_line"],
        json!(["admin.address", "route.\"a.b\".max_age"])
    );
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(arguments)
        .output()
        .unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn set_overrides_the_file_and_survives_reload_and_upgrade() {
    let (file, command_line) = (Origin::start(), Origin::start());
    let proxy = start(&file, &command_line, "");
    assert_eq!(callback("/cb").send(&proxy).status, 200);
    // A reload rereads the rest of the file.
    proxy.reconfigure(|text| text.replace("\"/cb\"", "\"/two\""));
    proxy.error_line("reloaded");
    assert_eq!(callback("/two").send(&proxy).status, 200);
    proxy.upgrade();
    assert_eq!(callback("/two").send(&proxy).status, 200);
    command_line.requests(3);
    assert_eq!(file.connections(), 0);
    // `--set pid_file` is relative to the configuration's directory.
    let pid = fs::read_to_string(proxy.file("run.pid")).unwrap();
    assert_eq!(pid.trim(), proxy.pid().to_string());
}

#[test]
fn set_survives_a_change_of_a_watched_file() {
    let (file, command_line) = (Origin::start(), Origin::start());
    let proxy = start(&file, &command_line, "watch = true");
    let path = proxy.file("countersign.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"/cb\"", "\"/two\"")).unwrap();
    proxy.error_line("reloaded");
    assert_eq!(callback("/two").send(&proxy).status, 200);
    command_line.request();
    assert_eq!(file.connections(), 0);
}

#[test]
fn a_reload_is_refused_if_the_file_no_longer_has_the_table_that_is_set() {
    let (file, command_line) = (Origin::start(), Origin::start());
    let proxy = start(&file, &command_line, "");
    proxy.reconfigure(|text| text.replace("\"origin\"", "\"renamed\""));
    proxy.error_line("command line:1:10");
    let line = proxy.error_line("stays active");
    assert!(
        line.contains("no `[[upstream]]` has the name `origin`"),
        "{line}"
    );
    assert_eq!(callback("/cb").send(&proxy).status, 200);
    command_line.request();
}

/// Signals find the process through the overridden pid file, and the reload is checked with it.
#[test]
fn signals_honour_set() {
    let (file, command_line) = (Origin::start(), Origin::start());
    let proxy = start(&file, &command_line, "");
    let path = proxy.file("countersign.toml");
    let path = path.to_str().unwrap();
    let without = run(&["-c", path, "-s", "reload"]);
    assert!(
        stderr(&without).contains("sets no `pid_file`"),
        "{without:?}"
    );
    let reload = |set: &str| {
        run(&[
            "-c",
            path,
            "--set",
            "pid_file=run.pid",
            "--set",
            set,
            "-s",
            "reload",
        ])
    };
    assert_eq!(reload("workers=1").status.code(), Some(0));
    let bad = reload("workres=1");
    assert_eq!(bad.status.code(), Some(1));
    assert!(stderr(&bad).contains("nothing was reloaded"), "{bad:?}");
    // Stopping must work even if the configuration is invalid.
    fs::write(path, "nonsense = 1\n").unwrap();
    let stop = run(&[
        "-c",
        path,
        "--set",
        "pid_file=run.pid",
        "--set",
        "x",
        "-s",
        "stop",
        "--wait",
    ]);
    assert!(stop.status.success(), "{stop:?}");
    assert_eq!(proxy.ended().0, Some(0));
}

fn configuration(files: &Files, address: &str) -> String {
    let before = "workers = 1\n[log]\naccess = \"off\"\nerror = \"error.log\"\n";
    let file = files.write_smallest(before, address);
    file.to_str().unwrap().to_owned()
}

#[test]
fn set_applies_to_a_daemon() {
    let files = Files::new();
    let (inside, outside) = (address::unused(), address::unused());
    let file = configuration(&files, &inside.to_string());
    let listener = format!("listener.\"{inside}\".address={outside}");
    let all = [
        "-c",
        &file,
        "--set",
        "daemon=true",
        "--set",
        "pid_file=run.pid",
        "--set",
        &listener,
    ];
    let started = run(&all);
    assert!(started.status.success(), "{started:?}");
    let pid = fs::read_to_string(files.path().join("run.pid")).unwrap();
    let served = (
        TcpStream::connect(outside).is_ok(),
        TcpStream::connect(inside).is_ok(),
    );
    let stopped = run(&[&all[..], &["-s", "quit", "--wait"]].concat());
    if !stopped.status.success() {
        kill("KILL", pid.trim().parse().unwrap());
        panic!("{stopped:?}");
    }
    assert_eq!(served, (true, false));
}

#[test]
fn tests_and_dumps_honour_set() {
    let files = Files::new();
    let file = configuration(&files, "127.0.0.1:0");
    let good = run(&["-t", "-c", &file, "--set", "log.level=debug"]);
    assert!(stderr(&good).ends_with("test is successful\n"), "{good:?}");
    let bad = run(&["-t", "-c", &file, "--set", "log.levle=debug"]);
    assert_eq!(bad.status.code(), Some(1));
    assert!(
        stderr(&bad).contains("error: unknown key\n --> command line:1:5\n"),
        "{bad:?}"
    );
    // Overrides do not replace a missing file.
    let none = files.path().join("none.toml");
    let missing = run(&["-t", "-c", none.to_str().unwrap(), "--set", "workers=2"]);
    assert!(
        stderr(&missing).contains("there is no such file"),
        "{missing:?}"
    );

    let dump = run(&[
        "-T",
        "-c",
        &file,
        "--set",
        "log.level=debug",
        "--set",
        "admin.address=127.0.0.1:9180",
        "--set",
        "route.r.fields.X-Order=mchOrderNo",
        "--set",
        "pid_file=a.pid",
        "--set",
        "header_prefix = \"X-Paid-\"\n",
    ]);
    let dump = String::from_utf8(dump.stdout).unwrap();
    let directory = files.path().display();
    for line in [
        "# command line: --set log.level=debug",
        "# command line: --set header_prefix = \"X-Paid-\"\\n",
        "level = \"debug\"  # from the command line",
        "error_format = \"text\"",
        "[admin]\naddress = \"127.0.0.1:9180\"  # from the command line",
        "fields = { \"X-Order\" = \"mchOrderNo\" }  # from the command line",
        &format!("pid_file = \"{directory}/a.pid\"  # from the command line"),
        "header_prefix = \"X-Paid-\"  # from the command line",
        "workers = 1",
    ] {
        assert!(dump.contains(&format!("\n{line}\n")), "{line}\n{dump}");
    }
}

/// Overrides have the same effect as the same values in the file.
#[test]
fn set_means_the_same_as_in_the_file() {
    let files = Files::new();
    let file = configuration(&files, "127.0.0.1:1");
    files.write_key("keys/two.pem");
    files.write(
        "more/a.toml",
        "[[key]]\nid = 'two'\nfile = '../k.pem'\n\
         [[route]]\nname = 'a.b'\npath = '/a'\nscheme = 'cheezeepay'\nkeys = { v = 'two' }\nkey_header = 'X-K'\nupstream = 'echo'\n",
    );
    let shown = |input: &Input| shown(&input.load().unwrap_or_else(|report| panic!("{report}")));
    let with = Input {
        file: file.clone().into(),
        overrides: [
            "include=more",
            "workers = 2",
            "allow=[\"10.0.0.0/8\"]",
            "log.sample_success=1/10",
            "timeouts.body=1m 30s",
            "listener.'127.0.0.1:1'.address=[::1]:2",
            "route.r.path='/other'",
            "route.\"a.b\".keys.w=[\"k\", \"two\"]",
            "route.\"a.b\".rate_limit.rate=10/s",
            "route.\"a.b\".name=renamed",
            // Paths are relative to the main file, even for a table in an included file.
            "key.two.file=keys/two.pem",
        ]
        .map(str::to_owned)
        .to_vec(),
    };
    round_trip_of(&with);
    let with = shown(&with);
    let edit = |path: &Path, pairs: &[(&str, &str)]| {
        let mut text = fs::read_to_string(path).unwrap();
        for (old, new) in pairs {
            assert!(text.contains(old), "{old}");
            text = text.replacen(old, new, 1);
        }
        fs::write(path, text).unwrap();
    };
    edit(
        file.as_ref(),
        &[
            (
                "workers = 1",
                "workers = 2\ninclude = 'more'\nallow = ['10.0.0.0/8']",
            ),
            (
                "[log]",
                "[timeouts]\nbody = '90s'\n[log]\nsample_success = 0.1",
            ),
            ("127.0.0.1:1", "[::1]:2"),
            ("/r", "/other"),
        ],
    );
    edit(
        &files.path().join("more/a.toml"),
        &[
            ("../k.pem", "../keys/two.pem"),
            ("a.b", "renamed"),
            (
                "{ v = 'two' }",
                "{ v = 'two', w = ['k', 'two'] }\nrate_limit = { rate = '10/s' }",
            ),
        ],
    );
    assert_eq!(with, shown(&Input::from(Path::new(&file))));
}
