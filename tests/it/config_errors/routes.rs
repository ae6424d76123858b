//! Other settings of a route.

use insta::assert_snapshot;

use super::report;

#[test]
fn maximum_age() {
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r"
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
max_age = "5m"
"#), @r##"
    error: max_age without timestamp
     --> c.toml:7:1
      |
    7 | max_age = "5m"
      | ^^^^^^^ callbacks of the scheme `cheezeepay` have no timestamp
      |
      = help: remove `max_age`
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = "{header:X-Sig|unbase64}"
max_age = "5m"
content = "{body}"
"#), @r##"
    error: max_age without timestamp
     --> c.toml:5:1
      |
    5 | max_age = "5m"
      | ^^^^^^^ the scheme has no timestamp that could be too old
      |
      = help: say with `timestamp` where the timestamp is, or remove `max_age`
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r"
scheme = "sgate"
keys = ["good"]
upstream = "echo"
max_age = "none"
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

    error: invalid duration
     --> c.toml:7:11
      |
    7 | max_age = "none"
      |           ^^^^^^ it is neither a duration nor "off"
      |
      = help: write a number and a unit, such as "5m", or "off" for no limit
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r"
scheme = "sgate"
keys = ["good"]
upstream = "echo"
max_age = "2000days"
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

    error: value out of range
     --> c.toml:7:11
      |
    7 | max_age = "2000days"
      |           ^^^^^^^^^^ it must be 1s to 366days
      |
      = help: write a number and a unit: "500ms", "10s", "5m", "1h", or several: "1m 30s"
    "##);
}

#[test]
fn key_tables() {
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r"
scheme = "cheezeepay"
keys = { "merchant" = "good" }
upstream = "echo"
"#), @r##"
    error: key table without header
     --> c.toml:5:1
      |
    5 | keys = { "merchant" = "good" }
      | ^^^^ the scheme `cheezeepay` has no header that could select the key
      |
      = help: add `key_header = "..."`, or write `keys = ["..."]`: any of them may have signed
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r"
scheme = "sgate"
keys = ["good"]
key_header = "X-Merchant"
upstream = "echo"
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

    error: conflicting keys
     --> c.toml:6:1
      |
    5 | keys = ["good"]
      |        -------- `keys` is here
    6 | key_header = "X-Merchant"
      | ^^^^^^^^^^ `key_header` selects from a table of keys, but `keys` is not a table
      |
      = help: write `keys = { "header value" = "key id" }`, or remove `key_header`
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r"
scheme = "sgate"
keys = { "a " = "good", "b" = [], "c" = { d = "good" }, "e" = "godo" }
upstream = "echo"
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

    error: invalid header value
     --> c.toml:5:10
      |
    5 | keys = { "a " = "good", "b" = [], "c" = { d = "good" }, "e" = "godo" }
      |          ^^^^ no header can have this value
      |
      = help: write the value as the provider sends it, without spaces around it

    error: empty list
     --> c.toml:5:31
      |
    5 | keys = { "a " = "good", "b" = [], "c" = { d = "good" }, "e" = "godo" }
      |                               ^^ without a key, every callback would be refused
      |
      = help: write `keys = ["..."]` with the ids of `[[key]]` entries

    error: wrong type
     --> c.toml:5:41
      |
    5 | keys = { "a " = "good", "b" = [], "c" = { d = "good" }, "e" = "godo" }
      |                                         ^^^^^^^^^^^^^^ this is a table, but a key id or an array of key ids is needed
      |
      = help: write `"..."`

    error: unknown reference
     --> c.toml:5:63
      |
    5 | keys = { "a " = "good", "b" = [], "c" = { d = "good" }, "e" = "godo" }
      |                                                               ^^^^^^ there is no key `godo`
      |
      = help: did you mean `good`?
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r"
scheme = "sgate"
keys = {}
upstream = "echo"
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

    error: empty list
     --> c.toml:5:8
      |
    5 | keys = {}
      |        ^^ without a key, every callback would be refused
      |
      = help: write `keys = ["..."]` with the ids of `[[key]]` entries
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r"
scheme = "sgate"
keys = []
upstream = "echo"
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

    error: empty list
     --> c.toml:5:8
      |
    5 | keys = []
      |        ^^ without a key, every callback would be refused
      |
      = help: write `keys = ["..."]` with the ids of `[[key]]` entries
    "##);
}

#[test]
fn rewritten_targets() {
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r"
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
signed_target_prefix = "/api"
"#), @r##"
    error: needless setting
     --> c.toml:7:1
      |
    7 | signed_target_prefix = "/api"
      | ^^^^^^^^^^^^^^^^^^^^ the scheme does not sign the request's target
      |
      = help: remove `signed_target_prefix`
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r"
scheme = "sgate"
keys = ["good"]
upstream = "echo"
signed_target_prefix = "api/"
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

    error: invalid path
     --> c.toml:7:24
      |
    7 | signed_target_prefix = "api/"
      |                        ^^^^^^ it must start with `/`
      |
      = help: write "/api"
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r"
scheme = "sgate"
keys = ["good"]
upstream = "echo"
signed_target_prefix = "/api/"
signed_target_header = "X-Original-URI"
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

    error: conflicting keys
     --> c.toml:8:1
      |
    7 | signed_target_prefix = "/api/"
      | -------------------- `signed_target_prefix` is here
    8 | signed_target_header = "X-Original-URI"
      | ^^^^^^^^^^^^^^^^^^^^ `signed_target_header` cannot be combined with `signed_target_prefix`
      |
      = help: keep one of the two
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r"
scheme = "sgate"
keys = ["good"]
upstream = "echo"
signed_target_header = "X-Original-URI"
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

    error: no trusted proxies
     --> c.toml:7:1
      |
    7 | signed_target_header = "X-Original-URI"
      | ^^^^^^^^^^^^^^^^^^^^ the header is only accepted from trusted proxies, and there are none
      |
      = help: add the front proxy to `trusted_proxies` at the top level of the main file
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r"
scheme = "sgate"
keys = ["good"]
upstream = "echo"
signed_target_prefix = "/"
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

    error: invalid path
     --> c.toml:7:24
      |
    7 | signed_target_prefix = "/"
      |                        ^^^ it adds nothing to the target
      |
      = help: remove `signed_target_prefix`, or write what the front proxy stripped, such as "/api"
    "##);
}
