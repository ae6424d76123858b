//! Handshakes that would tell a secret, repeat what could harm, or sign callbacks for whoever asks.

use insta::assert_snapshot;

use super::answers::{scheme, with};

/// A configuration whose scheme has a handshake with these lines.
fn handshake(lines: &str) -> String {
    scheme(&format!("[[scheme.handshake]]\n{lines}"))
}

#[test]
fn a_handshake_says_what_it_looks_like() {
    assert_snapshot!(handshake("methods = [\"GET\"]\nanswer = { body = \"ok\" }"), @r##"
    error: invalid scheme
     --> c.toml:7:1
      |
    7 | [[scheme.handshake]]
      | ^^^^^^^^^^^^^^^^^^^^ every request with this method would be a handshake
      |
      = help: say what it looks like: `when = { "{query:challenge}" = ".+" }`; only HEAD needs nothing more
    "##);
    assert_snapshot!(handshake("methods = [\"PUT\"]\nwhen = { \"{query:a}\" = \"b\" }\nanswer = {}"), @r##"
    error: invalid scheme
     --> c.toml:8:11
      |
    8 | methods = ["PUT"]
      |           ^^^^^^^ `PUT` is not the method of a handshake
      |
      = help: these are GET, HEAD, OPTIONS and POST
    "##);
    assert_snapshot!(handshake("methods = []\nwhen = { \"{query:a}\" = \"b\" }\nanswer = {}"), @r##"
    error: invalid scheme
     --> c.toml:8:11
      |
    8 | methods = []
      |           ^^ a handshake has a method
      |
      = help: write `methods = ["GET"]`
    "##);
}

#[test]
fn a_repeated_value_is_short_and_harmless() {
    assert_snapshot!(handshake( "methods = [\"GET\"]\nwhen = { \"{query:a}\" = \"b\" }\nvalue = \"{query:c}\"\nanswer = { body = \"{value}\" }", ), @r##"
    error: invalid scheme
      --> c.toml:10:9
       |
    10 | value = "{query:c}"
       |         ^^^^^^^^^^^ what anybody may send is answered only where `allowed` says what it may be
       |
       = help: add `allowed = "[0-9A-Za-z]{1,128}"`, or what the provider's documentation says
    "##);
    assert_snapshot!(handshake( "methods = [\"GET\"]\nwhen = { \"{query:a}\" = \"b\" }\nvalue = \"{query:c}\"\nallowed = \".{1,64}\"\nanswer = { body = \"{value}\" }", ), @r##"
    error: invalid scheme
      --> c.toml:11:11
       |
    11 | allowed = ".{1,64}"
       |           ^^^^^^^^^ this allows characters that could become a part of something else
       |
       = help: an answer repeats only ASCII letters, digits, and `-._~+/=:@,|`
    "##);
    assert_snapshot!(handshake( "methods = [\"GET\"]\nwhen = { \"{query:a}\" = \"b\" }\nvalue = \"{query:c}\"\nallowed = \"[a-z<]{1,64}\"\nanswer = { body = \"{value}\" }", ), @r##"
    error: invalid scheme
      --> c.toml:11:11
       |
    11 | allowed = "[a-z<]{1,64}"
       |           ^^^^^^^^^^^^^^ this allows characters that could become a part of something else
       |
       = help: an answer repeats only ASCII letters, digits, and `-._~+/=:@,|`
    "##);
    assert_snapshot!(handshake( "methods = [\"GET\"]\nwhen = { \"{query:a}\" = \"b\" }\nvalue = \"{query:c}\"\nallowed = \"[a-z]+\"\nanswer = { body = \"{value}\" }", ), @r##"
    error: invalid scheme
      --> c.toml:11:11
       |
    11 | allowed = "[a-z]+"
       |           ^^^^^^^^ this allows more than 256 characters
       |
       = help: say how many there may be: `[0-9a-f]{1,64}`
    "##);
    assert_snapshot!(handshake( "methods = [\"GET\"]\nwhen = { \"{query:a}\" = \"b\" }\nvalue = \"{query:c}\"\nallowed = \"[a-z]{1,257}\"\nanswer = { body = \"{value}\" }", ), @r##"
    error: invalid scheme
      --> c.toml:11:11
       |
    11 | allowed = "[a-z]{1,257}"
       |           ^^^^^^^^^^^^^^ this allows more than 256 characters
       |
       = help: say how many there may be: `[0-9a-f]{1,64}`
    "##);
    assert_snapshot!(handshake( "methods = [\"GET\"]\nwhen = { \"{query:a}\" = \"b\" }\nvalue = \"{query:c}\"\nallowed = \"[a-z]{1,64}\"\nanswer = { body = \"{value|unbase64|text}\" }", ), @r##"
    error: invalid expression
      --> c.toml:12:20
       |
    12 | answer = { body = "{value|unbase64|text}" }
       |                    ^^^^^^^^^^^^^^^^^^^^^ this filter could make other characters of `{value}` than `allowed` says
       |
       = help: docs/schemes.md lists the sources and filters, and shows a scheme step by step
    "##);
    assert_snapshot!(handshake( "methods = [\"GET\"]\nwhen = { \"{query:a}\" = \"b\" }\nvalue = \"{query:c}\"\nallowed = \"[a-z]{1,64}\"\nanswer = { headers = { Set-Cookie = \"{value}\" } }", ), @r##"
    error: invalid scheme
      --> c.toml:12:37
       |
    12 | answer = { headers = { Set-Cookie = "{value}" } }
       |                                     ^^^^^^^^^ `set-cookie` is the proxy's own: no scheme sets it
       |
       = help: docs/schemes.md lists the sources and filters, and shows a scheme step by step
    "##);
}

#[test]
fn an_answer_has_no_other_value_of_the_request() {
    assert_snapshot!(handshake( "methods = [\"GET\"]\nwhen = { \"{query:a}\" = \"b\" }\nanswer = { body = \"{query:c}\" }", ), @r##"
    error: invalid expression
      --> c.toml:10:20
       |
    10 | answer = { body = "{query:c}" }
       |                    ^^^^^^^^^ an answer has no value of the request but `{value}`, of which `allowed` says what it may be
       |
       = help: docs/schemes.md lists the sources and filters, and shows a scheme step by step
    "##);
}

#[test]
fn an_answer_tells_no_secret() {
    assert_snapshot!(handshake( "methods = [\"GET\"]\nwhen = { \"{query:a}\" = \"b\" }\nanswer = { body = \"{secret}\" }", ), @r##"
    error: invalid expression
      --> c.toml:10:20
       |
    10 | answer = { body = "{secret}" }
       |                    ^^^^^^^^ an answer would tell this secret: only an HMAC or a digest of `{value}` may have one in it
       |
       = help: docs/schemes.md lists the sources and filters, and shows a scheme step by step
    "##);
    assert_snapshot!(handshake( "methods = [\"GET\"]\nwhen = { \"{query:a}\" = \"b\" }\nanswer = { headers = { X-A = \"{secret:n|sha256|hex}\" } }", ), @r##"
    error: invalid expression
      --> c.toml:10:31
       |
    10 | answer = { headers = { X-A = "{secret:n|sha256|hex}" } }
       |                               ^^^^^^^^^^^^^^^^^^^^^ an answer would tell this secret: only an HMAC or a digest of `{value}` may have one in it
       |
       = help: docs/schemes.md lists the sources and filters, and shows a scheme step by step
    "##);
    assert_snapshot!(handshake( "methods = [\"GET\"]\nwhen = { \"{query:a}\" = \"b\" }\nvalue = \"{query:c}\"\nallowed = \"[a-z]{1,64}\"\nanswer = { body = \"{value|append:{secret}}\" }", ), @r##"
    error: invalid expression
      --> c.toml:12:20
       |
    12 | answer = { body = "{value|append:{secret}}" }
       |                    ^^^^^^^^^^^^^^^^^^^^^^^ an answer would tell this secret: put a digest behind it
       |
       = help: docs/schemes.md lists the sources and filters, and shows a scheme step by step
    "##);
    assert_snapshot!(handshake( "methods = [\"GET\"]\nwhen = { \"{query:a}\" = \"b\" }\nvalue = \"{query:c}\"\nallowed = \"[a-z]{1,64}\"\nanswer = { body = \"{value|sha256|hex|append:{secret}}\" }", ), @r##"
    error: invalid expression
      --> c.toml:12:20
       |
    12 | answer = { body = "{value|sha256|hex|append:{secret}}" }
       |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ an answer would tell this secret: put a digest behind it
       |
       = help: docs/schemes.md lists the sources and filters, and shows a scheme step by step
    "##);
    assert_snapshot!(scheme( "[[scheme.handshake]]\nmethods = [\"GET\"]\nwhen = { \"{query:a}\" = \"b\" }\nvalue = \"{query:c}\"\nallowed = \"[a-z]{1,64}\"\nanswer = { body = \"{value|hmac-sha256:'fixed'|hex}\" }", ), @r##"
    error: invalid expression
      --> c.toml:12:39
       |
    12 | answer = { body = "{value|hmac-sha256:'fixed'|hex}" }
       |                                       ^^^^^^^ a key is a value, such as `{secret}`
       |
       = help: docs/schemes.md lists the sources and filters, and shows a scheme step by step
    "##);
}

#[test]
fn an_answer_signs_no_content_of_a_callback() {
    assert_snapshot!(with( "content = \"{body|sha256|hex}\"\n[[scheme.handshake]]\nmethods = [\"GET\"]\nwhen = { \"{query:a}\" = \"b\" }\nvalue = \"{query:c}\"\nallowed = \"[a-z]{1,64}\"\nanswer = { body = \"{value|hmac-sha256:{secret}|hex}\" }", "", ), @r##"
    error: invalid scheme
      --> c.toml:11:11
       |
    11 | allowed = "[a-z]{1,64}"
       |           ^^^^^^^^^^^^^ whoever asks for this answer could get the signature of a callback: what is signed for the handshake is not told apart from what is signed in callbacks
       |
       = help: allow only characters without which no content is; the content needs one of its own, such as the `:` in "v0:{timestamp}:{body}", or the whole body in it
    "##);
    assert_snapshot!(with( "content = \"{body}\"\nsigned = \"{content|sha256|hex}\"\n[[scheme.handshake]]\nmethods = [\"GET\"]\nwhen = { \"{query:a}\" = \"b\" }\nvalue = \"{query:c}\"\nallowed = \"[a-z]{1,64}\"\nanswer = { body = \"{value|hmac-sha256:{secret}|hex}\" }", "", ), @r##"
    error: invalid scheme
      --> c.toml:12:11
       |
    12 | allowed = "[a-z]{1,64}"
       |           ^^^^^^^^^^^^^ whoever asks for this answer could get the signature of a callback: what is signed for the handshake is not told apart from what is signed in callbacks
       |
       = help: allow only characters without which no content is; the content needs one of its own, such as the `:` in "v0:{timestamp}:{body}", or the whole body in it
    "##);
    assert_snapshot!(with( "content = \"a:{body|sha256|hex}\"\n[[scheme.handshake]]\nmethods = [\"GET\"]\nwhen = { \"{query:a}\" = \"b\" }\nvalue = \"{query:c}\"\nallowed = \"[a-z:]{1,64}\"\nanswer = { body = \"{value|hmac-sha256:{secret}|hex}\" }", "", ), @r##"
    error: invalid scheme
      --> c.toml:11:11
       |
    11 | allowed = "[a-z:]{1,64}"
       |           ^^^^^^^^^^^^^^ whoever asks for this answer could get the signature of a callback: what is signed for the handshake is not told apart from what is signed in callbacks
       |
       = help: allow only characters without which no content is; the content needs one of its own, such as the `:` in "v0:{timestamp}:{body}", or the whole body in it
    "##);
}

/// Two routes with one key: the one signs for whoever asks, the other takes callbacks of another scheme.
#[test]
fn a_key_under_which_handshakes_are_answered_is_for_one_scheme() {
    let text = with(
        r#"content = "{body}"
[[scheme.handshake]]
methods = ["GET"]
when = { "{query:a}" = "b" }
value = "{query:c}"
allowed = "[0-9a-f]{64}"
answer = { body = "{value|hmac-sha256:{secret}|hex}" }
[[scheme]]
name = "digest"
algorithm = "hmac-sha256"
signature = "{header:X-Signature|unhex}"
content = "{body|sha256|hex}"
[[route]]
name = "digest"
path = "/digest"
scheme = "digest"
keys = ["hook"]
upstream = "echo""#,
        "",
    );
    assert_snapshot!(text, @r##"
    error: one key for two schemes
      --> c.toml:22:1
       |
    22 | keys = ["hook"]
       | ^^^^ the route `hook` answers handshakes with HMACs under the key `hook`: whoever asks could get the signature of a callback of this route
    ...
    33 | keys = ["hook"]
       | ---- that route uses the key here
       |
       = help: use a key of its own for each scheme
    "##);
}

#[test]
fn two_routes_do_not_share_a_path_and_the_method_of_a_handshake() {
    let text = with(
        r#"content = "{body}"
[[scheme.handshake]]
methods = ["GET"]
when = { "{query:a}" = "b" }
answer = { body = "ok" }
[[route]]
name = "get"
path = "/hook"
methods = ["GET"]
scheme = "hook"
keys = ["hook"]
upstream = "echo""#,
        "",
    );
    assert_snapshot!(text, @r##"
    error: route conflict
      --> c.toml:25:8
       |
    13 | path = "/hook"
       |        ------- the other one is here
    ...
    25 | path = "/hook"
       |        ^^^^^^^ this route and another one accept GET for any host and this path
       |
       = help: change the host, the path or the methods of one of them, or remove it
    "##);
}
