//! Unknown keys.

use insta::assert_snapshot;

use super::report;

#[test]
fn unknown_keys() {
    assert_snapshot!(report(r#"
wrokers = 2
"#), @r##"
    error: unknown key
     --> c.toml:1:1
      |
    1 | wrokers = 2
      | ^^^^^^^ the top level has no key `wrokers`
      |
      = help: did you mean `workers`?
    "##);
    assert_snapshot!(report(r#"
[log]
levle = "info"
colour = true
"#), @r##"
    error: unknown key
     --> c.toml:2:1
      |
    2 | levle = "info"
      | ^^^^^ `[log]` has no key `levle`
      |
      = help: did you mean `level`?

    error: unknown key
     --> c.toml:3:1
      |
    3 | colour = true
      | ^^^^^^ `[log]` has no key `colour`
      |
      = help: its keys are: access, format, escape, sample_success, error, level, library_level, error_format
    "##);
    assert_snapshot!(report(r#"
[log]
shutdown_timeout = "5s"
"#), @r##"
    error: unknown key
     --> c.toml:2:1
      |
    2 | shutdown_timeout = "5s"
      | ^^^^^^^^^^^^^^^^ `[log]` has no key `shutdown_timeout`
      |
      = help: `shutdown_timeout` belongs to the top level: move it above the first `[...]` line
    "##);
    assert_snapshot!(report(r#"
[timeouts]
connect_timeout = "5s"
"#), @r##"
    error: unknown key
     --> c.toml:2:1
      |
    2 | connect_timeout = "5s"
      | ^^^^^^^^^^^^^^^ `[timeouts]` has no key `connect_timeout`
      |
      = help: `connect_timeout` is a key of `redis`, `[[upstream]]`
    "##);
    assert_snapshot!(report(r#"
[[key]]
id = "other"
file = "other.pem"
header_prefix = "X-"
"#), @r##"
    error: unknown key
     --> c.toml:4:1
      |
    4 | header_prefix = "X-"
      | ^^^^^^^^^^^^^ `[[key]]` has no key `header_prefix`
      |
      = help: `header_prefix` belongs to the top level: move it above the first `[...]` line
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = { header = "X-Sig", encodign = "hex" }
[scheme.content]
form = "concat"
parts = "{body}"
"#), @r##"
    error: unknown key
     --> c.toml:4:33
      |
    4 | signature = { header = "X-Sig", encodign = "hex" }
      |                                 ^^^^^^^^ `signature` has no key `encodign`
      |
      = help: did you mean `encoding`?
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = { header = "X-Sig" }
[scheme.content]
form = "json-object"
members = [{ nmae = "a", value = "{body}" }]
"#), @r##"
    error: unknown key
     --> c.toml:7:14
      |
    7 | members = [{ nmae = "a", value = "{body}" }]
      |              ^^^^ a member has no key `nmae`
      |
      = help: did you mean `name`?
    "##);
}
