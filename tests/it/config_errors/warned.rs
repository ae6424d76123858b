//! What works, but perhaps not as meant.

use insta::assert_snapshot;

use super::warnings;

#[test]
fn all_warnings() {
    assert_snapshot!(warnings(r#"
trusted_proxies = []
[[scheme]]
name = "s"
algorithm = "rsa-sha1"
signature = { header = "X-Sig" }
timestamp = { header = "X-Time" }
nonce = { header = "X-Nonce" }
[scheme.content]
form = "concat"
parts = "{method}"
[[key]]
id = "k"
file = "good.pem"
legacy = true
[[key]]
id = "l"
file = "legacy.pem"
legacy = true
[[upstream]]
name = "u"
servers = ["127.0.0.1:9000"]
[[route]]
name = "r"
path = "/r"
scheme = "sgate"
keys = ["l"]
upstream = "echo"
"#), @r##"
    warning: unused
     --> c.toml:3:8
      |
    3 | name = "s"
      |        ^^^ no route names this scheme
      |
      = help: name it in a route, or remove it

    warning: legacy algorithm
     --> c.toml:4:13
      |
    4 | algorithm = "rsa-sha1"
      |             ^^^^^^^^^^ the digest of rsa-sha1 is broken against collisions
      |
      = help: use it only if the provider offers nothing else

    warning: not signed
     --> c.toml:6:1
      |
    6 | timestamp = { header = "X-Time" }
      | ^^^^^^^^^ the signature does not cover it: whoever repeats a callback can change it
      |
      = help: put `{timestamp}` into what is signed, if the provider does

    warning: not signed
     --> c.toml:7:1
      |
    7 | nonce = { header = "X-Nonce" }
      | ^^^^^ the signature does not cover it: whoever repeats a callback can change it
      |
      = help: put `{nonce}` into what is signed, if the provider does

    warning: not signed
     --> c.toml:8:9
      |
    8 | [scheme.content]
      |         ^^^^^^^ the signature does not cover the body: anybody who sees one callback can forge others
      |
      = help: put `{body}` into what is signed, if the provider does

    warning: unused
      --> c.toml:12:6
       |
    12 | id = "k"
       |      ^^^ no route names this key
       |
       = help: name it in a route, or remove it

    warning: needless setting
      --> c.toml:14:1
       |
    14 | legacy = true
       | ^^^^^^ the key has 2048 bits and needs no permission
       |
       = help: remove `legacy = true`

    warning: legacy key
      --> c.toml:17:8
       |
    17 | file = "legacy.pem"
       |        ^^^^^^^^^^^^ RSA with 1024 bits can be broken
       |
       = help: ask the platform for a key of 2048 bits or more

    warning: unused
      --> c.toml:20:8
       |
    20 | name = "u"
       |        ^^^ no route names this upstream
       |
       = help: name it in a route, or remove it

    warning: legacy algorithm
      --> c.toml:25:10
       |
    25 | scheme = "sgate"
       |          ^^^^^^^ this scheme signs with rsa-md5, whose digest is broken against collisions
       |
       = help: the provider offers nothing else; ask for an algorithm with SHA-256
    "##);
    assert_snapshot!(warnings(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = { header = "X-Sig" }
timestamp = { header = "X-Time" }
[scheme.content]
form = "sorted-fields"
[[route]]
name = "r"
path = "/r"
scheme = "s"
keys = ["good"]
upstream = "echo"
"#), @r##"
    warning: not signed
     --> c.toml:5:1
      |
    5 | timestamp = { header = "X-Time" }
      | ^^^^^^^^^ the signature does not cover it: whoever repeats a callback can change it
      |
      = help: write `timestamp = { field = "..." }` if the body has it, too
    "##);
}
