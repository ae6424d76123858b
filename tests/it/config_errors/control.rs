//! The control socket and its audit log.

use insta::assert_snapshot;

use super::report;

#[test]
fn control_socket() {
    assert_snapshot!(report(r#"
control = "unix:/run/control.sock"
"#), @r##"
    error: invalid path
     --> c.toml:1:11
      |
    1 | control = "unix:/run/control.sock"
      |           ^^^^^^^^^^^^^^^^^^^^^^^^ it can only be a Unix socket, so it has no `unix:` before it
      |
      = help: write "/run/countersign/control.sock", of at most 107 bytes
    "##);
    assert_snapshot!(report(r#"
control = ""
"#), @r##"
    error: empty value
     --> c.toml:1:11
      |
    1 | control = ""
      |           ^^ it must not be empty
      |
      = help: write a value between the quotes
    "##);
    assert_snapshot!(report(r#"
control = "a.sock"
[admin]
address = "unix:a.sock"
[log]
audit = "audit.log"
"#), @r##"
    error: duplicate listener
     --> c.toml:1:11
      |
    1 | control = "a.sock"
      |           ^^^^^^^^ another listener already uses unix:a.sock
      |
      = help: give the control socket a file of its own, such as "/run/countersign/control.sock"
    "##);
    assert_snapshot!(report(r#"
control = "a.sock"
[[listener]]
address = "unix:a.sock"
"#), @r##"
    error: duplicate listener
     --> c.toml:1:11
      |
    1 | control = "a.sock"
      |           ^^^^^^^^ another listener already uses unix:a.sock
      |
      = help: give the control socket a file of its own, such as "/run/countersign/control.sock"
    "##);
}

#[test]
fn the_audit_log_is_a_file_of_its_own() {
    assert_snapshot!(report(r#"
control = "a.sock"
"#), @r##"
    error: no audit log
     --> c.toml:1:11
      |
    1 | control = "a.sock"
      |           ^^^^^^^^ what is read and done over this socket is logged in a file, and none is named
      |
      = help: add `audit = "/var/log/countersign/audit.log"` to `[log]`, or let `error` there name a file, beside which it then is
    "##);
    assert_snapshot!(report(r#"
control = "a.sock"
[log]
audit = "syslog:server=unix:/dev/log"
"#), @r##"
    error: no file for the audit log
     --> c.toml:3:9
      |
    3 | audit = "syslog:server=unix:/dev/log"
      |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `syslog:server=unix:/dev/log` is not a file, whose last line could be read back
      |
      = help: name a file, such as "/var/log/countersign/audit.log"
    "##);
    assert_snapshot!(report(r#"
[log]
access = "x.log"
audit = "x.log"
"#), @r##"
    error: two logs in one file
     --> c.toml:3:9
      |
    3 | audit = "x.log"
      |         ^^^^^^^ another log goes to this file
      |
      = help: give the audit log a file of its own: each of its lines names the one before
    "##);
    assert_snapshot!(report(r#"
[log]
audit = "no/such/audit.log"
"#), @r##"
    error: cannot use the log file
     --> c.toml:2:9
      |
    2 | audit = "no/such/audit.log"
      |         ^^^^^^^^^^^^^^^^^^^ there is no directory no/such
      |
      = help: create the directory, owned by the user that runs the proxy
    "##);
}
