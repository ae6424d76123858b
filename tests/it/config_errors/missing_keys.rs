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
      = help: add `scheme = "..."`: a name that `countersign schemes` lists, or that of a `[[scheme]]`

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
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = { by = "{header:A}" }
signature = "{header:X-Sig|unbase64}"
timestamp = { unit = "ms" }
let = { a = { of = { b = "c" } } }
fields = { from = "json" }
content = "{body}"
"#), @r##"
    error: missing key
     --> c.toml:1:1
      |
    1 | [[scheme]]
      | ^^^^^^^^^^ `[[scheme]]` with a `timestamp` needs the key `max_age`
      |
      = help: add `max_age = "5m"`, or what the provider's documentation says; "none" if a callback may be of any age

    error: missing key
     --> c.toml:3:13
      |
    3 | algorithm = { by = "{header:A}" }
      |             ^^^^^^^^^^^^^^^^^^^^^ `algorithm` needs the key `of`
      |
      = help: add `of = { NAME = "hmac-sha256" }`

    error: missing key
     --> c.toml:5:13
      |
    5 | timestamp = { unit = "ms" }
      |             ^^^^^^^^^^^^^^^ `timestamp` needs the key `value`
      |
      = help: add `value = "{header:X-Timestamp}"`

    error: missing key
     --> c.toml:6:13
      |
    6 | let = { a = { of = { b = "c" } } }
      |             ^^^^^^^^^^^^^^^^^^^^ a step needs the key `by`
      |
      = help: add `by = "{...}"`: the value that chooses

    error: missing key
     --> c.toml:7:10
      |
    7 | fields = { from = "json" }
      |          ^^^^^^^^^^^^^^^^^ a selection needs the key `pair`
      |
      = help: add `pair = "{name}={value}"`, or how the provider writes a field
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
timestamp = "{header:X-Time}"
"#), @r##"
    error: missing key
     --> c.toml:1:1
      |
    1 | [[scheme]]
      | ^^^^^^^^^^ `[[scheme]]` with a `timestamp` needs the key `max_age`
      |
      = help: add `max_age = "5m"`, or what the provider's documentation says; "none" if a callback may be of any age

    error: missing key
     --> c.toml:1:1
      |
    1 | [[scheme]]
      | ^^^^^^^^^^ a scheme needs the key `signature`
      |
      = help: say where the signature is: `signature = "{header:X-Signature|unbase64}"`, or `|unhex`

    error: missing key
     --> c.toml:1:1
      |
    1 | [[scheme]]
      | ^^^^^^^^^^ a scheme needs the key `content`
      |
      = help: say what is signed: `content = "{timestamp}.{body}"`, or what the provider's documentation says
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
"#), @r##"
    error: missing key
     --> c.toml:1:1
      |
    1 | [[scheme]]
      | ^^^^^^^^^^ a scheme needs the key `signature`
      |
      = help: say where the signature is: `signature = "{header:X-Signature|unbase64}"`, or `|unhex`

    error: missing key
     --> c.toml:1:1
      |
    1 | [[scheme]]
      | ^^^^^^^^^^ a scheme needs the key `content`
      |
      = help: say what is signed: `content = "{timestamp}.{body}"`, or what the provider's documentation says
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "ecdsa-p256-sha256"
signature = "{header:X-Sig|unbase64}"
content = "{body}"
"#), @r##"
    error: missing key
     --> c.toml:1:1
      |
    1 | [[scheme]]
      | ^^^^^^^^^^ ECDSA, and only ECDSA, has signatures in two forms: say which by `signature_form`
      |
      = help: write "der" (OpenSSL, Java; `MEU...` or `MEQ...` in base64) or "raw" (JOSE, Web Crypto); without ECDSA, remove it
    "##);
}
