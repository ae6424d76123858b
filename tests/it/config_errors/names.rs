//! Unknown and ambiguous names.

use insta::assert_snapshot;

use super::report;

#[test]
fn unknown_references() {
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r"
scheme = "cheezypay"
keys = ["god"]
upstream = "ehco"
"#), @r##"
    error: unknown reference
     --> c.toml:4:10
      |
    4 | scheme = "cheezypay"
      |          ^^^^^^^^^^^ there is no scheme `cheezypay`
      |
      = help: did you mean `cheezeepay`?

    error: unknown reference
     --> c.toml:5:9
      |
    5 | keys = ["god"]
      |         ^^^^^ there is no key `god`
      |
      = help: did you mean `good`?

    error: unknown reference
     --> c.toml:6:12
      |
    6 | upstream = "ehco"
      |            ^^^^^^ there is no upstream `ehco`
      |
      = help: did you mean `echo`?
    "##);
    assert_snapshot!(report(r#"
[[upstream]]
name = "shop"
servers = ["127.0.0.1:9000"]
[[route]]
name = "r"
path = "/r"
scheme = "own-scheme"
keys = ["k2026"]
upstream = "backend"
"#), @r##"
    error: unknown reference
     --> c.toml:7:10
      |
    7 | scheme = "own-scheme"
      |          ^^^^^^^^^^^^ there is no scheme `own-scheme`
      |
      = help: add a `[[scheme]]` with this name; `countersign schemes` lists those that come with it

    error: unknown reference
     --> c.toml:8:9
      |
    8 | keys = ["k2026"]
      |         ^^^^^^^ there is no key `k2026`
      |
      = help: the known ones are: good

    error: unknown reference
     --> c.toml:9:12
      |
    9 | upstream = "backend"
      |            ^^^^^^^^^ there is no upstream `backend`
      |
      = help: the known ones are: echo, shop
    "##);
}

#[test]
fn duplicate_names() {
    assert_snapshot!(report(r#"
[[key]]
id = "good"
file = "good.pem"
"#), @r##"
    error: duplicate name
     --> c.toml:9:6
      |
    2 | id = "good"
      |      ------ the first one is here
    ...
    9 | id = "good"
      |      ^^^^^^ a second key `good`
      |
      = help: rename or remove one of the two
    "##);
    assert_snapshot!(report(r#"
[[upstream]]
name = "u"
servers = ["127.0.0.1:9000", "127.0.0.1:9000"]
[[upstream]]
name = "u"
servers = []
[[upstream]]
name = "echo"
servers = ["127.0.0.1:9000"]
"#), @r##"
    error: duplicate server
     --> c.toml:3:30
      |
    3 | servers = ["127.0.0.1:9000", "127.0.0.1:9000"]
      |            ----------------  ^^^^^^^^^^^^^^^^ `127.0.0.1:9000` is already listed
      |            |
      |            first listed here
      |
      = help: list each server once

    error: duplicate name
     --> c.toml:5:8
      |
    2 | name = "u"
      |        --- the first one is here
    ...
    5 | name = "u"
      |        ^^^ a second upstream `u`
      |
      = help: rename or remove one of the two

    error: empty list
     --> c.toml:6:11
      |
    6 | servers = []
      |           ^^ an upstream needs at least one server
      |
      = help: write `servers = ["127.0.0.1:9000"]`

    error: reserved name
     --> c.toml:8:8
      |
    8 | name = "echo"
      |        ^^^^^^ the upstream `echo` is built in
      |
      = help: choose another name
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "good"
path = "/other"
scheme = "cheezeepay"
keys = ["good", "good"]
methods = ["POST", "PUT", "POST"]
upstream = "echo"
"#), @r##"
    error: duplicate key id
     --> c.toml:5:17
      |
    5 | keys = ["good", "good"]
      |                 ^^^^^^ `good` is already listed
      |
      = help: list each key once

    error: duplicate method
     --> c.toml:6:27
      |
    6 | methods = ["POST", "PUT", "POST"]
      |                           ^^^^^^ `POST` is already listed
      |
      = help: list each method once

    error: duplicate name
      --> c.toml:17:8
       |
     2 | name = "good"
       |        ------ the first one is here
    ...
    17 | name = "good"
       |        ^^^^^^ a second route `good`
       |
       = help: rename one of the two
    "##);
    assert_snapshot!(report(r#"
[[key]]
id = "a b"
file = "good.pem"
[[key]]
id = ""
file = "good.pem"
[[key]]
id = "Schlüssel"
file = "good.pem"
"#), @r##"
    error: invalid name
     --> c.toml:2:6
      |
    2 | id = "a b"
      |      ^^^^^ a name must not contain a space
      |
      = help: use letters, digits, `-`, `_` and `.`: the name appears in logs and headers

    error: invalid name
     --> c.toml:5:6
      |
    5 | id = ""
      |      ^^ a name must not be empty
      |
      = help: use letters, digits, `-`, `_` and `.`: the name appears in logs and headers

    error: invalid name
     --> c.toml:8:6
      |
    8 | id = "Schlüssel"
      |      ^^^^^^^^^^^ a name must not contain `ü`
      |
      = help: use letters, digits, `-`, `_` and `.`: the name appears in logs and headers
    "##);
}
