//! Settings of the process itself.

use insta::assert_snapshot;

use super::{report, warnings};

#[test]
fn process() {
    assert_snapshot!(report(r#"
pid_file = ""
daemon = "yes"
user = "no such user"
group = "no such group"
"#), @r##"
    error: empty value
     --> c.toml:1:12
      |
    1 | pid_file = ""
      |            ^^ it must not be empty
      |
      = help: write a value between the quotes

    error: wrong type
     --> c.toml:2:10
      |
    2 | daemon = "yes"
      |          ^^^^^ this is a string, but `true` or `false` is needed
      |
      = help: write `true` or `false`

    error: unknown user
     --> c.toml:3:8
      |
    3 | user = "no such user"
      |        ^^^^^^^^^^^^^^ this system has no user `no such user`
      |
      = help: create the user, or correct the name

    error: unknown group
     --> c.toml:4:9
      |
    4 | group = "no such group"
      |         ^^^^^^^^^^^^^^^ this system has no group `no such group`
      |
      = help: create the group, or correct the name
    "##);
}

#[test]
fn daemon_without_a_pid_file() {
    assert_snapshot!(warnings(r#"
daemon = true
"#), @r##"
    warning[daemon_without_pid_file]: daemon without a pid file
     --> c.toml:1:1
      |
    1 | daemon = true
      | ^^^^^^ nobody would know which process to reload or stop
      |
      = help: add `pid_file = "/run/countersign.pid"`
    "##);
}
