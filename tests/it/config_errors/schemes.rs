//! Schemes: what is wrong with an expression is shown at its very place.

use insta::assert_snapshot;

use super::{REST, files, report};

/// A scheme with these lines.
fn scheme(lines: &str) -> String {
    report(&format!(
        "[[scheme]]\nname = \"s\"\nalgorithm = \"hmac-sha256\"\n{}",
        lines.trim_start_matches('\n')
    ))
}

#[test]
fn mistakes_in_expressions_are_marked() {
    assert_snapshot!(scheme(r#"
signature = "{header:X-Sig|unbase46}"
content = "{timestmp}\n{body}"
key = "{secret|prefix}"
key_id = "{header:X Key}"
"#), @r##"
    error: invalid expression
     --> c.toml:4:28
      |
    4 | signature = "{header:X-Sig|unbase46}"
      |                            ^^^^^^^^ there is no filter `unbase46`
      |
      = help: did you mean `unbase64`?

    error: invalid expression
     --> c.toml:5:13
      |
    5 | content = "{timestmp}\n{body}"
      |             ^^^^^^^^ there is no source `timestmp`
      |
      = help: did you mean `timestamp`?

    error: invalid expression
     --> c.toml:6:16
      |
    6 | key = "{secret|prefix}"
      |                ^^^^^^ `prefix` needs an argument
      |
      = help: write `prefix:X`

    error: invalid expression
     --> c.toml:7:19
      |
    7 | key_id = "{header:X Key}"
      |                   ^^^^^ `X Key` is not the name of a header
      |
      = help: docs/schemes.md lists the sources and filters, and shows a scheme step by step
    "##);
    // Behind escapes, and on the second line of a text.
    assert_snapshot!(scheme(r#"
signature = '{header:X-Sig|unhex}'
content = ["\u00e9\t{bdoy}", """
{method}\\
  {body|heex}"""]
let = { a = "{body", b = ["{body}", "a}"] }
"#), @r##"
    error: invalid expression
     --> c.toml:5:22
      |
    5 | content = ["\u00e9\t{bdoy}", """
      |                      ^^^^ there is no source `bdoy`
      |
      = help: did you mean `body`?

    error: invalid expression
     --> c.toml:7:9
      |
    7 |   {body|heex}"""]
      |         ^^^^ there is no filter `heex`
      |
      = help: did you mean `hex`?

    error: invalid expression
     --> c.toml:8:14
      |
    8 | let = { a = "{body", b = ["{body}", "a}"] }
      |              ^ this `{` is not closed
      |
      = help: a value ends with `}`; write `{{` for the character itself

    error: invalid expression
     --> c.toml:8:39
      |
    8 | let = { a = "{body", b = ["{body}", "a}"] }
      |                                       ^ a single `}` closes nothing
      |
      = help: write `}}` for the character itself
    "##);
    assert_snapshot!(scheme(r#"
signature = "{header:X-Sig|unhex}"
content = "{fields}{fields:other}"
check = { "{metod}" = "POST", "{header:X-Version}" = ["1", "{x}"] }
require = { "{header:X-A|up}" = "a", "{header:X-B}" = "[a" }
fields = { from = "jsn", order = "byte", pair = "{name}={valu}", pair_of = { a = "{nam}" }, add = { b = "{c}" } }
"#), @r##"
    error: invalid expression
     --> c.toml:5:28
      |
    5 | content = "{fields}{fields:other}"
      |                            ^^^^^ there is no selection `other`
      |
      = help: docs/schemes.md lists the sources and filters, and shows a scheme step by step

    error: invalid expression
     --> c.toml:6:13
      |
    6 | check = { "{metod}" = "POST", "{header:X-Version}" = ["1", "{x}"] }
      |             ^^^^^ there is no source `metod`
      |
      = help: did you mean `method`?

    error: invalid expression
     --> c.toml:6:62
      |
    6 | check = { "{metod}" = "POST", "{header:X-Version}" = ["1", "{x}"] }
      |                                                              ^ there is no source `x`
      |
      = help: known are: method, target, path, query, host, url, configured_url, header, headers, body, content, field, document, form, xml, fields, jose, claim, param, timestamp, nonce, key_id, secret, value

    error: invalid expression
     --> c.toml:7:26
      |
    7 | require = { "{header:X-A|up}" = "a", "{header:X-B}" = "[a" }
      |                          ^^ there is no filter `up`
      |
      = help: known are: lower, upper, trim, reverse, prefix, prefix?, after, before, after-last, remove, escape, max, number, default, nonempty, 3des-cbc, unhex, hex, unbase64, base64, unbase64url, base64url, text, urlencode, urldecode, md5, sha1, sha256, sha384, sha512, crc32, split, words, pairs, one, all, nth, skip, field, sorted, without, flatten, raw, java, json

    error: invalid scheme
     --> c.toml:7:55
      |
    7 | require = { "{header:X-A|up}" = "a", "{header:X-B}" = "[a" }
      |                                                       ^^^^ `[a` is no regular expression: unclosed character class
      |
      = help: docs/schemes.md lists the sources and filters, and shows a scheme step by step

    error: unknown value
     --> c.toml:8:19
      |
    8 | fields = { from = "jsn", order = "byte", pair = "{name}={valu}", pair_of = { a = "{nam}" }, add = { b = "{c}" } }
      |                   ^^^^^ `jsn` is none of `json`, `json:/POINTER`, `form`, `query`, `xml`, `headers`
      |
      = help: did you mean `json`?

    error: unknown value
     --> c.toml:8:34
      |
    8 | fields = { from = "jsn", order = "byte", pair = "{name}={valu}", pair_of = { a = "{nam}" }, add = { b = "{c}" } }
      |                                  ^^^^^^ `byte` is not one of the possible values
      |
      = help: did you mean `bytes`?
    "##);
    assert_snapshot!(scheme(r#"
signature = "{header:X-Sig|unhex}"
timestamp = { value = "{header:X-Time}", unit = "seconds" }
max_age = "5m"
content = "{timestamp}.{nonce}.{a}.{body}"
charset = "utf8"
event = "{field:a|lower}"
each = "items"
signed = "{body}"
"#), @r##"
    error: old form of a scheme
     --> c.toml:5:1
      |
    5 | timestamp = { value = "{header:X-Time}", unit = "seconds" }
      | ^^^^^^^^^ schemes are written as expressions now
      |
      = help: write instead:
                  timestamp = "{header:X-Timestamp}"
    "##);
}

#[test]
fn algorithms_that_are_none_are_told_from_those_that_are() {
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha257"
signature = "{header:X-Sig|unbase64}"
content = "{body}"
"#), @r##"
    error: unknown value
     --> c.toml:3:13
      |
    3 | algorithm = "rsa-sha257"
      |             ^^^^^^^^^^^^ there is no algorithm `rsa-sha257`
      |
      = help: did you mean `rsa-sha256`?
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = { by = "{header:X-Alg}", of = { a = "hmac-sha256", b = "hmac-sha257", c = "jws-es256" } }
signature = "{header:X-Sig|unbase64}"
content = "{body}"
"#), @r##"
    error: unknown value
     --> c.toml:3:68
      |
    3 | algorithm = { by = "{header:X-Alg}", of = { a = "hmac-sha256", b = "hmac-sha257", c = "jws-es256" } }
      |                                                                    ^^^^^^^^^^^^^ there is no algorithm `hmac-sha257`
      |
      = help: did you mean `hmac-sha256`?
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "sha256"
signature = "{header:X-Sig|unhex}"
content = "{body}"
"#), @r##"
    error: invalid scheme
     --> c.toml:5:11
      |
    5 | content = "{body}"
      |           ^^^^^^^^ a digest without a secret in it proves nothing: anybody can make it
      |
      = help: add `{secret}` where the provider's documentation has it; if the secret is used as HMAC does, the algorithm is "hmac-sha256" or the like
    "##);
}

#[test]
fn keys_that_come_with_the_callback_need_certificates_above_them() {
    let report = report(
        "[[scheme]]\nname = \"s\"\nalgorithm = \"rsa-sha256\"\nsignature = \"{header:X-Sig|unbase64}\"\n\
         certificate = { value = \"{header:X-Cert}\", subject = { CN = \"a\" } }\n\
         timestamp = \"{header:X-Time}\"\nmax_age = \"5m\"\ncontent = \"{timestamp}.{body}\"\n\
         [[route]]\nname = \"r\"\npath = \"/r\"\nscheme = \"s\"\nkeys = [\"good\"]\nupstream = \"echo\"\n",
    );
    assert!(report.contains("error: unsuitable key"), "{report}");
    assert!(
        report.contains("the key `good` is no certificate"),
        "{report}"
    );
}

#[test]
fn a_timestamp_needs_a_limit_of_age() {
    assert_snapshot!(scheme(r#"
signature = "{header:X-Sig|unhex}"
timestamp = "{header:X-Time}"
content = "{timestamp}.{body}"
"#), @r##"
    error: missing key
     --> c.toml:1:1
      |
    1 | [[scheme]]
      | ^^^^^^^^^^ `[[scheme]]` with a `timestamp` needs the key `max_age`
      |
      = help: add `max_age = "5m"`, or what the provider's documentation says; "none" if a callback may be of any age
    "##);
    assert_snapshot!(scheme(r#"
signature = "{header:X-Sig|unhex}"
timestamp = "{header:X-Time}"
content = "{timestamp}.{body}"
max_age = "off"
"#), @r##"
    error: invalid duration
     --> c.toml:7:11
      |
    7 | max_age = "off"
      |           ^^^^^ it is neither a duration nor "none"
      |
      = help: write a number and a unit, such as "5m", or "none" for no limit
    "##);
}

#[test]
fn selections_are_like_others() {
    assert_snapshot!(scheme(r#"
signature = "{header:X-Sig|unhex}"
content = "{fields}{fields:a}{fields:b}"
fields = { from = "json", pair = "{name}={value|jaav}" }
selection = { a = { like = "fields", between = "&" }, b = { like = "fild" } }
"#), @r##"
    error: unknown selection
     --> c.toml:7:68
      |
    7 | selection = { a = { like = "fields", between = "&" }, b = { like = "fild" } }
      |                                                                    ^^^^^^ there is no selection `fild` that is not like another one itself
      |
      = help: write "fields", or a name in `selection`
    "##);
    assert_snapshot!(scheme(r#"
signature = "{header:X-Sig|unhex}"
content = "{fields:a}"
selection.a = { from = "json", between = "&" }
selection.b = { like = "a" }
selection.c = { like = "b" }
"#), @r##"
    error: missing key
     --> c.toml:6:15
      |
    6 | selection.a = { from = "json", between = "&" }
      |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a selection needs the key `pair`
      |
      = help: add `pair = "{name}={value}"`, or how the provider writes a field

    error: unknown selection
     --> c.toml:8:24
      |
    8 | selection.c = { like = "b" }
      |                        ^^^ there is no selection `b` that is not like another one itself
      |
      = help: did you mean "a"?
    "##);
}

#[test]
fn a_signature_cannot_be_in_a_body_that_is_signed_whole() {
    assert_snapshot!(scheme(r#"
signature = "{field:sign|unbase64}"
content = "{body}"
"#), @r##"
    error: impossible scheme
     --> c.toml:4:1
      |
    4 | signature = "{field:sign|unbase64}"
      | ^^^^^^^^^ the signature is in the body, but the whole body is signed
      |
      = help: name the header that contains the signature, or sign the body's `{fields}` without it
    "##);
}

#[test]
fn a_route_gives_what_its_scheme_uses() {
    let whole = |scheme: &str, key: &str, route: &str| {
        report(&format!(
            "[[scheme]]\nname = \"s\"\nalgorithm = \"hmac-sha256\"\n\
             signature = \"{{header:X-Sig|unhex}}\"\n{scheme}\n\
             [[key]]\nid = \"shared\"\nsecret = \"0123456789abcdef\"\n{key}\n\
             [[route]]\nname = \"r\"\npath = \"/r\"\nscheme = \"s\"\nkeys = [\"shared\"]\n\
             upstream = \"echo\"\n{route}\n"
        ))
    };
    let content = "content = \"{value:shop}{value:till}{url}{body}\"\nambiguous_join = true";
    assert_snapshot!(whole(content, "", ""), @r##"
    warning[ambiguous_join]: values that touch
     --> c.toml:5:36
      |
    5 | content = "{value:shop}{value:till}{url}{body}"
      |                                    ^^^^^ `{url}` and `{body}` touch: nothing separates them
      |
      = note: every callback is marked with X-Verified-Ambiguous
      = help: if the provider's documentation says how long a value is, or which characters it has, say so in place of `ambiguous_join`, for example `require = { "{url}" = "[0-9]{10}" }`

    warning[secret_in_configuration]: secret in the configuration
     --> c.toml:9:10
      |
    9 | secret = "[...]"
      |          ^^^^^^^ whoever can read this file can forge callbacks
      |
      = help: put it into a file that only the proxy's user can read: `secret_file = "..."`

    error: missing value
      --> c.toml:14:1
       |
    14 | scheme = "s"
       | ^^^^^^ the scheme `s` uses `{value:shop}`, which each route says
       |
       = help: add `values = { shop = "..." }`

    error: missing value
      --> c.toml:14:1
       |
    14 | scheme = "s"
       | ^^^^^^ the scheme `s` uses `{value:till}`, which each route says
       |
       = help: add `values = { till = "..." }`

    error: missing public URL
      --> c.toml:14:1
       |
    14 | scheme = "s"
       | ^^^^^^ the scheme `s` signs the URL that the provider calls
       |
       = help: add `public_url = "https://..."`, as it is in the provider's settings
    "##);
    assert_snapshot!(whole(content, "", "values = { shpo = \"1\", till = \"\" }\npublic_url = \"shop.example\""), @r##"
    warning[ambiguous_join]: values that touch
     --> c.toml:5:36
      |
    5 | content = "{value:shop}{value:till}{url}{body}"
      |                                    ^^^^^ `{url}` and `{body}` touch: nothing separates them
      |
      = note: every callback is marked with X-Verified-Ambiguous
      = help: if the provider's documentation says how long a value is, or which characters it has, say so in place of `ambiguous_join`, for example `require = { "{url}" = "[0-9]{10}" }`

    warning[secret_in_configuration]: secret in the configuration
     --> c.toml:9:10
      |
    9 | secret = "[...]"
      |          ^^^^^^^ whoever can read this file can forge callbacks
      |
      = help: put it into a file that only the proxy's user can read: `secret_file = "..."`

    error: empty value
      --> c.toml:17:31
       |
    17 | values = { shpo = "1", till = "" }
       |                               ^^ it must not be empty
       |
       = help: write a value between the quotes

    error: invalid URL
      --> c.toml:18:14
       |
    18 | public_url = "shop.example"
       |              ^^^^^^^^^^^^^^ it must start with `https://` or `http://`
       |
       = help: write the URL as it is in the provider's settings: "https://shop.example/callback"
    "##);
    assert_snapshot!(whole("content = \"{body}\"", "", "values = { a = \"1\" }\npublic_url = \"https://a.example/\""), @r##"
    warning[secret_in_configuration]: secret in the configuration
     --> c.toml:8:10
      |
    8 | secret = "[...]"
      |          ^^^^^^^ whoever can read this file can forge callbacks
      |
      = help: put it into a file that only the proxy's user can read: `secret_file = "..."`

    error: value without use
      --> c.toml:16:12
       |
    16 | values = { a = "1" }
       |            ^ the scheme `s` does not use `{value:a}`
       |
       = help: remove it

    error: needless setting
      --> c.toml:17:1
       |
    17 | public_url = "https://a.example/"
       | ^^^^^^^^^^ the scheme `s` does not use the URL
       |
       = help: remove `public_url`
    "##);
    let content = "content = \"{secret:app}{body}\"";
    assert_snapshot!(whole(content, "", ""), @r##"
    warning[secret_in_configuration]: secret in the configuration
     --> c.toml:8:10
      |
    8 | secret = "[...]"
      |          ^^^^^^^ whoever can read this file can forge callbacks
      |
      = help: put it into a file that only the proxy's user can read: `secret_file = "..."`

    error: unsuitable key
      --> c.toml:14:1
       |
     7 | id = "shared"
       |      -------- the key is here
    ...
    14 | keys = ["shared"]
       | ^^^^ the scheme `s` uses `{secret:app}`, which the key `shared` does not have
       |
       = help: add `secrets = { app = { file = "..." } }` to the key
    "##);
    assert_snapshot!(whole(content, "[key.secrets]\napp = { }\nb = { file = \"none.txt\" }", ""), @r##"
    warning[secret_in_configuration]: secret in the configuration
     --> c.toml:8:10
      |
    8 | secret = "[...]"
      |          ^^^^^^^ whoever can read this file can forge callbacks
      |
      = help: put it into a file that only the proxy's user can read: `secret_file = "..."`

    error: missing key
      --> c.toml:10:7
       |
    10 | app = { }
       |       ^^^ a secret needs `file`, `env`, `credential` or `secret`
       |
       = help: add `file = "..."`, or another place of the secret

    error: cannot read the file
      --> c.toml:11:14
       |
    11 | b = { file = "none.txt" }
       |              ^^^^^^^^^^ `none.txt`: No such file or directory (os error 2)
       |
       = help: a path is relative to the file that contains it
    "##);
}

#[test]
fn an_unsigned_body_must_be_stated() {
    let scheme = |lines: &str, parts: &str| {
        format!(
            "[[scheme]]\nname = \"s\"\nalgorithm = \"rsa-sha256\"\nsignature = \"{{header:X-Sig|unbase64}}\"\n\
             content = \"{parts}\"\n{lines}\n\
             [[route]]\nname = \"r\"\npath = \"/r\"\nscheme = \"s\"\nkeys = [\"good\"]\nupstream = \"echo\"\n"
        )
    };
    assert_snapshot!(report(&scheme("", "{target}")), @r##"
    error: body not signed
     --> c.toml:5:1
      |
    5 | content = "{target}"
      | ^^^^^^^ the signature does not cover the body: anybody who sees one callback can forge others
      |
      = help: add `{body}` or `{fields}` to the signed content; only if the provider really does not sign the body, set `unsigned_body = true` in the scheme
    "##);
    assert_snapshot!(report(&scheme("unsigned_body = true", "{target}\\n{body}")), @r##"
    error: needless setting
     --> c.toml:6:1
      |
    6 | unsigned_body = true
      | ^^^^^^^^^^^^^ the signature covers the body
      |
      = help: remove `unsigned_body`
    "##);
    // Stated, it is neither an error nor a warning.
    let accepting = |text: String| format!("{text}uncovered_body = true\n{REST}");
    let text = accepting(scheme("unsigned_body = true", "{target}"));
    let loaded = files().load(&text).unwrap();
    assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
    let text = accepting(scheme("not_covered = [\"body\"]", "{target}"));
    assert!(files().load(&text).unwrap().warnings.is_empty());
}
