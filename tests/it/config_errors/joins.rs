//! Schemes under which one signature would be good for several callbacks.

use insta::assert_snapshot;

use super::{REST, files, report, warnings};

/// A scheme of one form, with these lines.
fn scheme(lines: &str, content: &str) -> String {
    format!(
        "[[scheme]]\nname = \"s\"\nalgorithm = \"rsa-sha256\"\nsignature = {{ header = \"X-Sig\" }}\n\
         {lines}\n[scheme.content]\n{content}\n"
    )
}

/// The same, with a route of its own.
fn route(lines: &str, content: &str, route: &str) -> String {
    format!(
        "{}[[route]]\nname = \"r\"\npath = \"/r\"\nscheme = \"s\"\nupstream = \"echo\"\n{route}\n",
        scheme(lines, content)
    )
}

const HEADERS: &str = "timestamp = { header = \"X-Time\" }\nnonce = { header = \"X-Nonce\" }\n\
    key_id = { header = \"X-Key\" }";
const LINES: &str = "form = \"concat\"\nparts = \"{timestamp}\\n{nonce}\\n{body}\"";
const DOTS: &str = "form = \"concat\"\nparts = \"{timestamp}.{nonce}.{body}\"";

#[test]
fn values_without_a_certain_end_are_refused() {
    assert_snapshot!(report(&scheme(HEADERS, DOTS)), @r##"
    error: ambiguous content
      --> c.toml:10:1
       |
    10 | parts = "{timestamp}.{nonce}.{body}"
       | ^^^^^ `{nonce}` may hold `.` itself, so that nobody knows where it ends
       |
       = note: whoever has one callback could send others under its signature
       = help: compare `parts` with the provider's document; only if it really signs so, say `ambiguous_join = true` in the scheme: every callback is then marked with X-Verified-Ambiguous, and its identity is "{content}"
    "##);
    let touching = "form = \"concat\"\nparts = \"{timestamp}{nonce}{body}\"";
    assert_snapshot!(report(&scheme(HEADERS, touching)), @r##"
    error: ambiguous content
      --> c.toml:10:1
       |
    10 | parts = "{timestamp}{nonce}{body}"
       | ^^^^^ nothing stands between `{nonce}` and `{body}`, so that nobody knows where the first one ends
       |
       = note: whoever has one callback could send others under its signature
       = help: compare `parts` with the provider's document; only if it really signs so, say `ambiguous_join = true` in the scheme: every callback is then marked with X-Verified-Ambiguous, and its identity is "{content}"
    "##);
    assert_snapshot!(report(&scheme("", "form = \"sorted-fields\"\nassign = \"\"")), @r##"
    error: ambiguous content
     --> c.toml:8:1
      |
    8 | assign = ""
      | ^^^^^^ nothing ends a name: one signature covers the same text as other fields
      |
      = note: whoever has one callback could send others under its signature
      = help: compare `assign` with the provider's document; only if it really signs so, say `ambiguous_join = true` in the scheme: every callback is then marked with X-Verified-Ambiguous, and its identity is "{content}"
    "##);
    assert_snapshot!(report(&scheme("", "form = \"sorted-fields\"\nseparator = \"\"")), @r##"
    error: ambiguous content
     --> c.toml:8:1
      |
    8 | separator = ""
      | ^^^^^^^^^ nothing ends a value: one signature covers the same text as other fields
      |
      = note: whoever has one callback could send others under its signature
      = help: compare `separator` with the provider's document; only if it really signs so, say `ambiguous_join = true` in the scheme: every callback is then marked with X-Verified-Ambiguous, and its identity is "{content}"
    "##);
    assert_snapshot!(report(&scheme(&format!("{HEADERS}\nambiguous_join = true"), LINES)), @r##"
    error: needless setting
     --> c.toml:8:1
      |
    8 | ambiguous_join = true
      | ^^^^^^^^^^^^^^ what this scheme signs is unambiguous, or checked for each callback: `ambiguous_join` is not needed
      |
      = help: remove `ambiguous_join`
    "##);
}

#[test]
fn a_line_break_in_single_quotes_and_one_behind_a_field() {
    let single = "form = \"concat\"\nparts = '{nonce}\\n{body}'";
    assert_snapshot!(report(&scheme(HEADERS, single)), @r##"
    error: ambiguous content
      --> c.toml:10:1
       |
    10 | parts = '{nonce}\n{body}'
       | ^^^^^ `{nonce}` may hold `\n` itself, so that nobody knows where it ends
       |
       = note: whoever has one callback could send others under its signature
       = help: compare `parts` with the provider's document (in single quotes `\n` is no line break); only if it really signs so, say `ambiguous_join = true` in the scheme: every callback is then marked with X-Verified-Ambiguous, and its identity is "{content}"
    "##);
    let field = "nonce = { field = \"nonce\" }";
    let broken = "form = \"concat\"\nparts = \"{nonce}\\n{body}\"";
    assert_snapshot!(report(&scheme(field, broken)), @r##"
    error: ambiguous content
     --> c.toml:8:1
      |
    8 | parts = "{nonce}\n{body}"
      | ^^^^^ `{nonce}` comes from a body field and may hold `\n` itself, so that nobody knows where it ends
      |
      = note: whoever has one callback could send others under its signature
      = help: compare `parts` with the provider's document; only if it really signs so, say `ambiguous_join = true` in the scheme: every callback is then marked with X-Verified-Ambiguous, and its identity is "{content}"
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
            "form = \"concat\"\nparts = \"{timestamp}\\n{body}\"",
            "the signature does not cover `{nonce}`",
        ),
        (
            "identity = [\"order\"]",
            "form = \"concat\"\nparts = \"{timestamp}\\n{nonce}\"",
            "the signature does not cover `order`",
        ),
        (
            "identity = [\"{content}\", \"{nonce}\"]\nambiguous_join = true",
            DOTS,
            "`s` says `ambiguous_join`, so that nobody knows where `{nonce}` ends",
        ),
    ] {
        let lines = format!("{HEADERS}\n{lines}");
        let report = report(&scheme(&lines, content));
        assert!(report.contains("error: identity not certain"), "{report}");
        assert!(report.contains(why), "{report}");
    }
    let once = "keys = [\"good\"]\nonce = { identity = [\"{key_id}\", \"{nonce}\"] }";
    assert_snapshot!(report(&route(HEADERS, LINES, once)), @r##"
    warning: not signed
      --> c.toml:16:1
       |
    16 | keys = ["good"]
       | ^^^^ the signature does not cover `x-key`, and a key counts under several values of it: whoever repeats a callback can change it
       |
       = help: write a table with one key for each value, or have the backend go by the header X-Verified-Key

    error: identity not certain
      --> c.toml:17:10
       |
    17 | once = { identity = ["{key_id}", "{nonce}"] }
       |          ^^^^^^^^ the signature does not cover `{key_id}`: whoever has one callback could send it again and again with another one
       |
       = help: leave it out: where a header picks the keys, callbacks are told apart by the key that signed them; or write "{content}"
    "##);
}

#[test]
fn a_route_cannot_refuse_all() {
    let lines = format!("{HEADERS}\nambiguous_join = true");
    let refuse = "keys = [\"good\"]\nambiguous = \"refuse\"";
    assert_snapshot!(report(&route(&lines, DOTS, refuse)), @r##"
    warning: not signed
      --> c.toml:17:1
       |
    17 | keys = ["good"]
       | ^^^^ the signature does not cover `x-key`, and a key counts under several values of it: whoever repeats a callback can change it
       |
       = help: write a table with one key for each value, or have the backend go by the header X-Verified-Key

    error: no callback would pass
      --> c.toml:18:1
       |
    18 | ambiguous = "refuse"
       | ^^^^^^^^^ the scheme `s` says `ambiguous_join`: every callback would be refused
       |
       = help: remove `ambiguous`: each callback is marked for the backend
    "##);
}

#[test]
fn a_key_id_that_anybody_can_change() {
    let route = |keys: &str| route(HEADERS, LINES, &format!("{keys}\nmax_age = \"5m\""));
    assert_snapshot!(warnings(&route("keys = [\"good\"]")), @r##"
    warning: not signed
      --> c.toml:16:1
       |
    16 | keys = ["good"]
       | ^^^^ the signature does not cover `x-key`, and a key counts under several values of it: whoever repeats a callback can change it
       |
       = help: write a table with one key for each value, or have the backend go by the header X-Verified-Key
    "##);
    let table = "keys = { a = \"good\", b = \"good\" }";
    assert!(warnings(&route(table)).contains("does not cover `x-key`"));
    // It says which key must have signed, and nothing else.
    let table = "keys = { a = \"good\" }";
    let text = format!("{}{REST}", route(table));
    let loaded = files().load(&text).unwrap();
    assert_eq!(loaded.warnings.diagnostics(), []);
}

#[test]
fn a_digest_that_is_broken() {
    let content = format!("{LINES}\ndigest = \"md5-hex\"");
    let warned = warnings(&route(
        "",
        &content.replace("{timestamp}\\n{nonce}\\n", ""),
        "keys = [\"good\"]",
    ));
    assert_snapshot!(warned, @r##"
    warning: legacy digest
     --> c.toml:9:1
      |
    9 | digest = "md5-hex"
      | ^^^^^^ MD5 is broken against collisions, whatever signs its digits
      |
      = help: use it only if the provider offers nothing else
    "##);
}
