//! What a route requires of a body.

use insta::assert_snapshot;

use super::report;

fn route(lines: &str) -> String {
    report(&format!(
        "[[route]]\nname = \"r\"\npath = \"/r\"\nscheme = \"cheezeepay\"\nkeys = [\"good\"]\n\
         upstream = \"echo\"\n{lines}\n"
    ))
}

#[test]
fn required_fields() {
    assert_snapshot!(route(r#"require = { "" = "string", "/~2" = "number", a = "text", b = [], c = ["string", "int"], d = 5 }"#), @r##"
    error: invalid field
     --> c.toml:7:13
      |
    7 | require = { "" = "string", "/~2" = "number", a = "text", b = [], c = ["string", "int"], d = 5 }
      |             ^^ an empty path names no field
      |
      = help: write a top-level field's name, or a JSON Pointer such as "/data/order/id"

    error: invalid field
     --> c.toml:7:28
      |
    7 | require = { "" = "string", "/~2" = "number", a = "text", b = [], c = ["string", "int"], d = 5 }
      |                            ^^^^^ in a JSON Pointer, write `~` as `~0` (and `/` inside a name as `~1`)
      |
      = help: write a top-level field's name, or a JSON Pointer such as "/data/order/id"

    error: unknown value
     --> c.toml:7:50
      |
    7 | require = { "" = "string", "/~2" = "number", a = "text", b = [], c = ["string", "int"], d = 5 }
      |                                                  ^^^^^^ `text` is not one of the possible values
      |
      = help: the possible values are "string", "number", "integer", "boolean", "array", "object", "null"

    error: empty list
     --> c.toml:7:62
      |
    7 | require = { "" = "string", "/~2" = "number", a = "text", b = [], c = ["string", "int"], d = 5 }
      |                                                              ^^ without a type, no value is accepted
      |
      = help: list the accepted types, such as ["string", "number"]

    error: unknown value
     --> c.toml:7:81
      |
    7 | require = { "" = "string", "/~2" = "number", a = "text", b = [], c = ["string", "int"], d = 5 }
      |                                                                                 ^^^^^ `int` is not one of the possible values
      |
      = help: the possible values are "string", "number", "integer", "boolean", "array", "object", "null"

    error: wrong type
     --> c.toml:7:93
      |
    7 | require = { "" = "string", "/~2" = "number", a = "text", b = [], c = ["string", "int"], d = 5 }
      |                                                                                             ^ this is a whole number, but a string is needed
      |
      = help: write `"string"` or `"number"` or `"integer"` or `"boolean"` or `"array"` or `"object"` or `"null"`
    "##);
    assert_snapshot!(route(r#"require = ["a"]"#), @r##"
    error: wrong type
     --> c.toml:7:11
      |
    7 | require = ["a"]
      |           ^^^^^ this is an array, but a table is needed
      |
      = help: write `{ ... }`
    "##);
    assert_snapshot!(route(r#"require = { a = ["string", "null"], "/b" = "null", "/b/c" = "null" }"#), @r##"
    error: type never accepted
     --> c.toml:7:28
      |
    7 | require = { a = ["string", "null"], "/b" = "null", "/b/c" = "null" }
      |                            ^^^^^^ the scheme does not sign null fields; they count as missing
      |
      = help: remove "null"; a field that may be null cannot be required

    error: type never accepted
     --> c.toml:7:44
      |
    7 | require = { a = ["string", "null"], "/b" = "null", "/b/c" = "null" }
      |                                            ^^^^^^ the scheme does not sign null fields; they count as missing
      |
      = help: remove "null"; a field that may be null cannot be required
    "##);
}

#[test]
fn unsigned_fields() {
    assert_snapshot!(route(r#"unsigned_fields = "drop""#), @r##"
    error: unknown value
     --> c.toml:7:19
      |
    7 | unsigned_fields = "drop"
      |                   ^^^^^^ `drop` is not one of the possible values
      |
      = help: the possible values are "pass", "refuse"
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = "{field:sign|unbase64}"
content = "{fields}"
fields = { from = "json", leave_out = ["sign"], null = "null", order = "bytes", pair = "{name}={value}", between = "&" }

[[route]]
name = "r"
path = "/r"
scheme = "s"
keys = ["good"]
upstream = "echo"
require = { a = "null" }
ambiguous = "refuse"
unsigned_fields = "refuse"
"#), @r##"
    warning[not_signed]: not signed
     --> c.toml:5:12
      |
    5 | content = "{fields}"
      |            ^^^^^^^^ the signature does not cover `{fields}` whole: `null` loses whether a value is null, or the text `null`; an attacker can change that in a captured callback
      |
      = help: compare it with the provider's documentation; if the provider signs it so, the backend must not rely on what is lost

    error: key without effect
      --> c.toml:16:1
       |
    16 | unsigned_fields = "refuse"
       | ^^^^^^^^^^^^^^^ the scheme `s` leaves no body fields out of the signed content
       |
       = help: remove `unsigned_fields`
    "##);
}

#[test]
fn ambiguous() {
    assert_snapshot!(route(r#"ambiguous = true"#), @r##"
    error: wrong type
     --> c.toml:7:13
      |
    7 | ambiguous = true
      |             ^^^^ this is `true` or `false`, but a string is needed
      |
      = help: write `"flag"` or `"refuse"`
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r"
scheme = "sgate"
keys = ["good"]
upstream = "echo"
ambiguous = "refuse"
unsigned_fields = "refuse"
"#), @r##"
    warning[legacy_algorithm]: legacy algorithm
     --> c.toml:4:10
      |
    4 | scheme = "sgate"
      |          ^^^^^^^ this scheme: the digest of rsa-md5 is broken against collisions
      |
     ::: shipped scheme sgate:6:13
      |
    6 | algorithm = "rsa-md5"
      |             --------- here
      |
      = help: the scheme comes with Countersign; if the backend can do with it, add `accept_warnings = ["legacy_algorithm"]` to the route

    error: key without effect
     --> c.toml:7:1
      |
    7 | ambiguous = "refuse"
      | ^^^^^^^^^ the scheme `sgate` joins no fields: its signed content can be read in one way only
      |
      = help: remove `ambiguous`

    error: key without effect
     --> c.toml:8:1
      |
    8 | unsigned_fields = "refuse"
      | ^^^^^^^^^^^^^^^ the scheme `sgate` leaves no body fields out of the signed content
      |
      = help: remove `unsigned_fields`
    "##);
}

#[test]
fn a_field_that_is_required_twice() {
    assert_snapshot!(route(r#"require = { a = "string", "/a" = "number" }"#), @r##"
    error: duplicate field
     --> c.toml:7:27
      |
    7 | require = { a = "string", "/a" = "number" }
      |                           ^^^^ `/a` is already required
      |
      = help: name it once, with all accepted types
    "##);
}
