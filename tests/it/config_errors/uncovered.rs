//! What a signature does not cover: what a route may do with it, and what a scheme states of it.

use insta::assert_snapshot;

use super::{REST, files, report, warnings};

const ACCEPTED: &str = "accept_warnings = [\"weak_means\", \"secret_in_configuration\"]\n";

/// A scheme with these lines, and a route with these.
fn with(scheme: &str, route: &str) -> String {
    let content = if scheme.contains("content =") || scheme.contains("\"token\"") {
        ""
    } else {
        "content = \"{form:order}{secret}\"\n"
    };
    let algorithm = if scheme.contains("algorithm =") {
        ""
    } else {
        "algorithm = \"sha256\"\n"
    };
    format!(
        "{ACCEPTED}[[key]]\nid = \"shop\"\nsecret = \"a secret of 21 bytes.\"\n\
         [[scheme]]\nname = \"s\"\n{algorithm}signature = \"{{form:sign|unhex}}\"\n{content}{scheme}\n\
         [[route]]\nname = \"r\"\npath = \"/r\"\nscheme = \"s\"\nkeys = [\"shop\"]\nupstream = \"echo\"\n\
         {route}\n"
    )
}

const STATED: &str = "not_covered = [\"query\", \"fields\"]";

/// A scheme that signs a parameter of the query, and nothing of the body.
fn of_query(route: &str) -> String {
    with(
        "content = \"{query:order}{secret}\"\nnot_covered = [\"query\", \"body\"]",
        route,
    )
    .replace("{form:sign|unhex}", "{query:sign|unhex}")
}

