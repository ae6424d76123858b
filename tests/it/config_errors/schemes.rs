//! What a scheme signs.

use insta::assert_snapshot;

use super::{REST, files, report};

#[test]
fn scheme_content() {
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha257"
signature = { header = "X-Sig", encoding = "base62" }
[scheme.content]
form = "concat"
parts = "{timestmp}\n{body}{header:}{x}}"
"#), @r##"
    error: unknown value
     --> c.toml:3:13
      |
    3 | algorithm = "rsa-sha257"
      |             ^^^^^^^^^^^^ `rsa-sha257` is not one of the possible values
      |
      = help: did you mean "rsa-sha256"? The possible values are "rsa-sha256", "rsa-sha384", "rsa-sha512", "rsa-sha1", "rsa-md5", "rsa-pss-sha256", "rsa-pss-sha384", "rsa-pss-sha512", "ecdsa-p256-sha256", "ecdsa-p256-sha1", "ecdsa-p384-sha384", "ecdsa-p521-sha512", "ed25519", "hmac-sha256", "hmac-sha384", "hmac-sha512", "hmac-sha1", "hmac-md5"

    error: unknown value
     --> c.toml:4:44
      |
    4 | signature = { header = "X-Sig", encoding = "base62" }
      |                                            ^^^^^^^^ `base62` is not one of the possible values
      |
      = help: did you mean "base64"? The possible values are "base64", "hex"

    error: invalid placeholder
     --> c.toml:7:10
      |
    7 | parts = "{timestmp}\n{body}{header:}{x}}"
      |          ^^^^^^^^^^ there is no placeholder `{timestmp}`
      |
      = help: did you mean `{timestamp}`?

    error: invalid placeholder
     --> c.toml:7:28
      |
    7 | parts = "{timestmp}\n{body}{header:}{x}}"
      |                            ^^^^^^^^^ `{header:}` does not name a header
      |
      = help: write `{header:X-Name}`

    error: invalid placeholder
     --> c.toml:7:37
      |
    7 | parts = "{timestmp}\n{body}{header:}{x}}"
      |                                     ^^^ there is no placeholder `{x}`
      |
      = help: the placeholders are {method}, {target}, {timestamp}, {nonce}, {key_id}, {header:NAME} and {body}

    error: invalid placeholder
     --> c.toml:7:40
      |
    7 | parts = "{timestmp}\n{body}{header:}{x}}"
      |                                        ^ this brace does not belong to a placeholder
      |
      = help: write `{{` or `}}` for a literal brace
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = { header = "X-Sig" }
[scheme.content]
form = "concat"
parts = "{timestamp}{body}"
"#), @r##"
    error: placeholder without rule
     --> c.toml:7:10
      |
    7 | parts = "{timestamp}{body}"
      |          ^^^^^^^^^^^ the scheme does not say where `{timestamp}` comes from
      |
      = help: add `timestamp = { header = "..." }` to the scheme
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = { field = "sign" }
[scheme.content]
form = "concat"
parts = "{body}"
"#), @r##"
    error: impossible scheme
     --> c.toml:4:1
      |
    4 | signature = { field = "sign" }
      | ^^^^^^^^^ the signature is in the body, but the whole body is signed
      |
      = help: name the header that contains the signature, or another form such as "sorted-fields"
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = { header = "X-Sig" }
[scheme.content]
form = "sorted-fields"
numbers = ["as-written", "java-double", "as-written"]
parts = "{body}"
"#), @r##"
    error: invalid candidates
     --> c.toml:7:11
      |
    7 | numbers = ["as-written", "java-double", "as-written"]
      |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ there may be at most two candidates
      |
      = note: each candidate costs a verification for every forged callback
      = help: list the one or two that the provider may use, the more likely one first

    error: key of another form
     --> c.toml:8:1
      |
    6 | form = "sorted-fields"
      | ---- the form is set here
    7 | numbers = ["as-written", "java-double", "as-written"]
    8 | parts = "{body}"
      | ^^^^^ `parts` is for `form = "concat"`
      |
      = help: the keys of this form are: order, omit_empty, assign, separator, json_fields, numbers
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = { header = "X-Sig" }
[scheme.content]
form = "json-object"
escapes = ["php", "php"]
members = [
    { name = "a\"", value = "{body}" },
    { name = "b", value = "{method} {target}" },
    { name = "c", value = "{body}", number = true },
    { name = "d", value = "1" },
    { name = "d", value = "2" },
]
"#), @r##"
    error: invalid candidates
     --> c.toml:7:11
      |
    7 | escapes = ["php", "php"]
      |           ^^^^^^^^^^^^^^ the second candidate equals the first one
      |
      = note: each candidate costs a verification for every forged callback
      = help: list the one or two that the provider may use, the more likely one first

    error: invalid member
     --> c.toml:9:14
      |
    9 |     { name = "a\"", value = "{body}" },
      |              ^^^^^ the name must be ASCII that needs no escape in JSON
      |
      = help: use letters, digits, `_` and `-`, as in the provider's documentation

    error: invalid member
      --> c.toml:10:27
       |
    10 |     { name = "b", value = "{method} {target}" },
       |                           ^^^^^^^^^^^^^^^^^^^ a value is one placeholder, or text without placeholders
       |
       = help: give each placeholder a member of its own

    error: invalid member
      --> c.toml:11:37
       |
    11 |     { name = "c", value = "{body}", number = true },
       |                                     ^^^^^^ only `{timestamp}` can be a number
       |
       = help: remove `number = true`

    error: duplicate member
      --> c.toml:13:5
       |
    13 |     { name = "d", value = "2" },
       |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^ a second `d`
       |
       = help: a JSON object has one member with each name
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = { header = "X-Sig", field = "sign" }
nonce = { header = "X-Nonce", max_length = 0 }
[scheme.content]
form = "json-object"
members = []
"#), @r##"
    error: conflicting keys
     --> c.toml:4:33
      |
    4 | signature = { header = "X-Sig", field = "sign" }
      |               ------            ^^^^^ `field` cannot be combined with `header`
      |               |
      |               `header` is here
      |
      = help: keep one of the two

    error: value out of range
     --> c.toml:5:44
      |
    5 | nonce = { header = "X-Nonce", max_length = 0 }
      |                                            ^ it must be 1 to 4096
      |
      = help: use another number

    error: empty list
     --> c.toml:8:11
      |
    8 | members = []
      |           ^^ the object needs members
      |
      = help: list them in the order in which they are signed
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = { header = "X-Sig" }
[scheme.content]
form = "concat"
parts = ""
"#), @r##"
    error: empty value
     --> c.toml:7:9
      |
    7 | parts = ""
      |         ^^ it must not be empty
      |
      = help: write a value between the quotes
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = { header = "X-Sig" }
[scheme.content]
form = "text"
"#), @r##"
    error: unknown value
     --> c.toml:6:8
      |
    6 | form = "text"
      |        ^^^^^^ `text` is not one of the possible values
      |
      = help: the possible values are "concat", "json-object", "sorted-fields"
    "##);
}

#[test]
fn an_unsigned_body_must_be_stated() {
    let scheme = |lines: &str, parts: &str| {
        format!(
            "[[scheme]]\nname = \"s\"\nalgorithm = \"rsa-sha256\"\nsignature = {{ header = \"X-Sig\" }}\n\
             content = {{ form = \"concat\", parts = \"{parts}\" }}\n{lines}\n\
             [[route]]\nname = \"r\"\npath = \"/r\"\nscheme = \"s\"\nkeys = [\"good\"]\nupstream = \"echo\"\n"
        )
    };
    assert_snapshot!(report(&scheme("", "{target}")), @r##"
    error: body not signed
     --> c.toml:5:1
      |
    5 | content = { form = "concat", parts = "{target}" }
      | ^^^^^^^ the signature does not cover the body: anybody who sees one callback can forge others
      |
      = help: add `{body}` to the signed content; only if the provider really does not sign the body, set `unsigned_body = true` in the scheme
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
    let text = format!("{}{REST}", scheme("unsigned_body = true", "{target}"));
    let loaded = files().load(&text).unwrap();
    assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
}
