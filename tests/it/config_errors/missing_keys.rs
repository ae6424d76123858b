//! Required keys.

use insta::assert_snapshot;

use super::{report, whole};

#[test]
fn missing_keys() {
    assert_snapshot!(whole(""), @r##"
    error: missing key
      --> c.toml
       = note: a configuration needs at least one `[[listener]]`
       = help: add `[[listener]]` followed by `address = "127.0.0.1:8080"`

    error: missing key
      --> c.toml
       = note: a configuration needs at least one `[[route]]`
       = help: add one; see docs/configuration.md
    "##);
    assert_snapshot!(whole(r#"
workers = 1
"#), @r##"
    error: missing key
      --> c.toml
       = note: a configuration needs at least one `[[listener]]`
       = help: add `[[listener]]` followed by `address = "127.0.0.1:8080"`

    error: missing key
      --> c.toml
       = note: a configuration needs at least one `[[route]]`
       = help: add one; see docs/configuration.md
    "##);
    assert_snapshot!(report(r#"
[[listener]]
http2 = true
"#), @r##"
    error: missing key
     --> c.toml:1:1
      |
    1 | [[listener]]
      | ^^^^^^^^^^^^ `[[listener]]` needs the key `address`
      |
      = help: add `address = "127.0.0.1:8080"`
    "##);
    assert_snapshot!(report(r#"
[[key]]
id = "other"
[[key]]
file = "good.pem"
[[upstream]]
[[route]]
[[scheme]]
"#), @r##"
    error: missing key
     --> c.toml:1:1
      |
    1 | [[key]]
      | ^^^^^^^ `[[key]]` needs `file`, `public_key`, `secret_file`, `secret_env`, `credential` or `secret`
      |
      = help: add `file = "keys/....pem"` for the platform's public key, or `secret_file = "..."` for a secret that both sides know

    error: missing key
     --> c.toml:3:1
      |
    3 | [[key]]
      | ^^^^^^^ `[[key]]` needs the key `id`
      |
      = help: add `id = "..."`: routes refer to the key by it

    error: missing key
     --> c.toml:5:1
      |
    5 | [[upstream]]
      | ^^^^^^^^^^^^ `[[upstream]]` needs the key `name`
      |
      = help: add `name = "..."`: routes refer to the upstream by it

    error: missing key
     --> c.toml:5:1
      |
    5 | [[upstream]]
      | ^^^^^^^^^^^^ `[[upstream]]` needs the key `servers`
      |
      = help: add `servers = ["127.0.0.1:9000"]`

    error: missing key
     --> c.toml:6:1
      |
    6 | [[route]]
      | ^^^^^^^^^ `[[route]]` needs the key `name`
      |
      = help: add `name = "..."`: it identifies the route in logs and in verified headers

    error: missing key
     --> c.toml:6:1
      |
    6 | [[route]]
      | ^^^^^^^^^ `[[route]]` needs `path` or `path_prefix`
      |
      = help: add `path = "/..."` for one path, or `path_prefix = "/.../"` for all paths that start with it

    error: missing key
     --> c.toml:6:1
      |
    6 | [[route]]
      | ^^^^^^^^^ `[[route]]` needs the key `scheme`
      |
      = help: add `scheme = "cheezeepay"`, `"sgate"`, or the name of a `[[scheme]]`

    error: missing key
     --> c.toml:6:1
      |
    6 | [[route]]
      | ^^^^^^^^^ `[[route]]` needs the key `keys`
      |
      = help: write `keys = ["..."]` with the ids of `[[key]]` entries

    error: missing key
     --> c.toml:6:1
      |
    6 | [[route]]
      | ^^^^^^^^^ `[[route]]` needs the key `upstream`
      |
      = help: add `upstream = "..."`; `"echo"` answers with what a backend would receive

    error: missing key
     --> c.toml:7:1
      |
    7 | [[scheme]]
      | ^^^^^^^^^^ `[[scheme]]` needs the key `name`
      |
      = help: add `name = "..."`: routes refer to the scheme by it

    error: missing key
     --> c.toml:7:1
      |
    7 | [[scheme]]
      | ^^^^^^^^^^ `[[scheme]]` needs the key `algorithm`
      |
      = help: add `algorithm = "rsa-sha256"`, or what the provider's documentation says

    error: missing key
     --> c.toml:7:1
      |
    7 | [[scheme]]
      | ^^^^^^^^^^ `[[scheme]]` needs the key `signature`
      |
      = help: say where the signature is: `signature = { header = "..." }` or `{ field = "..." }`

    error: missing key
     --> c.toml:7:1
      |
    7 | [[scheme]]
      | ^^^^^^^^^^ `[[scheme]]` needs the key `content`
      |
      = help: say what is signed: add `[scheme.content]` followed by `form = "..."`
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = {}
timestamp = { unit = "seconds" }
key_id = {}
event = {}
[scheme.content]
"#), @r##"
    error: missing key
     --> c.toml:4:13
      |
    4 | signature = {}
      |             ^^ `signature` needs `header` or `field`
      |
      = help: add `header = "..."`, or `field = "..."` for a top-level field of the body

    error: missing key
     --> c.toml:5:13
      |
    5 | timestamp = { unit = "seconds" }
      |             ^^^^^^^^^^^^^^^^^^^^ `timestamp` needs `header` or `field`
      |
      = help: add `header = "..."`, or `field = "..."` for a top-level field of the body

    error: missing key
     --> c.toml:6:10
      |
    6 | key_id = {}
      |          ^^ `key_id` needs the key `header`
      |
      = help: add `header = "..."`

    error: missing key
     --> c.toml:7:9
      |
    7 | event = {}
      |         ^^ `event` needs the key `field`
      |
      = help: add `field = "..."`

    error: missing key
     --> c.toml:8:1
      |
    8 | [scheme.content]
      | ^^^^^^^^^^^^^^^^ `[scheme.content]` needs the key `form`
      |
      = help: add `form = "concat"`, "json-object" or "sorted-fields"
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = { header = "X-Sig" }
[scheme.content]
form = "concat"
"#), @r##"
    error: missing key
     --> c.toml:5:1
      |
    5 | [scheme.content]
      | ^^^^^^^^^^^^^^^^ `[scheme.content]` needs the key `parts`
      |
      = help: add `parts = "{timestamp}\n{nonce}\n{body}\n"`, or what the provider's documentation says
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = { header = "X-Sig" }
[scheme.content]
form = "json-object"
"#), @r##"
    error: missing key
     --> c.toml:5:1
      |
    5 | [scheme.content]
      | ^^^^^^^^^^^^^^^^ `[scheme.content]` needs the key `members`
      |
      = help: add `members = [ { name = "...", value = "{body}" } ]`
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = { header = "X-Sig" }
[scheme.content]
form = "json-object"
members = [{}]
"#), @r##"
    error: missing key
     --> c.toml:7:12
      |
    7 | members = [{}]
      |            ^^ a member needs the key `name`
      |
      = help: add `name = "..."`

    error: missing key
     --> c.toml:7:12
      |
    7 | members = [{}]
      |            ^^ a member needs the key `value`
      |
      = help: add `value = "{body}"`, or another placeholder or text
    "##);
}
