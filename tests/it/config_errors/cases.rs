//! Cases of schemes: what is wrong with one is found by whoever tests a configuration.

use insta::assert_snapshot;

use super::report;

/// A scheme with these lines in a case.
fn case(lines: &str) -> String {
    case_of("hmac-sha256", lines)
}

/// The same of a scheme with this algorithm.
fn case_of(algorithm: &str, lines: &str) -> String {
    let lines = lines.trim_start_matches('\n');
    report(&format!(
        r#"
[[scheme]]
name = "s"
algorithm = "{algorithm}"
signature = "{{header:X-Sig|unhex}}"
content = "{{value:shop}}.{{body}}"

[[scheme.case]]
{lines}"#
    ))
}

#[test]
fn mistakes_in_a_request_are_marked() {
    assert_snapshot!(case(r#"
name = "a"
method = "post"
target = "https://shop.example/callback"
headers = { "X Sig" = "a", X-Order = ["7", " 8"] }
body = "a"
body_base64 = "YQ=="
secret = "for tests"
values = { shop = "7" }
"#), @r##"
    error: invalid method
     --> c.toml:9:10
      |
    9 | method = "post"
      |          ^^^^^^ no request has this method
      |
      = help: write it in upper case, such as "POST"

    error: invalid target
      --> c.toml:10:10
       |
    10 | target = "https://shop.example/callback"
       |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this is a URL
       |
       = help: write the path and query; a URL that is signed is the case's `public_url`

    error: invalid header name
      --> c.toml:11:13
       |
    11 | headers = { "X Sig" = "[...]", X-Order = ["[...]", "[...]"] }
       |             ^^^^^^^ a header's name must not contain a space
       |
       = help: use letters, digits and `-`, such as "X-Order-No"

    error: invalid header value
      --> c.toml:11:52
       |
    11 | headers = { "X Sig" = "[...]", X-Order = ["[...]", "[...]"] }
       |                                                    ^^^^^^^ no header can have this value
       |
       = help: write one line, without spaces around it

    error: conflicting keys
      --> c.toml:13:1
       |
    12 | body = "a"
       | ---- `body` is here
    13 | body_base64 = "YQ=="
       | ^^^^^^^^^^^ `body_base64` cannot be combined with `body`
       |
       = help: keep one of the two
    "##);
}

#[test]
fn mistakes_in_what_must_come_out_are_marked() {
    assert_snapshot!(case(r#"
name = "a"
body_base64 = "Y*=="
secret = "for tests"
values = { shpo = "7" }
public_url = "https://shop.example/"
at = "noon"
expect = "signature_mismtach"
expected = "verified"
identity = "7"
"#), @r##"
    error: invalid base64
     --> c.toml:9:15
      |
    9 | body_base64 = "Y*=="
      |               ^^^^^^ it cannot be decoded
      |
      = help: write what `base64` prints; line ends do not matter

    error: missing value
      --> c.toml:11:1
       |
    11 | values = { shpo = "7" }
       | ^^^^^^ the scheme `s` uses `{value:shop}`, which each route says
       |
       = help: add `shop = "..."` to `values`

    error: value without use
      --> c.toml:11:12
       |
    11 | values = { shpo = "7" }
       |            ^^^^ the scheme `s` does not use `{value:shpo}`
       |
       = help: did you mean `shop`?

    error: needless setting
      --> c.toml:12:1
       |
    12 | public_url = "https://shop.example/"
       | ^^^^^^^^^^ the scheme `s` does not use the URL
       |
       = help: remove `public_url`

    error: invalid time
      --> c.toml:13:6
       |
    13 | at = "noon"
       |      ^^^^^^ it is neither Unix seconds nor a time with its zone
       |
       = help: write `at = 1782907200` or `at = "2026-07-01T12:00:00Z"`

    error: unknown value
      --> c.toml:14:10
       |
    14 | expect = "signature_mismtach"
       |          ^^^^^^^^^^^^^^^^^^^^ `signature_mismtach` is neither "verified" nor a reason
       |
       = help: did you mean "signature_mismatch"?

    error: unknown key
      --> c.toml:15:1
       |
    15 | expected = "verified"
       | ^^^^^^^^ `[[scheme.case]]` has no key `expected`
       |
       = help: did you mean `expect`?

    error: wrong type
      --> c.toml:16:12
       |
    16 | identity = "7"
       |            ^^^ this is a string, but an array is needed
       |
       = help: write `["7"]`
    "##);
}

#[test]
fn a_case_has_a_name_of_its_own_and_keys() {
    assert_snapshot!(case(r#"
body = "a"
values = { shop = "7" }

[[scheme.case]]
name = "a"
secret = "for tests"
public_key = "AAAA"
values = { shop = "7" }

[[scheme.case]]
name = "a"
keys = { one = { secrte = "Hunter2xQ9zW7kL" }, two = "Hunter2xQ9zW7kL" }
values = { shop = "7" }
"#), @r##"
    error: missing key
     --> c.toml:7:1
      |
    7 | [[scheme.case]]
      | ^^^^^^^^^^^^^^^ `[[scheme.case]]` needs the key `name`
      |
      = help: add `name = "..."`: what the request shows

    error: missing key
     --> c.toml:7:1
      |
    7 | [[scheme.case]]
      | ^^^^^^^^^^^^^^^ `[[scheme.case]]` needs `secret`, `public_key` or `keys`
      |
      = help: add `secret = "..."` or `public_key = "..."`: the key for this case, which no route uses

    error: conflicting keys
      --> c.toml:14:1
       |
    13 | secret = "[...]"
       | ------ `secret` is here
    14 | public_key = "[...]"
       | ^^^^^^^^^^ `public_key` cannot be combined with `secret`
       |
       = help: keep one of the two

    error: duplicate name
      --> c.toml:18:8
       |
    12 | name = "a"
       |        --- the first one is here
    ...
    18 | name = "a"
       |        ^^^ a second case `a`
       |
       = help: rename one of the two

    error: unknown key
      --> c.toml:19:18
       |
    19 | keys = { one = { secrte = "[...]" }, two = [...] }
       |                  ^^^^^^ a key of a case has no key `secrte`
       |
       = help: did you mean `secret`?

    error: wrong type
      --> c.toml:19:44
       |
    19 | keys = { one = { secrte = "[...]" }, two = [...] }
       |                                            ^^^^^ this is a string, but a table is needed
       |
       = help: write `{ secret = "..." }`
    "##);
}

#[test]
fn a_case_of_a_scheme_with_an_age_has_a_time() {
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "hmac-sha256"
signature = "{header:X-Sig|unhex}"
timestamp = "{header:X-Time}"
max_age = "5m"
content = "{timestamp}.{body}"
case = [{ name = "a", secret = "for tests" }]
"#), @r##"
    error: missing key
     --> c.toml:8:9
      |
    8 | case = [{ name = "a", secret = "[...]" }]
      |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a case of a scheme with `max_age` needs the key `at`
      |
      = help: add `at = ...`, the time at which the request arrives: that of its timestamp, as Unix seconds or as "2026-07-01T12:00:00Z"
    "##);
}

/// Two keys are what a test of a rotation needs.
#[test]
fn whoever_writes_several_keys_is_shown_how() {
    let keys = |written: &str| {
        case(&format!(
            "name = \"a\"\nmethod = \"POST\"\nkeys = {written}\nexpect = \"verified\"\n"
        ))
    };
    let list = keys("[\"a\", \"b\"]");
    let help = "write `{ first = { secret = \"...\" }, second = { secret = \"...\" } }`";
    assert!(list.contains(help), "{list}");
    let bare = keys("{ old = \"a\" }");
    assert!(bare.contains("write `{ secret = \"...\" }`"), "{bare}");
    let rsa = case_of(
        "rsa-sha256",
        "name = \"a\"\nkeys = { old = \"a\" }\nexpect = \"verified\"\n",
    );
    assert!(rsa.contains("write `{ public_key = \"...\" }`"), "{rsa}");
    let swapped = case("name = \"a\"\nsecret = \"for tests\"\nexpect = \"unknown_key\"\n");
    assert!(
        swapped.contains("did you mean \"key_unknown\"?"),
        "{swapped}"
    );
}
