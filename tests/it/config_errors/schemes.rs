//! What a scheme signs.

use insta::assert_snapshot;

use super::report;

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
      |             ^^^^^^^^^^^^ `rsa-sha257` is none of the values it can have
      |
      = help: did you mean "rsa-sha256"? It can be "rsa-sha256", "rsa-sha384", "rsa-sha512", "rsa-sha1", "rsa-md5"

    error: unknown value
     --> c.toml:4:44
      |
    4 | signature = { header = "X-Sig", encoding = "base62" }
      |                                            ^^^^^^^^ `base62` is none of the values it can have
      |
      = help: did you mean "base64"? It can be "base64", "hex"

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
      |                            ^^^^^^^^^ `{header:}` names no header
      |
      = help: write `{header:X-Name}`

    error: invalid placeholder
     --> c.toml:7:37
      |
    7 | parts = "{timestmp}\n{body}{header:}{x}}"
      |                                     ^^^ there is no placeholder `{x}`
      |
      = help: there are {method}, {target}, {timestamp}, {nonce}, {key_id}, {header:NAME} and {body}

    error: invalid placeholder
     --> c.toml:7:40
      |
    7 | parts = "{timestmp}\n{body}{header:}{x}}"
      |                                        ^ this brace belongs to no placeholder
      |
      = help: write `{{` or `}}` for the character itself
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
      | ^^^^^^^^^ the signature is in the body, and the whole body is signed
      |
      = help: name the header that holds the signature, or another form such as "sorted-fields"
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
      |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ there may be two candidates at most
      |
      = note: each candidate costs a verification for every forged callback
      = help: list the one or two that the provider may use, the likelier first

    error: key of another form
     --> c.toml:8:1
      |
    6 | form = "sorted-fields"
      | ---- the form is another one
    7 | numbers = ["as-written", "java-double", "as-written"]
    8 | parts = "{body}"
      | ^^^^^ `parts` is for `form = "concat"`
      |
      = help: this form has: order, omit_empty, assign, separator, json_fields, numbers
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
      |           ^^^^^^^^^^^^^^ the second candidate is the first one again
      |
      = note: each candidate costs a verification for every forged callback
      = help: list the one or two that the provider may use, the likelier first

    error: invalid member
     --> c.toml:9:14
      |
    9 |     { name = "a\"", value = "{body}" },
      |              ^^^^^ the name must be ASCII that needs no escape in JSON
      |
      = help: use letters, digits, `_` and `-`, as the provider's document has it

    error: invalid member
      --> c.toml:10:27
       |
    10 |     { name = "b", value = "{method} {target}" },
       |                           ^^^^^^^^^^^^^^^^^^^ a value is one placeholder, or text without any
       |
       = help: give each placeholder a member of its own

    error: invalid member
      --> c.toml:11:37
       |
    11 |     { name = "c", value = "{body}", number = true },
       |                                     ^^^^^^ only `{timestamp}` is a number
       |
       = help: remove `number = true`

    error: duplicate member
      --> c.toml:13:5
       |
    13 |     { name = "d", value = "2" },
       |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^ a second `d`
       |
       = help: a JSON object has one member of each name
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
      |               ------            ^^^^^ `field` cannot stand beside `header`
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
      = help: write another number

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
      = help: write between the quotes what is meant
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
      |        ^^^^^^ `text` is none of the values it can have
      |
      = help: it can be "concat", "json-object", "sorted-fields"
    "##);
}
