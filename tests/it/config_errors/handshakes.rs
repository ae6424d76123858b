//! Handshakes that would tell a secret, repeat what could harm, or sign callbacks for whoever asks.

use insta::assert_snapshot;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::answers::{hook_with, scheme, with};
use super::{files, whole};

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

/// Whoever has the digest of a few characters finds them.
#[test]
fn an_answer_has_no_digest_of_a_part_of_a_secret() {
    let answer = |body: &str| {
        format!(
            "methods = [\"GET\"]\nwhen = {{ \"{{query:a}}\" = \"b\" }}\nvalue = \"{{query:c}}\"\n\
             allowed = \"[a-z]{{1,64}}\"\nanswer = {{ body = \"{body}\" }}"
        )
    };
    for body in [
        "{value|append:{secret|before:k}|md5|hex}",
        "{value|append:{secret|crc32}|sha256|hex}",
        "{value|append:{secret|lower}|sha256|hex}",
        "{value|hmac-sha256:{secret|split:':'|nth:1}|hex}",
        "{value|append:{secret:n|remove:'a'}|append:{secret}|sha256|hex}",
    ] {
        let told = handshake(&answer(body));
        assert!(
            told.contains("a part of a secret can be guessed"),
            "{body}: {told}"
        );
    }
    for body in [
        "{value|hmac-sha256:{secret}|hex}",
        "{value|hmac-sha256:{secret|prefix?:whsec_|unbase64:lenient}|hex}",
        "{value|hmac-sha256:{secret|unhex}|hex}",
    ] {
        let lines = format!(
            "content = \"v0:{{body}}\"\n[[scheme.handshake]]\n{}",
            answer(body)
        );
        let loaded = files().load(&hook_with(&lines, ""));
        assert!(loaded.is_ok(), "{body}: {}", loaded.unwrap_err());
    }
}

/// What would fail when it is asked for, or act on whoever is between here and the provider.
#[test]
fn an_answer_has_headers_that_can_be_sent_and_are_not_the_proxys() {
    let answer = |headers: &str| {
        handshake(&format!(
            "methods = [\"GET\"]\nwhen = {{ \"{{query:a}}\" = \"b\" }}\nanswer = {{ headers = {{ {headers} }} }}"
        ))
    };
    for header in [
        "Clear-Site-Data",
        "Countersign-Report",
        "Expires",
        "Report-To",
        "X-Accel-Redirect",
        "X-Verified-Key",
        "X-verified_Key",
    ] {
        let told = answer(&format!("{header} = \"a\""));
        let is_refused = told.contains("is the proxy's own") || told.contains("are for backends");
        assert!(is_refused, "{header}: {told}");
    }
    for value in [r"a\r\nB: c", r"a\n", r"a\u0000", r"a\u007f", "\u{e9}"] {
        let told = answer(&format!("X-A = \"{value}\""));
        assert!(
            told.contains("a header has no such character"),
            "{value}: {told}"
        );
    }
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

/// Two routes with one secret: the one answers whoever asks with this, the other takes callbacks of another
/// scheme.
fn two_schemes(answer: &str, route: &str, tables: &str) -> String {
    hook_with(
        &format!(
            r#"content = "v0:{{body}}"
[[scheme.handshake]]
methods = ["GET"]
when = {{ "{{query:a}}" = "b" }}
value = "{{query:c}}"
allowed = "[0-9a-zA-Z.]{{1,64}}"
answer = {{ body = "{answer}" }}
[[scheme]]
name = "digest"
algorithm = "hmac-sha256"
signature = "{{header:X-Signature|unhex}}"
content = "{{body|sha256|hex}}"
{tables}
[[route]]
name = "other"
path = "/other"
upstream = "echo"
{route}"#
        ),
        "",
    )
}

#[test]
fn a_key_under_which_handshakes_are_answered_is_for_one_scheme() {
    let text = two_schemes(
        "{value|hmac-sha256:{secret}|hex}",
        "scheme = \"digest\"\nkeys = [\"hook\"]",
        "",
    );
    assert_snapshot!(whole(&text), @r##"
    error: one key for two schemes
      --> c.toml:24:1
       |
    24 | keys = ["hook"]
       | ^^^^ the route `hook` answers handshakes with HMACs or digests under a secret of the key `hook`: whoever asks could get the signature of a callback of this route
    ...
    34 | keys = ["hook"]
       | ---- that route uses the key here
       |
       = help: use a key of its own for each scheme
    "##);
}

/// Also under another key or in another encoding, and where the answer is a plain digest.
#[test]
fn a_secret_of_which_handshakes_are_answered_is_for_one_scheme() {
    const SECRET: &str = "a secret of tests alone";
    let key = |id: &str, secret: &str| format!("[[key]]\nid = \"{id}\"\nsecret = \"{secret}\"\n");
    const OTHER: &str = "some other secret of tests";
    let base64 = |secret: &str| STANDARD.encode(secret);
    let encoded = base64(SECRET);
    for (answer, scheme, tables) in [
        (
            "{value|append:{secret}|md5|hex}",
            "easypay-by",
            key("k", SECRET),
        ),
        (
            "{value|append:{secret}|sha256|hex}",
            "digest",
            key("k", SECRET),
        ),
        (
            "{value|hmac-sha256:{secret}|hex}",
            "standard-webhooks",
            key("k", &format!("whsec_{encoded}")),
        ),
        (
            "{value|hmac-sha256:{secret}|hex}",
            "of-named",
            format!(
                "[[scheme]]\nname = \"of-named\"\nalgorithm = \"hmac-sha256\"\nkey = \"{{secret:n|unbase64}}\"\n\
                 signature = \"{{header:X-S|unhex}}\"\ncontent = \"{{body}}\"\n{}\
                 [key.secrets]\nn = {{ secret = \"{encoded}\" }}\n",
                key("k", "another secret of tests")
            ),
        ),
        (
            "{value|hmac-sha256:{secret}|hex}",
            "of-token",
            format!(
                "[[scheme]]\nname = \"of-token\"\nalgorithm = \"token\"\nunsigned_body = true\n\
                 key = \"{{secret|sha256|hex}}\"\nsignature = \"{{header:X-S}}\"\n{}",
                key("k", SECRET)
            ),
        ),
    ] {
        let route = format!(
            "scheme = \"{scheme}\"\nkeys = [\"k\"]{}",
            match scheme {
                "of-token" => "\nuncovered_body = true",
                _ => "",
            }
        );
        let told = whole(&two_schemes(answer, &route, &tables));
        assert!(
            told.contains("error: one key for two schemes"),
            "{scheme}: {told}"
        );
        let other = tables.replace(SECRET, OTHER);
        let other = other.replace(&encoded, &base64(OTHER));
        let loaded = files().load(&two_schemes(answer, &route, &other));
        assert!(loaded.is_ok(), "{scheme}: {}", loaded.unwrap_err());
    }
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
