//! What is captured.

use insta::assert_snapshot;

use super::report;

#[test]
fn capture_needs_a_control_socket_routes_and_room() {
    assert_snapshot!(report(r#"
[capture]
"#), @r##"
    error: no control socket
     --> c.toml:1:2
      |
    1 | [capture]
      |  ^^^^^^^ nobody could read what is captured: that takes the control socket
      |
      = help: add `control = "/run/countersign/control.sock"` above the first `[...]` line
    "##);
    assert_snapshot!(report(r#"
control = "a.sock"
[log]
audit = "a.log"
[capture]
size = "10KiB"
per_client = 0
expire = "0s"
"#), @r##"
    error: value out of range
     --> c.toml:5:8
      |
    5 | size = "10KiB"
      |        ^^^^^^^ it must be 64.0 KiB to 1.0 TiB
      |
      = help: write a number and a unit: "64KiB", "1MiB", "1GiB"

    error: value out of range
     --> c.toml:6:14
      |
    6 | per_client = 0
      |              ^ it must be 1 to 10000
      |
      = help: use another number

    error: value out of range
     --> c.toml:7:10
      |
    7 | expire = "0s"
      |          ^^^^ it must be 1s to 30days
      |
      = help: write a number and a unit: "500ms", "10s", "5m", "1h", or several: "1m 30s"
    "##);
    assert_snapshot!(report(r#"
control = "a.sock"
[log]
audit = "a.log"
[capture]
routes = ["goood", "other", "good"]
"#), @r##"
    error: unknown route
     --> c.toml:5:11
      |
    5 | routes = ["goood", "other", "good"]
      |           ^^^^^^^ there is no route `goood`
      |
      = help: did you mean "good"?

    error: unknown route
     --> c.toml:5:20
      |
    5 | routes = ["goood", "other", "good"]
      |                    ^^^^^^^ there is no route `other`
      |
      = help: write the `name` of a `[[route]]`
    "##);
    assert_snapshot!(report(r#"
control = "a.sock"
[log]
audit = "a.log"
[capture]
routes = []
"#), @r##"
    error: empty list
     --> c.toml:5:10
      |
    5 | routes = []
      |          ^^ nothing would be captured
      |
      = help: name a route, or remove `routes`: then all are captured
    "##);
    assert_snapshot!(report(r#"
control = "a.sock"
[log]
audit = "a.log"
[capture]
size = "64KiB"
[[route]]
name = "more"
path = "/more"
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
"#), @r##"
    error: too little to capture
     --> c.toml:5:1
      |
    5 | size = "64KiB"
      | ^^^^ each of 2 routes would have 32768 bytes, too little for requests
      |
      = help: write `size = "128KiB"` or more, or name fewer `routes`
    "##);
}
