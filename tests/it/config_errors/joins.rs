//! Schemes under which one signature would be valid for several callbacks.

use insta::assert_snapshot;

use super::{REST, files, report, warnings};

/// A scheme with this content form and these lines.
fn scheme(lines: &str, content: &str) -> String {
    format!(
        "[[scheme]]\nname = \"s\"\nalgorithm = \"rsa-sha256\"\nsignature = \"{{header:X-Sig|unbase64}}\"\n\
         {lines}\n{content}\n"
    )
}

/// The scheme and a route that uses it.
fn route(lines: &str, content: &str, route: &str) -> String {
    format!(
        "{}[[route]]\nname = \"r\"\npath = \"/r\"\nscheme = \"s\"\nupstream = \"echo\"\n{route}\n",
        scheme(&format!("{lines}\nnot_covered = [\"query\"]"), content)
    )
}

const HEADERS: &str = "timestamp = \"{header:X-Time}\"\nmax_age = \"5m\"\nnonce = \"{header:X-Nonce|max:128}\"\n\
    key_id = \"{header:X-Key}\"";
const LINES: &str = "content = \"{timestamp}\\n{nonce}\\n{body}\"";
const DOTS: &str = "content = \"{timestamp}.{nonce}.{body}\"";

#[test]
fn values_without_a_certain_end_are_refused() {
    assert_snapshot!(report(&scheme(HEADERS, DOTS)), @r##"
    error: ambiguous content
     --> c.toml:9:24
      |
    9 | content = "{timestamp}.{nonce}.{body}"
      |                        ^^^^^^^ `{nonce}` may contain ".", which follows it
      |
      = note: whoever has one callback could forge others under its signature
      = help: compare it with the provider's documentation: if it says how long a value is, or which characters it has, say so, for example `require = { "{nonce}" = "[^.]*" }`; only if it really signs this way, set `ambiguous_join = true` in the scheme: every callback is then marked with X-Verified-Ambiguous, and its identity is "{content}"
    "##);
    let touching = "content = \"{timestamp}{nonce}{body}\"";
    assert_snapshot!(report(&scheme(HEADERS, touching)), @r##"
    error: ambiguous content
     --> c.toml:9:23
      |
    9 | content = "{timestamp}{nonce}{body}"
      |                       ^^^^^^^ `{nonce}` and `{body}` touch: nothing separates them
      |
      = note: whoever has one callback could forge others under its signature
      = help: compare it with the provider's documentation: if it says how long a value is, or which characters it has, say so, for example `require = { "{nonce}" = "[0-9]{10}" }`; only if it really signs this way, set `ambiguous_join = true` in the scheme: every callback is then marked with X-Verified-Ambiguous, and its identity is "{content}"
    "##);
    assert_snapshot!(report(&scheme("", "content = \"{fields}\"\nfields = { from = \"json\", order = \"bytes\", pair = \"{name}{value}\", between = \"&\" }")), @r##"
    error: ambiguous content
     --> c.toml:7:1
      |
    7 | fields = { from = "json", order = "bytes", pair = "{name}{value}", between = "&" }
      | ^^^^^^ nothing separates a field's name from its value in `{fields}`
      |
      = note: whoever has one callback could forge others under its signature
      = help: compare it with the provider's documentation; only if it really signs this way, set `ambiguous_join = true` in the scheme: every callback is then marked with X-Verified-Ambiguous, and its identity is "{content}"
    "##);
    assert_snapshot!(report(&scheme("", "content = \"{fields}\"\nfields = { from = \"json\", order = \"bytes\", pair = \"{name}={value}\" }")), @r##"
    error: ambiguous content
     --> c.toml:7:1
      |
    7 | fields = { from = "json", order = "bytes", pair = "{name}={value}" }
      | ^^^^^^ nothing separates the fields of `{fields}`
      |
      = note: whoever has one callback could forge others under its signature
      = help: compare it with the provider's documentation; only if it really signs this way, set `ambiguous_join = true` in the scheme: every callback is then marked with X-Verified-Ambiguous, and its identity is "{content}"
    "##);
    assert_snapshot!(report(&scheme(&format!("{HEADERS}\nambiguous_join = true"), LINES)), @r##"
    error: needless setting
     --> c.toml:9:1
      |
    9 | ambiguous_join = true
      | ^^^^^^^^^^^^^^ the content that this scheme signs is unambiguous, or checked for each callback: `ambiguous_join` is not needed
      |
      = help: remove `ambiguous_join`
    "##);
}

#[test]
fn a_line_break_in_single_quotes_and_one_behind_a_field() {
    let single = "content = '{nonce}\\n{body}'";
    assert_snapshot!(report(&scheme(HEADERS, single)), @r##"
    warning[escape_as_text]: escape as text
     --> c.toml:9:11
      |
    9 | content = '{nonce}\n{body}'
      |           ^^^^^^^^^^^^^^^^^ `\n` here is a backslash and a letter, as text
      |
      = help: for a line break, write `\n` with one backslash in double quotes: in single quotes it is not one

    error: ambiguous content
     --> c.toml:9:12
      |
    9 | content = '{nonce}\n{body}'
      |            ^^^^^^^ `{nonce}` may contain "\\n", which follows it
      |
      = note: whoever has one callback could forge others under its signature
      = help: compare it with the provider's documentation (in single quotes, `\n` is not a line break); only if it really signs this way, set `ambiguous_join = true` in the scheme: every callback is then marked with X-Verified-Ambiguous, and its identity is "{content}"
    "##);
    let field = "nonce = \"{field:nonce|max:128}\"";
    let broken = "content = \"{nonce}\\n{body}\"";
    assert_snapshot!(report(&scheme(field, broken)), @r##"
    error: ambiguous content
     --> c.toml:6:12
      |
    6 | content = "{nonce}\n{body}"
      |            ^^^^^^^ `{nonce}` may contain "\n", which follows it
      |
      = note: whoever has one callback could forge others under its signature
      = help: compare it with the provider's documentation: if it says how long a value is, or which characters it has, say so, for example `require = { "{nonce}" = "[^\\n]*" }`; only if it really signs this way, set `ambiguous_join = true` in the scheme: every callback is then marked with X-Verified-Ambiguous, and its identity is "{content}"
    "##);
}

#[test]
fn ambiguous_identities_are_refused() {
    for (lines, content, why) in [
        (
            "identity = [\"{key_id}\"]",
            LINES,
            "the signature does not cover `{key_id}`",
        ),
        (
            "identity = [\"{nonce}\"]",
            "content = \"{timestamp}\\n{body}\"",
            "the signature does not cover `{nonce}`",
        ),
        (
            "identity = [\"order\"]",
            "content = \"{timestamp}\\n{nonce}\"",
            "the signature does not cover `order`",
        ),
        (
            "identity = [\"{content}\", \"{nonce}\"]\nambiguous_join = true",
            DOTS,
            "`s` sets `ambiguous_join`, so the end of `{nonce}` is ambiguous",
        ),
    ] {
        let lines = format!("{HEADERS}\n{lines}");
        let report = report(&scheme(&lines, content));
        assert!(report.contains("error: identity not certain"), "{report}");
        assert!(report.contains(why), "{report}");
    }
    let once = "keys = [\"good\"]\nonce = { identity = [\"{key_id}\", \"{nonce}\"] }";
    assert_snapshot!(report(&route(HEADERS, LINES, once)), @r##"
    warning[not_signed]: not signed
      --> c.toml:16:1
       |
    16 | keys = ["good"]
       | ^^^^ the signature does not cover `x-key`, and a key is valid for several of its values: an attacker can change it in a captured callback
       |
       = help: write a table with one key for each value, such as `keys = { "id" = "key" }`, or make the backend use the header X-Verified-Key

    error: identity not certain
      --> c.toml:17:10
       |
    17 | once = { identity = ["{key_id}", "{nonce}"] }
       |          ^^^^^^^^ the signature does not cover `{key_id}`: whoever has one callback could replay it with another value
       |
       = help: remove it: if a header selects the keys, callbacks are told apart by the key that signed them; or write "{content}"
    "##);
}

#[test]
fn a_route_cannot_refuse_all() {
    let lines = format!("{HEADERS}\nambiguous_join = true");
    let refuse = "keys = [\"good\"]\nambiguous = \"refuse\"";
    assert_snapshot!(report(&route(&lines, DOTS, refuse)), @r##"
    warning[ambiguous_join]: values that touch
      --> c.toml:11:24
       |
    11 | content = "{timestamp}.{nonce}.{body}"
       |                        ^^^^^^^ `{nonce}` may contain ".", which follows it
       |
       = note: every callback is marked with X-Verified-Ambiguous
       = help: if the provider's documentation says how long a value is, or which characters it has, say so in place of `ambiguous_join`, for example `require = { "{nonce}" = "[^.]*" }`

    warning[not_signed]: not signed
      --> c.toml:17:1
       |
    17 | keys = ["good"]
       | ^^^^ the signature does not cover `x-key`, and a key is valid for several of its values: an attacker can change it in a captured callback
       |
       = help: write a table with one key for each value, such as `keys = { "id" = "key" }`, or make the backend use the header X-Verified-Key

    error: no callback would pass
      --> c.toml:18:1
       |
    18 | ambiguous = "refuse"
       | ^^^^^^^^^ the scheme `s` sets `ambiguous_join`: every callback would be refused
       |
       = help: remove `ambiguous`: each callback is marked for the backend
    "##);
}

#[test]
fn a_key_id_that_anybody_can_change() {
    let route = |keys: &str| route(HEADERS, LINES, &format!("{keys}\nmax_age = \"5m\""));
    assert_snapshot!(warnings(&route("keys = [\"good\"]")), @r##"
    warning[not_signed]: not signed
      --> c.toml:16:1
       |
    16 | keys = ["good"]
       | ^^^^ the signature does not cover `x-key`, and a key is valid for several of its values: an attacker can change it in a captured callback
       |
       = help: write a table with one key for each value, such as `keys = { "id" = "key" }`, or make the backend use the header X-Verified-Key
    "##);
    let table = "keys = { a = \"good\", b = \"good\" }";
    assert!(warnings(&route(table)).contains("does not cover `x-key`"));
    // A table with one entry only says which key must have signed.
    let table = "keys = { a = \"good\" }";
    let text = format!("{}{REST}", route(table));
    let loaded = files().load(&text).unwrap();
    assert_eq!(loaded.warnings.diagnostics(), []);
}

#[test]
fn a_digest_that_is_broken() {
    let content = format!("{LINES}\nsigned = \"{{content|md5|hex}}\"");
    let warned = warnings(&route(
        "",
        &content.replace("{timestamp}\\n{nonce}\\n", ""),
        "keys = [\"good\"]",
    ));
    assert_snapshot!(warned, @r##"
    warning[legacy_digest]: legacy digest
     --> c.toml:8:11
      |
    8 | signed = "{content|md5|hex}"
      |           ^^^^^^^^^^^^^^^^^ MD5 is broken against collisions, whatever signs the digest
      |
      = help: use it only if the provider offers nothing else
    "##);
    // Wherever it is, and whatever signs it.
    for content in [
        "content = \"{body|md5|hex}\"",
        "content = \"{method}\\n{s}\"\nlet = { s = \"{body|sha1}\" }",
        "content = \"{fields}\"\nfields = { from = \"json\", order = \"bytes\", between = \"&\", \
         pair = \"{name}={value|md5|hex}\" }",
        "content = \"{header:Content-MD5}\"\ncheck = { \"{body|md5|base64}\" = \"{header:Content-MD5}\" }",
    ] {
        let warned = warnings(&route("", content, "keys = [\"good\"]"));
        assert_eq!(
            warned.matches("warning[legacy_digest]").count(),
            1,
            "{warned}"
        );
    }
    // No digest of the callback.
    for (content, values) in [
        ("content = \"{body|sha256|hex}\"", ""),
        (
            "content = \"{value:merchant|md5|hex};{body}\"",
            "\nvalues = { merchant = \"m\" }",
        ),
    ] {
        let route = route("", content, &format!("keys = [\"good\"]{values}"));
        let files = files();
        let loaded = files.load(&format!("{route}{REST}")).unwrap();
        let warned = crate::config_files::relative(&loaded.warnings, &files);
        assert!(!warned.contains("legacy_digest"), "{warned}");
    }
}

#[test]
fn a_value_that_is_signed_in_part() {
    let content = "content = \"{field:id|json:js};{field:amount|remove:'.,'}\"";
    let route = route("body = \"json\"", content, "keys = [\"good\"]");
    assert_snapshot!(warnings(&route), @r##"
    warning[not_signed]: not signed
     --> c.toml:7:31
      |
    7 | content = "{field:id|json:js};{field:amount|remove:'.,'}"
      |                               ^^^^^^^^^^^^^^^^^^^^^^^^^^ the signature does not cover `{field:amount|remove:'.,'}` whole: `remove` loses the characters that it removes; an attacker can change that in a captured callback
      |
      = help: compare it with the provider's documentation; if the provider signs it so, the backend must not rely on what is lost

    warning[not_signed]: not signed
      --> c.toml:11:1
       |
    11 | scheme = "s"
       | ^^^^^^ the signatures of the scheme `s` do not cover fields other than `id`: an attacker can change that in a captured callback
       |
       = help: let the backend use only what is signed, and state the rest in the scheme: `not_covered = ["fields"]`
    "##);
}
