//! The admin listener.

use insta::assert_snapshot;

use super::{report, warnings};

#[test]
fn admin_listener() {
    assert_snapshot!(report(r#"
[admin]
"#), @r##"
    error: missing key
     --> c.toml:1:1
      |
    1 | [admin]
      | ^^^^^^^ `[admin]` needs the key `address`
      |
      = help: add `address = "127.0.0.1:9180"`
    "##);
    assert_snapshot!(report(r#"
[[listener]]
address = "0.0.0.0:9180"
[admin]
address = "127.0.0.1:9180"
"#), @r##"
    error: duplicate listener
     --> c.toml:4:11
      |
    4 | address = "127.0.0.1:9180"
      |           ^^^^^^^^^^^^^^^^ a `[[listener]]` already uses 0.0.0.0:9180
      |
      = help: give the admin listener a port of its own, such as 127.0.0.1:9180
    "##);
    assert_snapshot!(report(r#"
[admin]
address = "localhost:9180"
port = 1
"#), @r##"
    error: invalid address
     --> c.toml:2:11
      |
    2 | address = "localhost:9180"
      |           ^^^^^^^^^^^^^^^^ a listener needs an IP address, not a name
      |
      = help: write "127.0.0.1:9180"

    error: unknown key
     --> c.toml:3:1
      |
    3 | port = [...]
      | ^^^^ `[admin]` has no key `port`
      |
      = help: use `address` in `[admin]`
    "##);
}

#[test]
fn public_admin_listener() {
    assert_snapshot!(warnings(r#"
[admin]
address = "0.0.0.0:9180"
"#), @r##"
    warning[public_admin]: public admin listener
     --> c.toml:2:11
      |
    2 | address = "0.0.0.0:9180"
      |           ^^^^^^^^^^^^^^ everybody who reaches this address can read names of routes, keys and servers, and the traffic
      |
      = help: write "127.0.0.1:9180", or use a firewall that lets only monitoring through
    "##);
}

#[test]
fn an_admin_listener_on_a_unix_socket() {
    assert_snapshot!(report(r#"
[[listener]]
address = "unix:a.sock"
[admin]
address = "unix:a.sock"
mode = "66"
"#), @r##"
    error: duplicate listener
     --> c.toml:4:11
      |
    4 | address = "unix:a.sock"
      |           ^^^^^^^^^^^^^ a `[[listener]]` already uses unix:a.sock
      |
      = help: give the admin listener a file of its own

    error: invalid mode
     --> c.toml:5:8
      |
    5 | mode = "66"
      |        ^^^^ a mode has three digits from 0 to 7
      |
      = help: write "660" for the owner and the group, or "666" for everybody on this machine
    "##);
    assert_snapshot!(report(r#"
[admin]
address = "127.0.0.1:9180"
mode = "660"
"#), @r##"
    error: needless setting
     --> c.toml:3:8
      |
    3 | mode = "660"
      |        ^^^^^ only the file of a Unix socket has a mode
      |
      = help: remove `mode`; use a firewall to limit who may connect to an address
    "##);
}
