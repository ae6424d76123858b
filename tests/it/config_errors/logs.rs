use std::fs;

use insta::assert_snapshot;

use super::{files, report};

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
      |          ^^^^^^^ `stdot` is none of the words for a destination
      |
      = help: did you mean "stdout"? If a file is meant, write "./stdot"

    error: error log off
     --> c.toml:3:9
      |
    3 | error = "off"
      |         ^^^^^ what goes wrong must be told somewhere
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
      = help: write between the quotes what is meant

    error: cannot use the log file
     --> c.toml:3:9
      |
    3 | error = "none/error.log"
      |         ^^^^^^^^^^^^^^^^ there is no directory none
      |
      = help: make the directory, owned by the user that runs the proxy
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
      |          ^^^^^^^^^^^^^^^^^^^^^ good.pem is no directory
      |
      = help: make the directory, owned by the user that runs the proxy

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
      = help: did you mean `local0`? It can be kern, user, mail, daemon, auth, intern, lpr, news, uucp, clock, authpriv, ftp, ntp, audit, alert, cron, local0, local1, local2, local3, local4, local5, local6, local7

    error: invalid syslog destination
     --> c.toml:2:34
      |
    2 | access = "syslog:facility=local8,severity=notice,tag=a-b"
      |                                  ^^^^^^^^^^^^^^^ syslog has no severity `notice`
      |
      = help: it can be error, warn, info, debug

    error: invalid syslog destination
     --> c.toml:2:50
      |
    2 | access = "syslog:facility=local8,severity=notice,tag=a-b"
      |                                                  ^^^^^^^ `a-b` is no tag
      |
      = help: write 1 to 32 letters, digits and `_`

    error: invalid syslog destination
     --> c.toml:3:17
      |
    3 | error = "syslog:server=:514,sever=unix:/dev/log,"
      |                 ^^^^^^^^^^^ `:514` is no server: the host is missing
      |
      = help: write "unix:/dev/log", or a host and perhaps its port, such as "192.0.2.1:514"

    error: invalid syslog destination
     --> c.toml:3:29
      |
    3 | error = "syslog:server=:514,sever=unix:/dev/log,"
      |                             ^^^^^^^^^^^^^^^^^^^ syslog has no parameter `sever`
      |
      = help: did you mean `server`? It can be server, facility, tag, severity, nohostname

    error: invalid syslog destination
     --> c.toml:3:49
      |
    3 | error = "syslog:server=:514,sever=unix:/dev/log,"
      |                                                 ^ syslog has no parameter ``
      |
      = help: it can be server, facility, tag, severity, nohostname
    "##);
}

#[test]
fn a_test_makes_no_file() {
    let files = files();
    let text = "[log]\naccess = \"access.log\"\nerror = \"error.log\"\nnonsense = 1\n";
    files.load(text).unwrap_err();
    for file in ["access.log", "error.log"] {
        assert!(!fs::exists(files.path().join(file)).unwrap());
    }
}
