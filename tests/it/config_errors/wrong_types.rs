//! Values of the wrong type.

use insta::assert_snapshot;

use super::report;

#[test]
fn wrong_types() {
    assert_snapshot!(report(r#"
workers = 1.5
"#), @r##"
    error: wrong type
     --> c.toml:1:11
      |
    1 | workers = 1.5
      |           ^^^ this is a number with a fraction, but a whole number is needed
      |
      = help: write `1`
    "##);
    assert_snapshot!(report(r#"
workers = "four"
shutdown_timeout = 30
trusted_proxies = "127.0.0.1"
header_prefix = 5
"#), @r##"
    error: unknown value
     --> c.toml:1:11
      |
    1 | workers = "four"
      |           ^^^^^^ `four` is not a number of threads
      |
      = help: write `"auto"`, or a number without quotes

    error: wrong type
     --> c.toml:2:20
      |
    2 | shutdown_timeout = 30
      |                    ^^ this is a whole number, but a duration with its unit is needed
      |
      = help: write `"30s"`

    error: wrong type
     --> c.toml:3:19
      |
    3 | trusted_proxies = "127.0.0.1"
      |                   ^^^^^^^^^^^ this is a string, but an array is needed
      |
      = help: write `["127.0.0.1"]`

    error: wrong type
     --> c.toml:4:17
      |
    4 | header_prefix = 5
      |                 ^ this is a whole number, but a string is needed
      |
      = help: write `"5"`
    "##);
    assert_snapshot!(report(r#"
include = 5
log = "json"
"#), @r##"
    error: wrong type
     --> c.toml:1:11
      |
    1 | include = 5
      |           ^ this is a whole number, but a string is needed
      |
      = help: write `"5"`

    error: wrong type
     --> c.toml:2:7
      |
    2 | log = "json"
      |       ^^^^^^ this is a string, but a table is needed
      |
      = help: write `[log]`
    "##);
    assert_snapshot!(report(r#"
key = 5
"#), @r##"
    error: wrong type
     --> c.toml:1:7
      |
    1 | key = [...]
      |       ^^^^^ this is a whole number, but a table is needed
      |
      = help: write `[[key]]`

    error: duplicate key
     --> c.toml:6:3
      |
    6 | [[key]]
      |   ^^^ `key` is already set
      |
      = help: keep one of the two
    "##);
    assert_snapshot!(report(r#"
[log]
access = true
level = 3
format = "yaml"
"#), @r##"
    error: wrong type
     --> c.toml:2:10
      |
    2 | access = true
      |          ^^^^ this is `true` or `false`, but a string is needed
      |
      = help: write `"stdout"` or `"stderr"` or `"off"`

    error: wrong type
     --> c.toml:3:9
      |
    3 | level = 3
      |         ^ this is a whole number, but a string is needed
      |
      = help: write `"error"` or `"warn"` or `"info"` or `"debug"` or `"trace"`

    error: unknown value
     --> c.toml:4:10
      |
    4 | format = "yaml"
      |          ^^^^^^ `yaml` is not a format, and contains no variables
      |
      = help: the possible values are "text", "json", "combined", or text with variables such as `$status`
    "##);
    assert_snapshot!(report(r#"
[limits]
body = true
buffer = ["1MiB"]
"#), @r##"
    error: wrong type
     --> c.toml:2:8
      |
    2 | body = true
      |        ^^^^ this is `true` or `false`, but a size is needed
      |
      = help: write `"1MiB"`

    error: wrong type
     --> c.toml:3:10
      |
    3 | buffer = ["1MiB"]
      |          ^^^^^^^^ this is an array, but a size is needed
      |
      = help: write `"1MiB"`
    "##);
    assert_snapshot!(report(r#"
[route]
name = "r"
path = "/r"
scheme = "cheezeepay"
keys = ["k"]
upstream = "echo"
"#), @r##"
    error: wrong type
     --> c.toml:1:1
      |
    1 | [route]
      | ^^^^^^^ this may occur several times, so it needs two brackets
      |
      = help: write `[[route]]`

    error: unknown reference
     --> c.toml:5:9
      |
    5 | keys = ["k"]
      |         ^^^ there is no key `k`
      |
      = help: the known ones are: good

    error: duplicate key
      --> c.toml:15:3
       |
     1 | [route]
       | ------- first set here
    ...
    15 | [[route]]
       |   ^^^^^ `route` is already set
       |
       = help: keep one of the two
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r"
scheme = "cheezeepay"
keys = "good"
upstream = "echo"
expose_reason = "true"
success_as_200 = 1
methods = "POST"
fields = ["a"]
"#), @r##"
    error: wrong type
     --> c.toml:5:8
      |
    5 | keys = "good"
      |        ^^^^^^ this is a string, but an array or a table of key ids is needed
      |
      = help: write `["good"]`

    error: wrong type
     --> c.toml:7:17
      |
    7 | expose_reason = "true"
      |                 ^^^^^^ this is a string, but `true` or `false` is needed
      |
      = help: write `true`

    error: wrong type
     --> c.toml:8:18
      |
    8 | success_as_200 = 1
      |                  ^ this is a whole number, but `true` or `false` is needed
      |
      = help: write `true` or `false`

    error: wrong type
     --> c.toml:9:11
      |
    9 | methods = "POST"
      |           ^^^^^^ this is a string, but an array is needed
      |
      = help: write `["POST"]`

    error: wrong type
      --> c.toml:10:10
       |
    10 | fields = ["a"]
       |          ^^^^^ this is an array, but a table is needed
       |
       = help: write `{ ... }`
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = 5
timestamp = ["{header:X-Time}"]
max_age = 300
nonce = true
let = "{body}"
check = { a = { b = "c" } }
content = ["{body}", 5]
fields = "json"
selection = { a = "json" }
"#), @r##"
    error: wrong type
     --> c.toml:4:13
      |
    4 | signature = 5
      |             ^ this is a whole number, but a string is needed
      |
      = help: write `"5"`

    error: wrong type
     --> c.toml:5:13
      |
    5 | timestamp = ["{header:X-Time}"]
      |             ^^^^^^^^^^^^^^^^^^^ this is an array, but a string is needed
      |
      = help: write `"..."`

    error: wrong type
     --> c.toml:6:11
      |
    6 | max_age = 300
      |           ^^^ this is a whole number, but a duration with its unit is needed
      |
      = help: write `"300s"`

    error: wrong type
     --> c.toml:7:9
      |
    7 | nonce = true
      |         ^^^^ this is `true` or `false`, but a string is needed
      |
      = help: write `"..."`

    error: wrong type
     --> c.toml:8:7
      |
    8 | let = "{body}"
      |       ^^^^^^^^ this is a string, but a table is needed
      |
      = help: write `{ ... }`

    error: wrong type
     --> c.toml:9:15
      |
    9 | check = { a = { b = "[...]" } }
      |               ^^^^^^^^^^^^^^^ this is a table, but a string is needed
      |
      = help: write `"..."`

    error: wrong type
      --> c.toml:10:22
       |
    10 | content = ["{body}", 5]
       |                      ^ this is a whole number, but a string is needed
       |
       = help: write `"5"`

    error: wrong type
      --> c.toml:11:10
       |
    11 | fields = "json"
       |          ^^^^^^ this is a string, but a table is needed
       |
       = help: write `{ like = "..." }`
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = "{header:X-Sig|unbase64}"
content = "{fields}"
fields = { from = "json", names = "a", must_cover = 5, pair = 5, add = "a", nocase = "true" }
"#), @r##"
    error: wrong type
     --> c.toml:6:35
      |
    6 | fields = { from = "json", names = "a", must_cover = 5, pair = 5, add = "a", nocase = "true" }
      |                                   ^^^ this is a string, but an array is needed
      |
      = help: write `["a"]`

    error: wrong type
     --> c.toml:6:53
      |
    6 | fields = { from = "json", names = "a", must_cover = 5, pair = 5, add = "a", nocase = "true" }
      |                                                     ^ this is a whole number, but an array is needed
      |
      = help: write `[...]`

    error: wrong type
     --> c.toml:6:63
      |
    6 | fields = { from = "json", names = "a", must_cover = 5, pair = 5, add = "a", nocase = "true" }
      |                                                               ^ this is a whole number, but a string is needed
      |
      = help: write `"5"`

    error: wrong type
     --> c.toml:6:72
      |
    6 | fields = { from = "json", names = "a", must_cover = 5, pair = 5, add = "a", nocase = "true" }
      |                                                                        ^^^ this is a string, but a table is needed
      |
      = help: write `{ ... }`

    error: wrong type
     --> c.toml:6:86
      |
    6 | fields = { from = "json", names = "a", must_cover = 5, pair = 5, add = "a", nocase = "true" }
      |                                                                                      ^^^^^^ this is a string, but `true` or `false` is needed
      |
      = help: write `true`
    "##);
}
