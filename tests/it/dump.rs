//! `-T`: prints the configuration as one file.

use std::fs;
use std::path::Path;
use std::process::Command;

use countersign::config::{Input, Loaded};

use crate::config_files::Files;
use crate::docs;

/// The configuration as sorted lines, because maps have no stable order.
pub(crate) fn shown(loaded: &Loaded) -> Vec<String> {
    let text = format!("{:#?}", loaded.config);
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}

/// Dumps the file; checks that the dump loads in another directory, means the same and dumps to
/// itself.
pub(crate) fn round_trip(path: &Path) -> String {
    round_trip_of(&Input::from(path))
}

/// Like `round_trip`, with overrides.
pub(crate) fn round_trip_of(input: &Input) -> String {
    let (loaded, dump) = input
        .load_and_dump()
        .unwrap_or_else(|report| panic!("{report}"));
    let elsewhere = Files::new();
    let copy = elsewhere.write("d.toml", &dump);
    let copy = Input::from(copy.as_path());
    let (again, second) = copy
        .load_and_dump()
        .unwrap_or_else(|report| panic!("{report}\n{dump}"));
    assert_eq!(shown(&again), shown(&loaded), "{dump}");
    let text = |dump: &str| {
        let lines = dump.lines().filter(|line| !line.starts_with('#'));
        let lines = lines.map(|line| line.trim_end_matches("  # from the command line"));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_eq!(text(&second), text(&dump));
    dump
}

#[test]
fn a_dump_of_the_example_is_equivalent_to_it() {
    let file = std::path::absolute("conf/countersign.toml").unwrap();
    let dump = round_trip(&file);
    assert!(dump.contains("/conf/keys/cheezeepay.pem\""), "{dump}");
}

/// Includes files that ship with it, with paths resolved as if the file were next to them.
#[test]
fn a_dump_of_the_example_with_included_schemes_is_equivalent_to_it() {
    let files = Files::new();
    for file in ["keys/cheezeepay.pem", "keys/sgate-demo.pem"] {
        files.write(file, fs::read(format!("conf/{file}")).unwrap());
    }
    let mut routes = String::new();
    let mut names = Vec::new();
    for file in [
        "schemes/cheezeepay",
        "schemes/sgate",
        "templates/timestamp-nonce-body",
    ] {
        let text = fs::read_to_string(format!("conf/{file}.toml")).unwrap();
        let scheme = text.split("name = \"").nth(1).unwrap();
        let scheme = scheme.split('"').next().unwrap().to_owned();
        files.write(&format!("schemes/{scheme}.toml"), text);
        routes += &format!(
            "[[route]]\nname = 'own-{scheme}'\npath = '/own-{scheme}'\nscheme = '{scheme}'\n\
             keys = ['cheezeepay-platform']\nupstream = 'echo'\n"
        );
        names.push(scheme);
    }
    let example = fs::read_to_string("conf/countersign.toml").unwrap();
    let text = format!("include = 'schemes'\n{example}\n{routes}");
    let dump = round_trip(&files.write("c.toml", text));
    for name in names {
        assert!(
            dump.contains(&format!("[[scheme]]\nname = \"{name}\"")),
            "{dump}"
        );
    }
}

#[test]
fn every_documented_default_is_in_the_dump() {
    let files = Files::new();
    docs::write_files(&files);
    let dump = round_trip(&files.write("c.toml", docs::ALL_TABLES));
    for (key, default) in docs::defaults() {
        let (_, name) = key.rsplit_once('.').unwrap_or(("", &key));
        let line = format!("{name} = {default}");
        let wanted = dump
            .lines()
            .any(|l| l == line || l.contains(&format!(" {line}")));
        assert!(wanted || key == "include", "{line}\n{dump}");
    }
}

#[test]
fn a_dump_shows_the_defaults_of_tables_that_are_in_force_but_not_written() {
    let files = Files::new();
    let once = "[once]\n";
    let file = files.write_smallest(once, "127.0.0.1:0");
    let dump = round_trip(&file);
    for line in [
        "memory = { entries = 1000000, size = \"256MiB\" }",
        "once = { identity = [\"{content}\"], namespace = \"r\", keep = \"7days\", repeat = \"acknowledge\",",
    ] {
        assert!(dump.lines().any(|l| l.starts_with(line)), "{line}\n{dump}");
    }
    // Whether the route says so or the table does.
    let file = files.write_smallest("", "127.0.0.1:0");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}once = true\n")).unwrap();
    assert!(round_trip(&file).contains("once = { identity ="));
    // A store that is not used has no settings in force.
    let disk = "[once]\nstore = \"disk\"\ndisk = { path = \"once.db\" }\n";
    assert!(!round_trip(&files.write_smallest(disk, "127.0.0.1:0")).contains("memory ="));
}

