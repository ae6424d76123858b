//! What a scheme must not answer, and handshakes that anybody could make callbacks of.

use insta::assert_snapshot;

use super::whole;

/// What is wrong with a configuration whose scheme has these lines, and whose route these.
pub(super) fn with(scheme: &str, route: &str) -> String {
    whole(&hook_with(scheme, route))
}

/// The configuration.
pub(super) fn hook_with(scheme: &str, route: &str) -> String {
    format!(
        r#"accept_warnings = ["secret_in_configuration", "not_signed"]
[[scheme]]
name = "hook"
algorithm = "hmac-sha256"
signature = "{{header:X-Signature|unhex}}"
{scheme}
[[listener]]
address = "127.0.0.1:0"
[[key]]
id = "hook"
secret = "a secret of tests alone"
[[route]]
name = "hook"
path = "/hook"
scheme = "hook"
keys = ["hook"]
upstream = "echo"
{route}
"#
    )
}

pub(super) fn scheme(lines: &str) -> String {
    with(&format!("content = \"{{body}}\"\n{lines}"), "")
}

#[test]
fn an_acknowledgement_has_signed_values_and_no_secret() {
    assert_snapshot!(scheme("acknowledge = { body = \"OK{header:X-Id}\" }"), @r##"
    error: invalid expression
     --> c.toml:7:27
      |
    7 | acknowledge = { body = "OK{header:X-Id}" }
      |                           ^^^^^^^^^^^^^ the signature does not cover this: whoever has a callback could choose the answer
      |
      = help: docs/schemes.md lists the sources and filters, and shows a scheme step by step
    "##);
    assert_snapshot!(scheme("acknowledge = { body = \"{secret}\" }"), @r##"
    error: invalid expression
     --> c.toml:7:26
      |
    7 | acknowledge = { body = "{secret}" }
      |                          ^^^^^^ a secret may not be used here: it would be told to others
      |
      = help: docs/schemes.md lists the sources and filters, and shows a scheme step by step
    "##);
    assert_snapshot!(scheme("let = { s = \"{secret|sha256|hex}\" }\nacknowledge = { body = \"OK{s}\" }"), @r##"
    error: invalid expression
     --> c.toml:8:27
      |
    8 | acknowledge = { body = "OK{s}" }
      |                           ^^^ a secret is in this, and an answer would tell it
      |
      = help: docs/schemes.md lists the sources and filters, and shows a scheme step by step
    "##);
}

#[test]
fn an_acknowledgement_is_what_it_says_to_be() {
    assert_snapshot!(scheme( "acknowledge = { content_type = \"application/json\", body = '{{\"id\":{field:id}}}' }", ), @r##"
    error: invalid expression
     --> c.toml:7:67
      |
    7 | acknowledge = { content_type = "application/json", body = '{{"id":{field:id}}}' }
      |                                                                   ^^^^^^^^^^ in JSON, a value stands in a string: put double quotes around it
      |
      = help: docs/schemes.md lists the sources and filters, and shows a scheme step by step
    "##);
    assert_snapshot!(scheme("acknowledge = { content_type = \"application/json\", body = '{{\"id\":}}' }"), @r##"
    error: invalid scheme
     --> c.toml:7:59
      |
    7 | acknowledge = { content_type = "application/json", body = '{{"id":}}' }
      |                                                           ^^^^^^^^^^^ this is not JSON
      |
      = help: write each `{` and `}` of the JSON twice: `{{"code":"{field:code}"}}`
    "##);
    assert_snapshot!(scheme("acknowledge = { content_type = \"application/xml\", body = '<a>{field:id}</a>' }"), @r##"
    error: invalid expression
     --> c.toml:7:62
      |
    7 | acknowledge = { content_type = "application/xml", body = '<a>{field:id}</a>' }
      |                                                              ^^^^^^^^^^ no value stands in XML: it could be read as elements
      |
      = help: docs/schemes.md lists the sources and filters, and shows a scheme step by step
    "##);
    assert_snapshot!(scheme("acknowledge = { content_type = \"text/html\", body = 'ok' }"), @r##"
    error: unknown value
     --> c.toml:7:32
      |
    7 | acknowledge = { content_type = "text/html", body = 'ok' }
      |                                ^^^^^^^^^^^ no answer has this Content-Type
      |
      = help: did you mean `text/xml`?
    "##);
    assert_snapshot!(scheme("acknowledge = { status = 203, body = 'ok' }"), @r##"
    error: invalid scheme
     --> c.toml:7:26
      |
    7 | acknowledge = { status = 203, body = 'ok' }
      |                          ^^^ an answer has the status 200, 201, 202 or 204
      |
      = help: docs/schemes.md lists the sources and filters, and shows a scheme step by step
    "##);
    assert_snapshot!(scheme("acknowledge = { status = 204, body = 'ok' }"), @r##"
    error: invalid scheme
     --> c.toml:7:38
      |
    7 | acknowledge = { status = 204, body = 'ok' }
      |                                      ^^^^ an answer with the status 204 has no body
      |
      = help: docs/schemes.md lists the sources and filters, and shows a scheme step by step
    "##);
}

#[test]
fn a_refusal_has_a_status_with_which_no_provider_goes_away() {
    assert_snapshot!(scheme("refuse = { status = 410 }"), @r##"
    error: invalid status
     --> c.toml:7:21
      |
    7 | refuse = { status = 410 }
      |                     ^^^ callbacks are not refused with this status
      |
      = help: write 400, 401, 403, 412 or 422: with others, providers stop or go elsewhere
    "##);
    assert_snapshot!(scheme("refuse = {}"), @r##"
    error: missing key
     --> c.toml:7:10
      |
    7 | refuse = {}
      |          ^^ `refuse` needs the key `status`
      |
      = help: add `status = 401`, or what the provider's documentation says
    "##);
}

#[test]
fn a_route_answers_with_its_schemes_words_only_where_there_are_some() {
    assert_snapshot!(with("content = \"{body}\"", "acknowledge = \"scheme\""), @r##"
    error: no acknowledgement
      --> c.toml:18:15
       |
    18 | acknowledge = "scheme"
       |               ^^^^^^^^ the scheme `hook` does not say what the provider wants to be answered
       |
       = help: add `acknowledge = { body = "..." }` to the scheme, with what the provider's documentation says; or write "backend", and let the backend answer
    "##);
    assert_snapshot!(with( "content = \"{body}\"\nacknowledge = { body = \"ok\" }", "acknowledge = \"scheme\"\nsuccess_as_200 = true", ), @r##"
    error: conflicting keys
      --> c.toml:19:15
       |
    19 | acknowledge = "scheme"
       |               ^^^^^^^^ the scheme's answer has a status of its own
    20 | success_as_200 = true
       | -------------- this sets another one
       |
       = help: remove `success_as_200`, or `acknowledge`
    "##);
}
