//! Valid settings that may not do what was intended.

use insta::assert_snapshot;

use super::{REST, files, warnings};

#[test]
fn all_warnings() {
    assert_snapshot!(warnings(r#"
trusted_proxies = []
[[scheme]]
name = "s"
algorithm = "rsa-sha1"
signature = "{header:X-Sig|unbase64}"
timestamp = "{header:X-Time}"
max_age = "5m"
nonce = "{header:X-Nonce|max:128}"
content = "{method}\n{body}"
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
    warning[unused]: unused
     --> c.toml:3:8
      |
    3 | name = "s"
      |        ^^^ no route uses this scheme
      |
      = help: use it in a route, or remove it

    warning[legacy_algorithm]: legacy algorithm
     --> c.toml:4:13
      |
    4 | algorithm = "rsa-sha1"
      |             ^^^^^^^^^^ the digest of rsa-sha1 is broken against collisions
      |
      = help: use it only if the provider offers nothing else

    warning[not_signed]: not signed
     --> c.toml:6:1
      |
    6 | timestamp = "{header:X-Time}"
      | ^^^^^^^^^ the signature does not cover it: an attacker can change it in a captured callback, so it is not among the verified headers
      |
      = help: add `{timestamp}` to the signed content, if the provider signs it

    warning[not_signed]: not signed
     --> c.toml:8:1
      |
    8 | nonce = "{header:X-Nonce|max:128}"
      | ^^^^^ the signature does not cover it: an attacker can change it in a captured callback, so it is not among the verified headers
      |
      = help: add `{nonce}` to the signed content, if the provider signs it

    warning[unused]: unused
      --> c.toml:11:6
       |
    11 | id = "k"
       |      ^^^ no route uses this key
       |
       = help: use it in a route, or remove it

    warning[needless_setting]: needless setting
      --> c.toml:13:1
       |
    13 | legacy = true
       | ^^^^^^ the key has 2048 bits and needs no exception
       |
       = help: remove `legacy = true`

    warning[legacy_key]: legacy key
      --> c.toml:16:8
       |
    16 | file = "legacy.pem"
       |        ^^^^^^^^^^^^ 1024-bit RSA can be broken
       |
       = help: ask the platform for a key of 2048 bits or more

    warning[unused]: unused
      --> c.toml:19:8
       |
    19 | name = "u"
       |        ^^^ no route uses this upstream
       |
       = help: use it in a route, or remove it

    warning[legacy_algorithm]: legacy algorithm
      --> c.toml:24:10
       |
    24 | scheme = "sgate"
       |          ^^^^^^^ this scheme: the digest of rsa-md5 is broken against collisions
       |
      ::: shipped scheme sgate:6:13
       |
     6 | algorithm = "rsa-md5"
       |             --------- here
       |
       = help: the scheme comes with Countersign; if the backend can do with it, add `accept_warnings = ["legacy_algorithm"]` to the route

    warning[same_key_twice]: same key twice
      --> c.toml:32:6
       |
    11 | id = "k"
       |      --- the key is here
    ...
    32 | id = "good"
       |      ^^^^^^ this is the same key as `k`
       |
       = help: name the file of the other key, or use one id for both
    "##);
    assert_snapshot!(warnings(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = "{header:X-Sig|unbase64}"
timestamp = "{header:X-Time}"
max_age = "5m"
content = "{fields}"
fields = { from = "json", order = "bytes", pair = "{name}={value}", between = "&" }
[[route]]
name = "r"
path = "/r"
scheme = "s"
keys = ["good"]
upstream = "echo"
"#), @r##"
    warning[not_signed]: not signed
     --> c.toml:5:1
      |
    5 | timestamp = "{header:X-Time}"
      | ^^^^^^^^^ the signature does not cover it: an attacker can change it in a captured callback, so it is not among the verified headers
      |
      = help: add `{timestamp}` to the signed content, if the provider signs it

    warning[not_signed]: not signed
      --> c.toml:12:1
       |
    12 | scheme = "s"
       | ^^^^^^ the signatures of the scheme `s` do not cover the query: an attacker can change that in a captured callback
       |
       = help: let the backend use only what is signed, and state the rest in the scheme: `not_covered = ["query"]`
    "##);
}

#[test]
fn insecure_settings_are_warned_of() {
    assert_snapshot!(warnings(r#"
trusted_proxies = ["10.0.0.1"]
[once]
on_store_failure = "fail_open"
[[decryption_key]]
id = "d"
file = "secret.pem"
[[upstream]]
name = "u"
servers = ["127.0.0.1:9000", "192.0.2.1:9000"]
[[route]]
name = "a"
path = "/a"
scheme = "cheezeepay"
keys = ["good"]
upstream = "u"
once = { keep = "1s" }
retry = ["connect", "error"]
decrypt = ["/card"]
decrypt_keys = ["d"]
[[route]]
name = "b"
path = "/b"
scheme = "sgate"
keys = ["good"]
upstream = "echo"
max_age = "off"
"#), @r##"
    warning[fail_open]: repeats pass without the store
     --> c.toml:3:1
      |
    3 | on_store_failure = "fail_open"
      | ^^^^^^^^^^^^^^^^ while the store is unavailable, whoever captured a callback can replay it to the backend
      |
      = help: make sure that the backend recognises repeats by itself, or write "fail_closed"

    warning[forgotten_soon]: forgotten soon
      --> c.toml:16:1
       |
    16 | once = { keep = "1s" }
       | ^^^^ these callbacks have no time limit: whoever captured one can replay it 1s later, and the backend gets it
       |
       = help: raise `keep`, in the route's `once` or the scheme, to "7days" or more: a callback takes little space

    warning[retry_after_sending]: two servers for one callback
      --> c.toml:17:1
       |
    17 | retry = ["connect", "error"]
       | ^^^^^ a server that fails may already have acted on the callback, and `once` does not keep it from the next server
       |
       = help: write `retry = ["connect"]`, unless the servers recognise repeats themselves

    warning[clear_text_to_server]: clear text on the way
      --> c.toml:18:1
       |
    18 | decrypt = ["/card"]
       | ^^^^^^^ decrypted values go to `192.0.2.1:9000` without TLS: anybody on the network path can read them
       |
       = help: write "https://..." for the server, or decrypt on the backend's machine

    warning[legacy_algorithm]: legacy algorithm
      --> c.toml:23:10
       |
    23 | scheme = "sgate"
       |          ^^^^^^^ this scheme: the digest of rsa-md5 is broken against collisions
       |
      ::: shipped scheme sgate:6:13
       |
     6 | algorithm = "rsa-md5"
       |             --------- here
       |
       = help: the scheme comes with Countersign; if the backend can do with it, add `accept_warnings = ["legacy_algorithm"]` to the route

    warning[no_age_limit]: no limit of age
      --> c.toml:26:1
       |
    26 | max_age = "off"
       | ^^^^^^^ callbacks have a signed timestamp, but any age is accepted: whoever captured one can replay it for ever
       |
       = help: write how long the provider retries, such as "1h", or remove `max_age`

    warning[one_callback_for_two_routes]: one callback for two routes
      --> c.toml:35:1
       |
    11 | name = "a"
       | ---- the other route is here
    ...
    35 | [[route]]
       | ^^^^^^^^^ a callback of the route `a` also passes here, because both accept the same signatures, and is remembered separately: whoever captured it can have it accepted twice
       |
       = help: give both `once = { namespace = "..." }` with the same name and the same `identity`, or separate keys
    "##);
}

/// A scheme that signs the time and has no maximum age.
const AGELESS: &str = r#"
[[scheme]]
name = "ageless"
algorithm = "rsa-sha256"
signature = "{header:X-Sig|unbase64}"
timestamp = "{header:X-Time}"
max_age = "none"
keep = "1s"
content = "{timestamp}\n{body}"
not_covered = ["query"]
"#;

#[test]
fn insecure_schemes_are_warned_of_at_their_routes() {
    let text = format!(
        r#"
[once]
{AGELESS}
[[route]]
name = "a"
path = "/a"
scheme = "ageless"
keys = ["good"]
upstream = "echo"
"#
    );
    assert_snapshot!(warnings(&text), @r##"
    warning[no_age_limit]: no limit of age
      --> c.toml:16:1
       |
    16 | scheme = "ageless"
       | ^^^^^^ callbacks have a signed timestamp, but any age is accepted: whoever captured one can replay it for ever
       |
       = help: add `max_age`, here or in the scheme: how long the provider retries, such as "1h"

    warning[forgotten_soon]: forgotten soon
      --> c.toml:16:1
       |
    16 | scheme = "ageless"
       | ^^^^^^ these callbacks have no time limit: whoever captured one can replay it 1s later, and the backend gets it
       |
       = help: raise `keep`, in the route's `once` or the scheme, to "7days" or more: a callback takes little space
    "##);
    let off = text.replace("upstream", "max_age = \"off\"\nupstream");
    assert!(warnings(&off).contains("| max_age = \"off\"\n"), "{off}");
}

/// Two routes with these `once` settings. Both accept the same signatures, by one key with two
/// names.
fn two_routes(a: &str, b: &str) -> String {
    format!(
        r#"
accept_warnings = ["same_key_twice"]
[once]
[[key]]
id = "twin"
file = "spare.pem"
[[scheme]]
name = "copy"
algorithm = "rsa-sha256"
signature = "{{header:X-Sig|unbase64}}"
content = "{{body}}"
not_covered = ["query"]
[[scheme]]
name = "original"
algorithm = "rsa-sha256"
signature = "{{header:X-Sig|unbase64}}"
max_age = "5m"
timestamp = "{{field:time}}"
content = "{{body}}"
not_covered = ["query"]
[[route]]
name = "a"
path = "/a"
scheme = "original"
keys = ["good"]
upstream = "echo"
once = {a}
[[route]]
name = "b"
path = "/b"
scheme = "copy"
keys = ["twin"]
upstream = "echo"
once = {b}
"#
    )
}

#[test]
fn a_route_that_forgets_what_another_remembers_is_named() {
    let shared = "{ namespace = \"n\" }";
    let other_identity = "{ namespace = \"n\", identity = [\"order\"] }";
    assert_snapshot!(warnings(&two_routes("true", "false")), @r##"
    warning[one_callback_for_two_routes]: one callback for two routes
      --> c.toml:33:1
       |
    21 | name = "a"
       | ---- the other route is here
    ...
    33 | once = false
       | ^^^^ a callback of the route `a` also passes here, because both accept the same signatures, and this route does not remember it: whoever captured it can have it accepted again and again
       |
       = help: give both `once = { namespace = "..." }` with the same name and the same `identity`, or separate keys
    "##);
    for (a, b, line, cost) in [
        (
            "true",
            "true",
            "33 | once = true",
            "of the route `a` also passes here, because both accept the same signatures, and is remembered separately",
        ),
        (
            "false",
            "true",
            "26 | once = false",
            "of the route `b` also passes here, because both accept the same signatures, and this route does not",
        ),
        (
            shared,
            other_identity,
            "33 | once = {",
            "and is remembered separately",
        ),
    ] {
        let warned = warnings(&two_routes(a, b));
        assert!(warned.contains(line) && warned.contains(cost), "{warned}");
    }
    for (a, b) in [(shared, shared), ("false", "false")] {
        let loaded = files().load(&format!("{}{REST}", two_routes(a, b)));
        assert_eq!(loaded.unwrap().warnings.diagnostics(), []);
    }
}

#[test]
fn secure_settings_are_not_warned_of() {
    let text = r#"
trusted_proxies = ["10.0.0.0/8"]
[once]
[[key]]
id = "other"
file = "other.pem"
[[upstream]]
name = "u"
servers = ["127.0.0.1:9000", "192.0.2.1:9000"]
[[route]]
name = "a"
path = "/a"
scheme = "cheezeepay"
keys = ["good"]
upstream = "u"
once = { namespace = "good", keep = "2days" }
[[route]]
name = "b"
path = "/b"
scheme = "cheezeepay"
keys = ["other"]
upstream = "u"
once = false
retry = ["connect", "error"]
"#;
    let files = files();
    files.write(
        "other.pem",
        std::fs::read("conf/keys/sgate-demo.pem").unwrap(),
    );
    let loaded = files.load(&format!("{text}{REST}"));
    let warnings = loaded.unwrap_or_else(|report| panic!("{report}")).warnings;
    assert_eq!(warnings.diagnostics().len(), 0, "{warnings}");
}