#[test]
fn paths_in_a_dump_have_no_parent_directories() {
    let files = Files::new();
    fs::create_dir(files.path().join("etc")).unwrap();
    files.write_smallest("", "127.0.0.1:0");
    let file = files.write(
        "etc/c.toml",
        fs::read_to_string(files.path().join("c.toml"))
            .unwrap()
            .replace("k.pem", "../k.pem")
            + "",
    );
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("pid_file = \"../run.pid\"\n{text}")).unwrap();
    let (_, dump) = Input::from(file.as_path()).load_and_dump().unwrap();
    let real = fs::canonicalize(files.path()).unwrap();
    for line in ["pid_file = \"{}/run.pid\"", "file = \"{}/k.pem\""] {
        let line = line.replace("{}", &real.display().to_string());
        assert!(dump.lines().any(|l| l == line), "{line}\n{dump}");
    }
}

#[test]
fn no_key_that_is_set_is_lost() {
    let files = Files::new();
    docs::write_files(&files);
    let public: String = fs::read_to_string("conf/keys/cheezeepay.pem").unwrap();
    files.write(
        "more/b.toml",
        format!("[[key]]\nid = 'inline'\npublic_key = '''{public}'''\n"),
    );
    files.write(
        "c.toml",
        format!(
            "include = 'more'\npid_file = 'run/a.pid'\ndaemon = true\n{}",
            docs::ALL_TABLES
        ),
    );
    let dump = round_trip(&files.path().join("c.toml"));
    assert!(dump.contains(&format!("{}/run/a.pid\"", files.path().display())));
    assert!(
        dump.contains("public_key = \"-----BEGIN PUBLIC KEY-----\\n"),
        "{dump}"
    );
}

#[test]
fn relative_sockets_and_logs_become_absolute() {
    let files = Files::new();
    docs::write_files(&files);
    let text = docs::ALL_TABLES
        .replace("address = \"127.0.0.1:0\"", "address = \"unix:http.sock\"")
        .replace(
            "#@ log\n",
            "access = \"a.log\"\nformat = \"json\"\nerror = \"syslog:server=unix:s,tag=x\"\n",
        );
    let dump = round_trip(&files.write("c.toml", text));
    let at = files.path().display();
    for part in [
        format!("address = \"unix:{at}/http.sock\"\nmode = \"660\""),
        format!("access = \"{at}/a.log\""),
        format!("error = \"syslog:server=unix:{at}/s,tag=x\""),
        "error_format = \"json\"".to_owned(),
    ] {
        assert!(dump.contains(&part), "{part}\n{dump}");
    }
}

#[test]
fn the_program_prints_the_dump_and_reports_errors_like_a_test() {
    let run = |file: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.args(["-T", "-c", file]).output().unwrap()
    };
    let good = run("conf/countersign.toml");
    assert!(good.status.success());
    assert!(String::from_utf8_lossy(&good.stdout).contains("\n[[route]]\nname = \"sgate\"\n"));
    assert!(String::from_utf8_lossy(&good.stderr).ends_with("test is successful\n"));
    let files = Files::new();
    let bad = run(files.write("c.toml", "workers = 0\n").to_str().unwrap());
    assert_eq!((bad.status.code(), bad.stdout.len()), (Some(1), 0));
    assert!(String::from_utf8_lossy(&bad.stderr).ends_with("test failed\n"));
}
