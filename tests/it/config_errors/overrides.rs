//! Overrides on the command line are reported like lines of a file.

use countersign::config::Input;
use insta::assert_snapshot;

use super::{REST, checked, files, overridden};
use crate::config_files::relative;

#[test]
fn overrides_that_cannot_be_parsed() {
    assert_snapshot!(overridden(&["", "log.level", "=x", "log.=x", "route.\"good.path=/x", "\"log\"level=x"]), @r##"
    error: syntax error
     --> command line:1:1
      |
    1 |
      | ^ there is no `=` and no value
      |
      = help: write it as `--set KEY=VALUE`, such as `--set log.level=debug`

    error: syntax error
     --> command line:2:1
      |
    2 | log.level
      | ^^^^^^^^^ there is no `=` and no value
      |
      = help: write it as `--set KEY=VALUE`, such as `--set log.level=debug`

    error: syntax error
     --> command line:3:1
      |
    3 | =[...]
      | ^ a part of the key is missing here
      |
      = help: write it as `--set KEY=VALUE`, such as `--set log.level=debug`

    error: syntax error
     --> command line:4:5
      |
    4 | log.=[...]
      |     ^ a part of the key is missing here
      |
      = help: write it as `--set KEY=VALUE`, such as `--set log.level=debug`

    error: syntax error
     --> command line:5:11
      |
    5 | route[...]
      |           ^ the closing `"` is missing
      |
      = help: write it as `--set KEY=VALUE`, such as `--set log.level=debug`

    error: syntax error
     --> command line:6:6
      |
    6 | "log"level=[...]
      |      ^ quotes must be followed by `.` or `=`
      |
      = help: write it as `--set KEY=VALUE`, such as `--set log.level=debug`
    "##);
    assert_snapshot!(overridden(&["route.good.methods=[\"POST\"", "user='x", "log.format={\"a\": 1}"]), @r##"
    error: syntax error
     --> command line:1:27
      |
    1 | route.good.methods=["POST"
      |                           ^ the closing `]` is missing
      |
      = help: close what is opened here, with the same kind of bracket

    error: syntax error
     --> command line:2:8
      |
    2 | user='x
      |        ^ the closing `'` is missing
      |
      = help: close the quotes on the line where they start; text of several lines must be in `"""` or `'''`

    error: syntax error
     --> command line:3:16
      |
    3 | log.format={"a": 1}
      |                ^ a key must be followed by `=`
      |
      = help: write it as `key = value`
    "##);
}

#[test]
fn unknown_keys() {
    assert_snapshot!(overridden(&["wrokers=2", "lgo.level=debug", "log.levle=debug", "log.workers=2", "timeouts.connect_timeout=5s", "route.good.paht=/x"]), @r##"
    error: unknown key
     --> command line:1:1
      |
    1 | wrokers=2
      | ^^^^^^^ the top level has no key `wrokers`
      |
      = help: did you mean `workers`?

    error: unknown key
     --> command line:2:1
      |
    2 | lgo.level=debug
      | ^^^ the top level has no key `lgo`
      |
      = help: did you mean `log`?

    error: unknown key
     --> command line:3:5
      |
    3 | log.levle=debug
      |     ^^^^^ `[log]` has no key `levle`
      |
      = help: did you mean `level`?

    error: unknown key
     --> command line:4:5
      |
    4 | log.workers=2
      |     ^^^^^^^ `[log]` has no key `workers`
      |
      = help: `workers` belongs to the top level: write `workers=...`

    error: unknown key
     --> command line:5:10
      |
    5 | timeouts.connect_timeout=5s
      |          ^^^^^^^^^^^^^^^ `[timeouts]` has no key `connect_timeout`
      |
      = help: `connect_timeout` is a key of `redis` of `[once]` and of `[[upstream]]`

    error: unknown key
     --> command line:6:12
      |
    6 | route.good.paht=/x
      |            ^^^^ `[[route]]` has no key `paht`
      |
      = help: did you mean `path`?
    "##);
}

#[test]
fn unknown_tables() {
    assert_snapshot!(overridden(&["route.god.path=/x", "listener.127.0.0.1:0.http2=true", "listener.0.http2=true", "upstream.echo.read_timeout=5s"]), @r##"
    error: unknown reference
     --> command line:1:7
      |
    1 | route.god.path=/x
      |       ^^^ no `[[route]]` has the name `god`
      |
      = help: did you mean `route.good`?

    error: unknown reference
     --> command line:2:10
      |
    2 | listener.127.0.[...].[...].[...]=true
      |          ^^^ no `[[listener]]` has the address `127`
      |
      = help: did you mean `listener."127.0.0.1:0"`?

    error: unknown reference
     --> command line:3:10
      |
    3 | listener.0.http2=true
      |          ^ no `[[listener]]` has the address `0`
      |
      = help: the known ones are: "127.0.0.1:0"

    error: unknown reference
     --> command line:4:10
      |
    4 | upstream.echo.read_timeout=5s
      |          ^^^^ no `[[upstream]]` has the name `echo`
      |
      = help: there is none, and an override cannot add a `[[upstream]]`
    "##);
}

#[test]
fn overrides_of_tables_and_of_values_that_are_not_tables() {
    assert_snapshot!(overridden(&["log=debug", "admin={ address = \"127.0.0.1:1\" }", "route=x", "route.good=x", "route.good.keys.0=x", "route.good.path.x=/y", "listener.\"127.0.0.1:0\".tls=on"]), @r##"
    error: wrong type
     --> command line:1:1
      |
    1 | log=debug
      | ^^^ this is a table; set the keys in it instead
      |
      = help: write `log.access=...`

    error: wrong type
     --> command line:2:1
      |
    2 | admin={ address = "127.0.0.1:1" }
      | ^^^^^ this is a table; set the keys in it instead
      |
      = help: write `admin.address=...`

    error: wrong type
     --> command line:3:1
      |
    3 | route=x
      | ^^^^^ this is a table; set the keys in it instead
      |
      = help: write `route.NAME.host=...`

    error: wrong type
     --> command line:4:1
      |
    4 | route.good=x
      | ^^^^^^^^^^ this is a table; set the keys in it instead
      |
      = help: write `route.good.host=...`

    error: wrong type
     --> command line:5:12
      |
    5 | route.good.keys.0=x
      |            ^^^^ `keys` is a list in the file
      |
      = help: set the whole list: `route.good.keys=[...]`

    error: wrong type
     --> command line:6:12
      |
    6 | route.good.path.x=[...]
      |            ^^^^ `path` is not a table in the file
      |
      = help: write `route.good.path=...`

    error: wrong type
     --> command line:7:28
      |
    7 | listener."127.0.0.1:0".tls=on
      |                            ^^ this is a string, but a table is needed
      |
      = help: write `{ certificates = [{ cert = "...", key = "..." }] }`
    "##);
}

#[test]
fn the_same_key_twice() {
    assert_snapshot!(overridden(&["log.level=debug", "log.\"level\"=info"]), @r##"
    error: duplicate key
     --> command line:2:1
      |
    1 | log.level=debug
      | --------- first set here
    2 | log."level"=info
      | ^^^^^^^^^^^ this is already set
      |
      = help: keep one of the two
    "##);
    assert_snapshot!(overridden(&["route.good.fields={}", "route.good.fields.X-A=a"]), @r##"
    error: duplicate key
     --> command line:2:1
      |
    1 | route.good.fields={}
      | ----------------- first set here
    2 | route.good.fields.X-A=a
      | ^^^^^^^^^^^^^^^^^^^^^ this is part of what is already set
      |
      = help: keep one of the two
    "##);
    assert_snapshot!(overridden(&["route.good.fields.X-A=a", "route.good.fields={}"]), @r##"
    error: duplicate key
     --> command line:2:1
      |
    1 | route.good.fields.X-A=a
      | --------------------- first set here
    2 | route.good.fields={}
      | ^^^^^^^^^^^^^^^^^ a part of this is already set
      |
      = help: keep one of the two
    "##);
}

#[test]
fn wrong_values() {
    assert_snapshot!(overridden(&["workers=many", "shutdown_timeout=5", "pid_file=", "log.level=loud", "key.good.file=none.pem", "route.good.keys=[\"godo\"]", "limits.body=1MiB # one"]), @r##"
    error: unknown value
     --> command line:1:9
      |
    1 | workers=many
      |         ^^^^ `many` is not a number of threads
      |
      = help: write `"auto"`, or a number without quotes

    error: wrong type
     --> command line:2:18
      |
    2 | shutdown_timeout=5
      |                  ^ this is a whole number, but a duration with its unit is needed
      |
      = help: write `"5s"`

    error: empty value
     --> command line:3:9
      |
    3 | pid_file=
      |         ^ it must not be empty
      |
      = help: write a value after the `=`

    error: unknown value
     --> command line:4:11
      |
    4 | log.level=loud
      |           ^^^^ `loud` is not one of the possible values
      |
      = help: the possible values are "error", "warn", "info", "debug", "trace"

    error: cannot read the key file
     --> command line:5:15
      |
    5 | key.good.file=none.pem
      |               ^^^^^^^^ there is no file `none.pem`
      |
      = help: a path is relative to the file that contains it

    error: unknown reference
     --> command line:6:18
      |
    6 | route.good.keys=["godo"]
      |                  ^^^^^^ there is no key `godo`
      |
      = help: did you mean `good`?

    error: invalid size
     --> command line:7:13
      |
    7 | limits.body=1MiB # one
      |             ^^^^^^^^^^ `MiB # one` is not a unit
      |
      = help: write a number and a unit: "64KiB", "1MiB", "1GiB"
    "##);
}

#[test]
fn errors_that_a_file_and_an_override_cause_together() {
    assert_snapshot!(overridden(&["listener.\"127.0.0.1:0\".tls.min_version=1.3", "key.good.public_key=AAAA", "route.good.path_prefix=/x/"]), @r##"
    error: missing key
     --> command line:1:24
      |
    1 | listener."127.0.0.1:0".tls.min_version=1.3
      |                        ^^^ `tls` needs the key `certificates`
      |
      = help: add `certificates = [{ cert = "fullchain.pem", key = "key.pem" }]`

    error: wrong type
     --> command line:1:40
      |
    1 | listener."127.0.0.1:0".tls.min_version=1.3
      |                                        ^^^ this is a number with a fraction, but a string is needed
      |
      = help: write `"1.2"` or `"1.3"`

    error: conflicting keys
     --> command line:2:10
      |
    2 | key.good.public_key=[...]
      |          ^^^^^^^^^^ `public_key` cannot be combined with `file`
      |
     ::: c.toml:7:1
      |
    7 | file = "good.pem"
      | ---- `file` is here
      |
      = help: keep one of the two

    error: conflicting keys
      --> command line:3:12
       |
     3 | route.good.path_prefix=/x/
       |            ^^^^^^^^^^^ `path_prefix` cannot be combined with `path`
       |
      ::: c.toml:11:1
       |
    11 | path = "/good"
       | ---- `path` is here
       |
       = help: keep one of the two
    "##);
}

/// An override names a table as the file does. If two tables have that name, it is ambiguous.
#[test]
fn an_override_of_an_ambiguous_name() {
    let files = files();
    let second = "[[listener]]\naddress = \"127.0.0.1:0\"\n";
    let input = Input {
        file: files.write("c.toml", format!("{second}{REST}")),
        overrides: vec!["listener.\"127.0.0.1:0\".http2=true".to_owned()],
    };
    assert_snapshot!(checked(relative(&input.load().unwrap_err(), &files)), @r##"
    error: ambiguous override
     --> command line:1:10
      |
    1 | listener."127.0.0.1:0".http2=true
      |          ^^^^^^^^^^^^^ 2 `[[listener]]` have the address `127.0.0.1:0`
      |
      = help: give each its own address, or change the file
    "##);
}

#[test]
fn key_material_is_not_shown() {
    let pem = String::from_utf8(super::made().private.clone()).unwrap();
    for key in ["public_key", "file", "fiel", "legacy"] {
        let report = overridden(&[&format!("key.good.{key}={pem}")]);
        let in_line = overridden(&[&format!("key.good.{key}={}", pem.replace('\n', ""))]);
        for line in pem.lines().filter(|line| !line.starts_with('-')) {
            let (some, _) = line.split_at(line.len().min(16));
            assert!(
                !report.contains(some) && !in_line.contains(some),
                "{report}{in_line}"
            );
        }
    }
}

/// A syntax error can hide the table that an override refers to.
#[test]
fn an_override_reports_no_second_error_for_a_damaged_file() {
    let files = files();
    let input = Input {
        file: files.write("c.toml", REST.replace("[[route]]", "[[route")),
        overrides: vec!["route.good.path=/x".to_owned()],
    };
    let report = relative(&input.load().unwrap_err(), &files);
    assert!(!report.contains("command line"), "{report}");
}