#[test]
fn a_route_says_that_it_takes_a_body_that_nobody_signed_or_takes_it_once() {
    assert_snapshot!(report(&of_query("")), @r##"
    error: body not covered
      --> c.toml:14:1
       |
    14 | scheme = "s"
       | ^^^^^^ the signatures of the scheme `s` do not cover the body: whoever has a callback can send it again with another one
       |
       = help: add `once = true`, so that each signature is good for one delivery; or, if the backend takes nothing from the body, add `uncovered_body = true`
    "##);
    for route in ["uncovered_body = true", "methods = [\"GET\"]"] {
        let loaded = files().load(&format!("{}{REST}", of_query(route))).unwrap();
        assert!(loaded.warnings.is_empty(), "{route}: {}", loaded.warnings);
        let needs = &loaded.config.routes[0].policy.requirements;
        assert_eq!(needs.no_body, route.contains("GET"), "{route}");
    }
    let once = of_query("").replace(ACCEPTED, &format!("{ACCEPTED}[once]\n"));
    let once = format!("{once}{REST}");
    assert!(files().load(&once).is_ok());
    assert_snapshot!(report(&with(STATED, "uncovered_body = true")), @r##"
    error: needless setting
      --> c.toml:17:1
       |
    17 | uncovered_body = true
       | ^^^^^^^^^^^^^^ the signatures of the scheme `s` cover the body
       |
       = help: remove `uncovered_body`
    "##);
}

#[test]
fn callbacks_that_nothing_signed_tells_apart_are_not_remembered() {
    let token = "algorithm = \"token\"\nunsigned_body = true\nnot_covered = [\"query\"]";
    assert_snapshot!(report(&with(token, "once = true\nuncovered_body = true")), @r##"
    error: identity not certain
      --> c.toml:17:1
       |
    17 | once = true
       | ^^^^ the signatures of the scheme `s` cover nothing that differs from one callback to the next: all but the first would be repeats
       |
       = help: write `once = false`, and let the backend recognise repeats
    "##);
    assert_snapshot!(report(&with(token, "")), @r##"
    error: body not covered
      --> c.toml:14:1
       |
    14 | scheme = "s"
       | ^^^^^^ the signatures of the scheme `s` do not cover the body: whoever has a callback can send it again with another one
       |
       = help: if the backend takes nothing from the body, add `uncovered_body = true`
    "##);
}

#[test]
fn a_route_reads_only_fields_that_are_signed_or_stated_not_to_be() {
    for line in [
        "fields = { \"X-Amount\" = \"amount\" }",
        "require = { amount = \"string\" }",
    ] {
        let report = report(&with(STATED, line));
        assert!(report.contains("error: field not signed"), "{report}");
        let stated =
            "matters = { sum = \"{form:amount}\" }\nnot_covered = [\"query\", \"fields\", \"sum\"]";
        let loaded = files().load(&format!("{}{REST}", with(stated, line)));
        assert!(loaded.unwrap().warnings.is_empty(), "{line}");
        let signed = line.replace("amount", "order");
        let loaded = files().load(&format!("{}{REST}", with(STATED, &signed)));
        assert!(loaded.unwrap().warnings.is_empty(), "{signed}");
    }
    assert_snapshot!(report(&with(STATED, "fields = { \"X-Amount\" = \"amount\" }")), @r##"
    error: field not signed
      --> c.toml:17:25
       |
    17 | fields = { "X-Amount" = "amount" }
       |                         ^^^^^^^^ the signature of the scheme `s` does not cover this field: whoever has a callback can change it
       |
       = help: name a field that is signed; to use this one all the same, state it in the scheme: `matters = { unsigned = "{form:amount}" }` and `not_covered = ["unsigned"]`
    "##);
    let built_in = "[[route]]\nname = \"r\"\npath = \"/r\"\nscheme = \"cheezeepay\"\nkeys = [\"good\"]\n\
                    upstream = \"echo\"\nfields = { \"X-Sign\" = \"sign\" }\n";
    assert!(report(built_in).contains("help: name another field"));
}

#[test]
fn what_is_not_covered_on_a_route_is_warned_of_until_it_is_stated() {
    let many = "methods = [\"POST\", \"PUT\"]";
    assert_snapshot!(warnings(&with("", many).replace("path =", "path_prefix =")), @r##"
    warning[not_signed]: not signed
      --> c.toml:14:1
       |
    14 | scheme = "s"
       | ^^^^^^ the signatures of the scheme `s` do not cover the method, the path, the query, fields other than `order`: an attacker can change that in a captured callback
       |
       = help: let the backend use only what is signed, and state the rest in the scheme: `not_covered = ["method", "path", "query", "fields"]`
    "##);
    let part = "not_covered = [\"fields\"]";
    assert!(warnings(&with(part, "")).contains("do not cover the query:"));
    let all = "not_covered = [\"method\", \"target\", \"fields\"]";
    let stated = with(all, many).replace("path =", "path_prefix =");
    let loaded = files().load(&format!("{stated}{REST}")).unwrap();
    assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
}

#[test]
fn statements_that_are_not_true_are_refused() {
    for (lines, why) in [
        (
            "not_covered = [\"body\"]",
            "write \"fields\": it covers some",
        ),
        (
            "not_covered = [\"amount\"]",
            "neither a part of a callback nor in `matters`",
        ),
        ("not_covered = [\"qurey\"]", "did you mean `query`?"),
        (
            "content = \"{form:order|lower}{secret}\"\nnot_covered = [\"fields\"]",
            "covers no value of the body whole, for `lower` loses the case of letters of `{form:order|lower}`",
        ),
        (
            "content = \"{method}[;{form:order}]{secret}\"\nnot_covered = [\"fields\"]",
            "covers no value of the body whole, for `{form:order}` is in an optional part",
        ),
        (
            "content = \"{query:order}{secret}\"\nnot_covered = [\"fields\"]",
            "this says too little: the signature covers nothing of the body",
        ),
        (
            "not_covered = [\"query\", \"query\"]",
            "it is already listed",
        ),
        (
            "not_covered = [\"nonce\"]",
            "callbacks of this scheme have none",
        ),
        (
            "content = \"{method}\\n{form:order}{secret}\"\nnot_covered = [\"method\"]",
            "this is not true: the signature covers it",
        ),
        (
            "matters = { query = \"{form:order}\" }",
            "`query` has a meaning in `not_covered`",
        ),
        (
            "matters = { sum = \"7\" }",
            "this is the same in every callback",
        ),
        (
            "matters = { sum = \"{form:order}\" }\nnot_covered = [\"sum\"]",
            "the signature covers `sum`",
        ),
    ] {
        let report = report(&with(lines, ""));
        assert!(report.contains(why), "{lines}: {report}");
    }
    assert_snapshot!(report(&with("matters = { sum = \"{form:amount}\" }", "")), @r##"
    error: invalid scheme
      --> c.toml:10:19
       |
    10 | matters = { sum = "{form:amount}" }
       |                   ^^^^^^^^^^^^^^^ the signature does not cover this: whoever has a callback can change it
       |
       = help: add it to the signed content, if the provider signs it; otherwise state it: `not_covered = ["sum"]`
    "##);
}

#[test]
fn what_closes_a_border_can_be_written_as_it_is_named() {
    let touching = "content = \"{form:order}{form:amount}{form:status}{secret}\"\n\
                    not_covered = [\"query\", \"fields\"]";
    let shown = report(&with(touching, ""));
    let require = "require = { \"{form:order}\" = \"[0-9]{10}\", \"{form:amount}\" = \"[0-9]{10}\"";
    let named = shown.split('`').find(|part| part.starts_with("require = "));
    let named = named.unwrap_or_else(|| panic!("{require}: {shown}"));
    let loaded = files().load(&format!(
        "{}{REST}",
        with(&format!("{touching}\n{named}"), "")
    ));
    assert!(loaded.is_ok(), "{named}: {}", loaded.unwrap_err());
    let stated = format!("{touching}\nambiguous_join = true");
    assert_snapshot!(warnings(&with(&stated, "")), @r##"
    warning[ambiguous_join]: values that touch
     --> c.toml:9:12
      |
    9 | content = "{form:order}{form:amount}{form:status}{secret}"
      |            ^^^^^^^^^^^^ `{form:order}` and `{form:amount}` touch: nothing separates them; `{form:amount}` and `{form:status}` touch: nothing separates them
      |
      = note: every callback is marked with X-Verified-Ambiguous
      = help: if the provider's documentation says how long a value is, or which characters it has, say so in place of `ambiguous_join`, for example `require = { "{form:order}" = "[0-9]{10}", "{form:amount}" = "[0-9]{10}" }`
    "##);
}

#[test]
fn weak_means_are_named() {
    for (scheme, word) in [
        ("content = \"{secret}{form:order}\"", "can be continued"),
        ("", "proves less than an HMAC"),
        (
            "algorithm = \"token\"\nunsigned_body = true",
            "covers nothing of it",
        ),
    ] {
        let text = with(scheme, "").replace(ACCEPTED, "");
        let route = text.find("[[route]]").unwrap();
        let warned = warnings(&text[..route]);
        assert!(warned.contains("warning[weak_means]"), "{warned}");
        assert!(warned.contains(word), "{word}: {warned}");
    }
}

#[test]
fn a_secret_in_an_expression_is_warned_of_and_masked() {
    let planted = "algorithm = \"hmac-sha256\"\ncontent = \"{form:order}&key=hunter2hunter2\"";
    let warned = warnings(&with(planted, "").replace(ACCEPTED, ""));
    assert!(warned.contains("this looks like a secret"), "{warned}");
    assert!(
        warned.contains("warning[secret_in_configuration]"),
        "{warned}"
    );
    assert!(!warned.contains("hunter2"), "{warned}");
}

#[test]
fn a_token_in_a_field_is_never_logged() {
    let token = "algorithm = \"token\"\nunsigned_body = true\nnot_covered = [\"query\"]";
    let route = "uncovered_body = true\nfields = { \"X-Token\" = \"sign\" }";
    let text = with(token, route).replace("|unhex", "");
    let report = report(&format!("{text}[log]\nformat = \"$field_sign\"\n"));
    assert!(report.contains("error: signature in the log"), "{report}");
}
