//! Durations, sizes and numbers.

use insta::assert_snapshot;

use super::report;

#[test]
fn durations_and_sizes() {
    assert_snapshot!(report(r#"
[timeouts]
header = "10"
body = "ten seconds"
keepalive = "1M"
write = "0s"
"#), @r##"
    error: invalid duration
     --> c.toml:2:10
      |
    2 | header = "10"
      |          ^^^^ a number needs a unit
      |
      = help: write a number and a unit: "500ms", "10s", "5m", "1h", or several: "1m 30s"

    error: invalid duration
     --> c.toml:3:8
      |
    3 | body = "ten seconds"
      |        ^^^^^^^^^^^^^ it must start with a number
      |
      = help: write a number and a unit: "500ms", "10s", "5m", "1h", or several: "1m 30s"

    error: invalid duration
     --> c.toml:4:13
      |
    4 | keepalive = "1M"
      |             ^^^^ `M` is not a unit
      |
      = help: write a number and a unit: "500ms", "10s", "5m", "1h", or several: "1m 30s"

    error: value out of range
     --> c.toml:5:9
      |
    5 | write = "0s"
      |         ^^^^ it must be 1ms to 1day
      |
      = help: write a number and a unit: "500ms", "10s", "5m", "1h", or several: "1m 30s"
    "##);
    assert_snapshot!(report(r#"
shutdown_timeout = "2 days"
[timeouts]
header = "10 sekunden"
body = ""
keepalive = "-5s"
"#), @r##"
    error: value out of range
     --> c.toml:1:20
      |
    1 | shutdown_timeout = "2 days"
      |                    ^^^^^^^^ it must be 1ms to 1day
      |
      = help: write a number and a unit: "500ms", "10s", "5m", "1h", or several: "1m 30s"

    error: invalid duration
     --> c.toml:3:10
      |
    3 | header = "10 sekunden"
      |          ^^^^^^^^^^^^^ `sekunden` is not a unit
      |
      = help: write a number and a unit: "500ms", "10s", "5m", "1h", or several: "1m 30s"

    error: invalid duration
     --> c.toml:4:8
      |
    4 | body = ""
      |        ^^ it must not be empty
      |
      = help: write a number and a unit: "500ms", "10s", "5m", "1h", or several: "1m 30s"

    error: invalid duration
     --> c.toml:5:13
      |
    5 | keepalive = "-5s"
      |             ^^^^^ it must start with a number
      |
      = help: write a number and a unit: "500ms", "10s", "5m", "1h", or several: "1m 30s"
    "##);
    assert_snapshot!(report(r#"
[limits]
body = "1 megabyte"
buffer = "2048"
"#), @r##"
    error: invalid size
     --> c.toml:2:8
      |
    2 | body = "1 megabyte"
      |        ^^^^^^^^^^^^ `megabyte` is not a unit
      |
      = help: write a number and a unit: "64KiB", "1MiB", "1GiB"
    "##);
    assert_snapshot!(report(r#"
[limits]
body = 0
"#), @r##"
    error: value out of range
     --> c.toml:2:8
      |
    2 | body = 0
      |        ^ it must be 1 B to 1.0 GiB
      |
      = help: write a number and a unit: "64KiB", "1MiB", "1GiB"
    "##);
    assert_snapshot!(report(r#"
[limits]
body = -1
buffer = "lots"
"#), @r##"
    error: value out of range
     --> c.toml:2:8
      |
    2 | body = -1
      |        ^^ it must be 1 B to 1.0 GiB
      |
      = help: write a number and a unit: "64KiB", "1MiB", "1GiB"

    error: invalid size
     --> c.toml:3:10
      |
    3 | buffer = "lots"
      |          ^^^^^^ it must start with a number
      |
      = help: write a number and a unit: "64KiB", "1MiB", "1GiB"
    "##);
    assert_snapshot!(report(r#"
[limits]
buffer = "512KiB"
"#), @r##"
    error: body limit over the buffer
     --> c.toml:2:10
      |
    2 | buffer = "512KiB"
      |          ^^^^^^^^ a body of 1.0 MiB would never fit into the buffer of 512.0 KiB
      |
      = help: raise `buffer` in `[limits]` to several times the largest body, or lower the body's limit
    "##);
    assert_snapshot!(report(r#"
[limits]
body = "2MiB"
buffer = "1MiB"
"#), @r##"
    error: body limit over the buffer
     --> c.toml:2:8
      |
    2 | body = "2MiB"
      |        ^^^^^^ a body of 2.0 MiB would never fit into the buffer of 1.0 MiB
    3 | buffer = "1MiB"
      |          ------ the buffer is set here
      |
      = help: raise `buffer` in `[limits]` to several times the largest body, or lower the body's limit
    "##);
    assert_snapshot!(report(r#"
[limits]
buffer = "4MiB"
[[route]]
name = "r"
path = "/r"
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
body_limit = "8MiB"
"#), @r##"
    error: body limit over the buffer
     --> c.toml:9:14
      |
    2 | buffer = "4MiB"
      |          ------ the buffer is set here
    ...
    9 | body_limit = "8MiB"
      |              ^^^^^^ a body of 8.0 MiB would never fit into the buffer of 4.0 MiB
      |
      = help: raise `buffer` in `[limits]` to several times the largest body, or lower the body's limit
    "##);
    assert_snapshot!(report(r#"
workers = 0
"#), @r##"
    error: value out of range
     --> c.toml:1:11
      |
    1 | workers = 0
      |           ^ it must be 1 to 1024
      |
      = help: use another number
    "##);
    assert_snapshot!(report(r#"
workers = 99999
"#), @r##"
    error: value out of range
     --> c.toml:1:11
      |
    1 | workers = 99999
      |           ^^^^^ it must be 1 to 1024
      |
      = help: use another number
    "##);
}
