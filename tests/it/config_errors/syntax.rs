//! Invalid TOML, alone and with other errors.

use insta::assert_snapshot;

use super::report;

#[test]
fn syntax_errors_and_others_at_once() {
    assert_snapshot!(report(r#"
workers = 2 threads
shutdown_timeout = 5s
header_prefix = "X-Verified-
wrokers = 3
[log]
level = inof
format = "yaml"
access =
"#), @r##"
    error: syntax error
     --> c.toml:1:11
      |
    1 | workers = 2 threads
      |           ^^^^^^^^^ text must be in quotes
      |
      = help: write "2 threads"

    error: syntax error
     --> c.toml:2:20
      |
    2 | shutdown_timeout = 5s
      |                    ^^ text must be in quotes
      |
      = help: write "5s"

    error: syntax error
     --> c.toml:3:29
      |
    3 | header_prefix = "X-Verified-
      |                             ^ the closing `"` is missing
      |
      = help: close the quotes on the line where they start; text of several lines must be in `"""` or `'''`

    error: unknown key
     --> c.toml:4:1
      |
    4 | wrokers = 3
      | ^^^^^^^ the top level has no key `wrokers`
      |
      = help: did you mean `workers`?

    error: syntax error
     --> c.toml:6:9
      |
    6 | level = inof
      |         ^^^^ this is not a value
      |
      = help: write "inof"

    error: unknown value
     --> c.toml:7:10
      |
    7 | format = "yaml"
      |          ^^^^^^ `yaml` is not a format, and contains no variables
      |
      = help: the possible values are "text", "json", "combined", or text with variables such as `$status`

    error: syntax error
     --> c.toml:8:9
      |
    8 | access =
      |         ^ a value is missing here
      |
      = help: write it as `key = value`
    "##);
    assert_snapshot!(report(r#"
trusted_proxies = ["127.0.0.1", "10.0.0.0/8"

[log]
level = "info"
"#), @r##"
    error: syntax error
     --> c.toml:1:19
      |
    1 | trusted_proxies = ["127.0.0.1", "10.0.0.0/8"
      |                   ^ the closing `]` is missing
      |
      = help: close what is opened here, with the same kind of bracket
    "##);
    assert_snapshot!(report(r#"
[log
level = "info"
"#), @r##"
    error: syntax error
     --> c.toml:1:5
      |
    1 | [log
      |     ^ the closing `]` is missing
      |
      = help: close what is opened here, with the same kind of bracket
    "##);
    assert_snapshot!(report(r#"
[[route]
name = "r"
path = "/r"
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
"#), @r##"
    error: syntax error
     --> c.toml:1:9
      |
    1 | [[route]
      |         ^ the closing `]` is missing
      |
      = help: close what is opened here, with the same kind of bracket
    "##);
    assert_snapshot!(report(r#"
workers
"#), @r##"
    error: syntax error
     --> c.toml:1:8
      |
    1 | workers
      |        ^ a key without a value
      |
      = help: write it as `key = value`
    "##);
    assert_snapshot!(report(r#"
workers == 4
"#), @r##"
    error: syntax error
     --> c.toml:1:10
      |
    1 | workers == 4
      |          ^ one `=` too many
      |
      = help: write it as `key = value`
    "##);
    assert_snapshot!(report(r#"
trusted_proxies  [
  "127.0.0.1",
  { a = 1 },
]
"#), @r##"
    error: syntax error
     --> c.toml:1:18
      |
    1 | trusted_proxies  [
      |                  ^ a key without a value
      |
      = help: write it as `key = value`

    error: syntax error
     --> c.toml:2:14
      |
    2 |   "127.0.0.1",
      |              ^ a key without a value
      |
      = help: write it as `key = value`
    "##);
    assert_snapshot!(report(r#"
wörkers = 4
shutdown_timeout "30s"
log.level = info"
[limits]
body
buffer = "x"
"#), @r##"
    error: unknown key
     --> c.toml:1:1
      |
    1 | wörkers = [...]
      | ^^^^^^^ the top level has no key `wörkers`
      |
      = help: did you mean `workers`?

    error: syntax error
     --> c.toml:1:2
      |
    1 | wörkers = [...]
      |  ^ a key without quotes may only contain letters, digits, `-` and `_`
      |
      = help: write it as `key = value`, and put any other key in quotes

    error: syntax error
     --> c.toml:2:18
      |
    2 | shutdown_timeout "30s"
      |                  ^ a key without a value
      |
      = help: write it as `key = value`

    error: syntax error
     --> c.toml:3:13
      |
    3 | log.level = info"
      |             ^^^^^ this is not a value
      |
      = help: write "info"

    error: syntax error
     --> c.toml:5:5
      |
    5 | body
      |     ^ a key without a value
      |
      = help: write it as `key = value`

    error: invalid size
     --> c.toml:6:10
      |
    6 | buffer = "x"
      |          ^^^ it must start with a number
      |
      = help: write a number and a unit: "64KiB", "1MiB", "1GiB"
    "##);
    assert_snapshot!(report(r#"
workers = 08
workers = 4
"#), @r##"
    error: syntax error
     --> c.toml:1:11
      |
    1 | workers = 08
      |           ^ a number must not start with 0
      |
      = help: remove the leading zeros

    error: duplicate key
     --> c.toml:2:1
      |
    1 | workers = 08
      | ------- first set here
    2 | workers = 4
      | ^^^^^^^ `workers` is already set
      |
      = help: keep one of the two
    "##);
    assert_snapshot!(report(r#"
header_prefix = "X-\Verified-"
"#), @r##"
    error: syntax error
     --> c.toml:1:21
      |
    1 | header_prefix = "X-\Verified-"
      |                     ^ this is not an escape sequence of TOML
      |
      = help: write a backslash as `\\`, or put the text in single quotes, where a backslash is literal
    "##);
    assert_snapshot!(report(r#"
header_prefix = 'X-Verified-
"#), @r##"
    error: syntax error
     --> c.toml:1:29
      |
    1 | header_prefix = 'X-Verified-
      |                             ^ the closing `'` is missing
      |
      = help: close the quotes on the line where they start; text of several lines must be in `"""` or `'''`
    "##);
    assert_snapshot!(report(r#"
[log]
level = "info"
[log]
format = "text"
"#), @r##"
    error: duplicate key
     --> c.toml:3:2
      |
    1 | [log]
      | ----- first set here
    2 | level = "info"
    3 | [log]
      |  ^^^ `log` is already set
      |
      = help: keep one of the two
    "##);
    assert_snapshot!(report(r#"
trusted_proxies = ["127.0.0.1" "10.0.0.0/8"]
"#), @r##"
    error: syntax error
     --> c.toml:1:32
      |
    1 | trusted_proxies = ["127.0.0.1" "10.0.0.0/8"]
      |                                ^ a comma is missing before this, or the bracket that closes the array
      |
      = help: write `["...", "..."]`
    "##);
    assert_snapshot!(report(r#"
log = { level = "info", level = "warn" }
"#), @r##"
    error: duplicate key
     --> c.toml:1:25
      |
    1 | log = { level = "info", level = "warn" }
      |                         ^^^^^ `level` is already set
      |
      = help: keep one of the two
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = "{header:X-Sig|unbase64}"
content = "{a}"
let = { a = "{body}", a = "{method}" }
"#), @r##"
    error: duplicate key
     --> c.toml:6:22
      |
    6 | let = { a = "[...]", a = "[...]" }
      |                      ^ `a` is already set
      |
      = help: keep one of the two
    "##);
    assert_snapshot!(report(r#"
workers =
"#), @r##"
    error: syntax error
     --> c.toml:1:10
      |
    1 | workers =
      |          ^ a value is missing here
      |
      = help: write it as `key = value`
    "##);
    assert_snapshot!(report(r#"
= 5
"#), @r##"
    error: syntax error
     --> c.toml:1:1
      |
    1 | = [...]
      | ^ the key is missing here
      |
      = help: write it as `key = value`
    "##);
    assert_snapshot!(report(r#"
log.level = "info"
log = 5
"#), @r##"
    error: duplicate key
     --> c.toml:2:1
      |
    2 | log = 5
      | ^^^ `log` is already set
      |
      = help: keep one of the two
    "##);
    assert_snapshot!(report(r#"
[[key]]
id = "k"
public_key = MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAn1eAGB6XPKwaoXUVzAT9aZRiq8z+gMxwK/SzR4OUBGkYc4hKPB8IomEyQqVIWsvGRRbMJxEmH3lU8vlLM5P1
"#), @r##"
    error: syntax error
     --> c.toml:3:14
      |
    3 | public_key = [...]
      |              ^^^^^ text must be in quotes
      |
      = help: put it in quotes
    "##);
    assert_snapshot!(report(r#"
[[key]]
id = "k"
public_key = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAn1eAGB6XPKwaoXUVzAT9
aZRiq8z+gMxwK/SzR4OUBGkYc4hKPB8I
-----END PUBLIC KEY-----"
"#), @r##"
    error: syntax error
     --> c.toml:3:19
      |
    3 | public_key = [...]
      |                   ^ the closing `"` is missing
      |
      = help: close the quotes on the line where they start; text of several lines must be in `"""` or `'''`
    "##);
    assert_snapshot!(report(r#"
[[key]]
id = "k"
public_key = """
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A
MIIBCgKCAQEAn1eAGB6\qXPKwaoXUVzAT9aZRiq
-----END PUBLIC KEY-----
"""
"#), @r##"
    error: syntax error
     --> c.toml:6:6
      |
    6 | [...]
      |      ^ this is not an escape sequence of TOML
      |
      = help: write a backslash as `\\`, or put the text in single quotes, where a backslash is literal
    "##);
}
