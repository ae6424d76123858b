use std::fs;

use countersign::config::diagnostic::Severity;
use insta::assert_snapshot;

use super::{files, report, warnings};

#[test]
fn destinations() {
    assert_snapshot!(report(r#"
[log]
access = "stdot"
error = "off"
"#), @r##"
    error: unknown value
     --> c.toml:2:10
      |
    2 | access = "stdot"
      |          ^^^^^^^ `stdot` is not one of the words for a destination
      |
      = help: did you mean "stdout"? To name a file, write "./stdot"

    error: error log off
     --> c.toml:3:9
      |
    3 | error = "off"
      |         ^^^^^ errors must be logged somewhere
      |
      = help: raise `level` to "error", or name a file
    "##);
    assert_snapshot!(report(r#"
[log]
access = ""
error = "none/error.log"
"#), @r##"
    error: empty value
     --> c.toml:2:10
      |
    2 | access = ""
      |          ^^ it must not be empty
      |
      = help: write a value between the quotes

    error: cannot use the log file
     --> c.toml:3:9
      |
    3 | error = "none/error.log"
      |         ^^^^^^^^^^^^^^^^ there is no directory none
      |
      = help: create the directory, owned by the user that runs the proxy
    "##);
    assert_snapshot!(report(r#"
[log]
access = "good.pem/access.log"
error = "/dev"
"#), @r##"
    error: cannot use the log file
     --> c.toml:2:10
      |
    2 | access = "good.pem/access.log"
      |          ^^^^^^^^^^^^^^^^^^^^^ good.pem is not a directory
      |
      = help: create the directory, owned by the user that runs the proxy

    error: cannot use the log file
     --> c.toml:3:9
      |
    3 | error = "/dev"
      |         ^^^^^^ it is a directory
      |
      = help: name a file in it, such as "access.log"
    "##);
}

#[test]
fn verbose_library_levels_are_warned_of() {
    assert_snapshot!(warnings(r#"
[log]
library_level = "trace"
"#), @r##"
    warning[callbacks_in_log]: callbacks in the log
     --> c.toml:2:17
      |
    2 | library_level = "trace"
      |                 ^^^^^^^ libraries then log the data that passes through them: headers with signatures, and bodies
      |
      = help: write "info" or "warn" once the problem is found; `level` is for the proxy's own lines
    "##);
    // `library_level` does not limit what the proxy itself logs.
    for good in [
        "library_level = \"info\"",
        "library_level = \"error\"",
        "level = \"trace\"",
    ] {
        let loaded = files().load(&format!("[log]\n{good}\n{}", super::REST));
        let warnings = loaded.unwrap().warnings;
        assert_eq!(warnings.count(Severity::Warning), 0, "{warnings}");
    }
}

#[test]
fn verbose_library_levels_are_refused_beside_secrets() {
    let files = files();
    files.write_secret("password", "a-password\n");
    files.write_secret("aes.key", "0123456789abcdef");
    files.write_certificate("a");
    let tls = "[[listener]]\naddress = \"127.0.0.2:0\"\n\
        tls = { certificates = [{ cert = \"a.pem\", key = \"a.key\" }] }\n";
    let redis = "[once]\nredis = { servers = [\"redis://a\"], password_file = \"password\" }\n";
    let key = "[[decryption_key]]\nid = \"a\"\nfile = \"aes.key\"\nencoding = \"text\"\n";
    for (secret, level, is_good) in [
        (tls, "debug", false),
        (redis, "trace", false),
        (key, "debug", false),
        (tls, "info", true),
    ] {
        let log = format!("[log]\nlevel = \"trace\"\nlibrary_level = \"{level}\"\n");
        let loaded = files.load(&format!("{log}{secret}{}", super::REST));
        assert_eq!(loaded.is_ok(), is_good, "{secret}");
        if let Err(report) = loaded {
            let report = super::checked(crate::config_files::relative(&report, &files));
            assert!(report.starts_with("error: secrets in the log"), "{report}");
        }
    }
    // The command line cannot allow it either.
    let input = countersign::config::Input {
        file: files.write("c.toml", format!("{tls}{}", super::REST)),
        overrides: vec!["log.library_level=trace".to_owned()],
    };
    let report = input.load().unwrap_err().to_string();
    assert!(report.contains("secrets in the log"), "{report}");
}

#[test]
fn syslog() {
    assert_snapshot!(report(r#"
[log]
access = "syslog:facility=local8,severity=notice,tag=a-b"
error = "syslog:server=:514,sever=unix:/dev/log,"
"#), @r##"
    error: invalid syslog destination
     --> c.toml:2:18
      |
    2 | access = "syslog:facility=local8,severity=notice,tag=a-b"
      |                  ^^^^^^^^^^^^^^^ syslog has no facility `local8`
      |
      = help: did you mean `local0`? The possible values are kern, user, mail, daemon, auth, intern, lpr, news, uucp, clock, authpriv, ftp, ntp, audit, alert, cron, local0, local1, local2, local3, local4, local5, local6, local7

    error: invalid syslog destination
     --> c.toml:2:34
      |
    2 | access = "syslog:facility=local8,severity=notice,tag=a-b"
      |                                  ^^^^^^^^^^^^^^^ syslog has no severity `notice`
      |
      = help: the possible values are error, warn, info, debug

    error: invalid syslog destination
     --> c.toml:2:50
      |
    2 | access = "syslog:facility=local8,severity=notice,tag=a-b"
      |                                                  ^^^^^^^ `a-b` is not a tag
      |
      = help: write 1 to 32 letters, digits and `_`

    error: invalid syslog destination
     --> c.toml:3:17
      |
    3 | error = "syslog:server=:514,sever=unix:/dev/log,"
      |                 ^^^^^^^^^^^ `:514` is not a server: the host is missing
      |
      = help: write "unix:/dev/log", or a host with an optional port, such as "192.0.2.1:514"

    error: invalid syslog destination
     --> c.toml:3:29
      |
    3 | error = "syslog:server=:514,sever=unix:/dev/log,"
      |                             ^^^^^^^^^^^^^^^^^^^ syslog has no parameter `sever`
      |
      = help: did you mean `server`? The possible values are server, facility, tag, severity, nohostname

    error: invalid syslog destination
     --> c.toml:3:49
      |
    3 | error = "syslog:server=:514,sever=unix:/dev/log,"
      |                                                 ^ syslog has no parameter ``
      |
      = help: the possible values are server, facility, tag, severity, nohostname
    "##);
}

#[test]
fn a_test_creates_no_log_file() {
    let files = files();
    let text = "[log]\naccess = \"access.log\"\nerror = \"error.log\"\nnonsense = 1\n";
    files.load(text).unwrap_err();
    for file in ["access.log", "error.log"] {
        assert!(!fs::exists(files.path().join(file)).unwrap());
    }
}

#[test]
fn formats() {
    assert_snapshot!(report(r#"
[log]
format = "jsn"
escape = "none"
sample_success = 2
"#), @r##"
    error: unknown value
     --> c.toml:2:10
      |
    2 | format = "jsn"
      |          ^^^^^ `jsn` is not a format, and contains no variables
      |
      = help: did you mean "json"? The possible values are "text", "json", "combined", or text with variables such as `$status`

    error: unknown value
     --> c.toml:3:10
      |
    3 | escape = "none"
      |          ^^^^^^ `none` is not one of the possible values
      |
      = help: the possible values are "default", "json"

    error: value out of range
     --> c.toml:4:18
      |
    4 | sample_success = 2
      |                  ^ it must be 0 to 1
      |
      = help: write a fraction: 0.1, or "1/10"
    "##);
    assert_snapshot!(report(r#"
[log]
format = "$remote_adr [$status] $ $http_v_signature ${http_} $field_order $Xyz"
sample_success = "1/0"
"#), @r##"
    error: unknown variable
     --> c.toml:2:11
      |
    2 | format = "$remote_adr [$status] $ $http_v_signature ${http_} $field_order $Xyz"
      |           ^^^^^^^^^^^ there is no variable `remote_adr`
      |
      = help: did you mean `$remote_addr`?

    error: invalid format
     --> c.toml:2:33
      |
    2 | format = "$remote_adr [$status] $ $http_v_signature ${http_} $field_order $Xyz"
      |                                 ^ the `$` must be followed by a variable's name
      |
      = help: write `$$` for a dollar sign, or `${name}` if letters follow the name

    error: invalid header name
     --> c.toml:2:53
      |
    2 | format = "$remote_adr [$status] $ $http_v_signature ${http_} $field_order $Xyz"
      |                                                     ^^^^^^^^ `$http_` must be followed by a header's name
      |
      = help: write it in lower case with `_` for `-`, such as `$http_user_agent`

    error: unknown field
     --> c.toml:2:62
      |
    2 | format = "$remote_adr [$status] $ $http_v_signature ${http_} $field_order $Xyz"
      |                                                              ^^^^^^^^^^^^ no route passes the field `order` on
      |
      = help: a body field is logged only if a route names it in `fields`

    error: unknown variable
     --> c.toml:2:75
      |
    2 | format = "$remote_adr [$status] $ $http_v_signature ${http_} $field_order $Xyz"
      |                                                                           ^^^^ there is no variable `Xyz`
      |
      = help: docs/configuration.md lists them; a header is `$http_` followed by its name, with `_` for `-`

    error: value out of range
     --> c.toml:3:18
      |
    3 | sample_success = "1/0"
      |                  ^^^^^ it must be 0 to 1
      |
      = help: write a fraction: 0.1, or "1/10"
    "##);
    assert_snapshot!(report(r#"
[log]
format = "$status\n$key"
sample_success = true
"#), @r##"
    error: invalid format
     --> c.toml:2:10
      |
    2 | format = "$status\n$key"
      |          ^^^^^^^^^^^^^^^ a line must not contain a line break
      |
      = help: write the format on one line: each request is one line of the log

    error: wrong type
     --> c.toml:3:18
      |
    3 | sample_success = true
      |                  ^^^^ this is `true` or `false`, but a number is needed
      |
      = help: write `0.1`
    "##);
}

#[test]
fn secrets() {
    assert_snapshot!(warnings(r#"
[log]
format = "$status $http_authorization"
"#), @r##"
    warning[secret_in_log]: secret in the log
     --> c.toml:2:19
      |
    2 | format = "$status $http_authorization"
      |                   ^^^^^^^^^^^^^^^^^^^ whoever reads `authorization` there can impersonate its sender
      |
      = help: remove it
    "##);
}
